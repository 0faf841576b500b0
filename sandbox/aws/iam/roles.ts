import type { Properties } from "../../provider/types";
import { arn, digest } from "../naming";
import { policyDocument, type PolicyRule } from "../policyDocuments";
import type { CreateContext, ResourceRecord, ValidateContext } from "../record";
import { between, named, refusals, taken, when, type NameRule } from "../rules";
import { blocks, text, texts } from "../values";
import { policyExists } from "./policies";

const QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";
const API = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/iam/${name}/`;

const roleName: NameRule = { property: "name", maxLength: 64, pattern: /^[\w+=,.@-]+$/ };
const profileName: NameRule = { property: "name", maxLength: 128, pattern: /^[\w+=,.@-]+$/ };
const trustRule: PolicyRule = { kind: "trust", code: "MalformedPolicyDocument", maxLength: 2048, source: QUOTAS };
const inlineRule: PolicyRule = { kind: "identity", code: "MalformedPolicyDocument", maxLength: 10_240, source: QUOTAS };
/** Quota "Managed policies attached to an IAM role", default value. */
const MOST_ATTACHED = 10;

/** Outputs of what IAM calls an entity: path, ARN and unique id (`AROA…` a role, `AIPA…` an instance profile). */
function entity(context: CreateContext & { readonly previous?: Properties }, kind: string, prefix: string) {
  const name = text(context.inputs.name) ?? "";
  const path = text(context.inputs.path) ?? "/";
  return {
    name,
    path,
    arn: arn(context, "iam", `${kind}${path}${name}`, ["region"]),
    uniqueId: prefix + digest(`${kind}/${name}`, 17, "upper"),
    createDate: context.previous?.["createDate"] ?? new Date().toISOString(),
  };
}

const role: ResourceRecord = {
  type: "aws:iam/role:Role",
  source: registry("role"),
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { ...roleName },
  defaults: { path: "/", maxSessionDuration: 3600, forceDetachPolicies: false },
  outputs: (context) => entity(context, "role", "AROA"),
  errors: { notFound: "NoSuchEntity", inUse: "DeleteConflict" },
  validate: (context) => {
    const { inputs, world, preview } = context;
    const attached = texts(inputs.managedPolicyArns);
    const boundary = text(inputs.permissionsBoundary);
    return refusals(
      named(inputs, roleName, "ValidationError", QUOTAS),
      policyDocument({ world, preview }, "assumeRolePolicy", inputs.assumeRolePolicy, trustRule),
      between("maxSessionDuration", inputs.maxSessionDuration, 3600, 43_200, "ValidationError", API),
      pathRule(context),
      when(
        (text(inputs.description) ?? "").length > 1000,
        "ValidationError",
        "description is over 1000 characters",
        API,
      ),
      when(attached.length > MOST_ATTACHED, "LimitExceeded", `more than ${MOST_ATTACHED} managed policies`, QUOTAS),
      ...attached.map((policy) => policyExists(context, policy)),
      boundary === undefined ? undefined : policyExists(context, boundary),
      ...blocks(inputs.inlinePolicies).map((inline, index) =>
        policyDocument({ world, preview }, `inlinePolicies[${index}]`, inline.policy, inlineRule),
      ),
    );
  },
  conflicts: (context) => refusals(taken(context, "aws:iam/role:Role", "name", "EntityAlreadyExists", API, "global")),
  seconds: { create: 2, delete: 2 },
};

const rolePolicy: ResourceRecord = {
  type: "aws:iam/rolePolicy:RolePolicy",
  source: registry("rolepolicy"),
  id: ({ inputs }) => `${text(inputs.role) ?? ""}:${text(inputs.name) ?? ""}`,
  autoname: { property: "name", maxLength: 128, pattern: /^[\w+=,.@-]+$/ },
  references: [{ path: "role", to: "aws:iam/role:Role" }],
  validate: ({ inputs, world, preview }) =>
    refusals(
      named(inputs, { ...profileName, property: "name" }, "ValidationError", QUOTAS),
      policyDocument({ world, preview }, "policy", inputs.policy, inlineRule),
    ),
  seconds: { create: 1 },
};

const rolePolicyAttachment: ResourceRecord = {
  type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  source: registry("rolepolicyattachment"),
  id: ({ inputs }) => `${text(inputs.role) ?? ""}/${text(inputs.policyArn) ?? ""}`,
  references: [{ path: "role", to: "aws:iam/role:Role" }],
  validate: (context) => {
    const policy = text(context.inputs.policyArn);
    return refusals(policy === undefined ? undefined : policyExists(context, policy));
  },
  conflicts: ({ world, inputs, id }) => {
    const siblings = world
      .list("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
      .filter((other) => other.id !== id && other.properties.role === inputs.role);
    return refusals(
      when(
        siblings.length >= MOST_ATTACHED,
        "LimitExceeded",
        `role ${text(inputs.role) ?? ""} has ${MOST_ATTACHED} managed policies already: put several into one policy`,
        QUOTAS,
      ),
    );
  },
  seconds: { create: 1 },
};

const instanceProfile: ResourceRecord = {
  type: "aws:iam/instanceProfile:InstanceProfile",
  source: registry("instanceprofile"),
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { ...profileName },
  defaults: { path: "/" },
  outputs: (context) => entity(context, "instance-profile", "AIPA"),
  references: [{ path: "role", to: "aws:iam/role:Role" }],
  validate: (context) => refusals(named(context.inputs, profileName, "ValidationError", QUOTAS), pathRule(context)),
  conflicts: (context) =>
    refusals(taken(context, "aws:iam/instanceProfile:InstanceProfile", "name", "EntityAlreadyExists", API, "global")),
  seconds: { create: 7 },
};

const serviceLinkedRole: ResourceRecord = {
  type: "aws:iam/serviceLinkedRole:ServiceLinkedRole",
  source: registry("servicelinkedrole"),
  id: (context) => serviceLinkedOutputs(context).arn,
  outputs: serviceLinkedOutputs,
  validate: ({ inputs }) =>
    refusals(
      when(
        !/^[\w.-]+\.amazonaws\.com(\.cn)?$/.test(text(inputs.awsServiceName) ?? "es.amazonaws.com"),
        "InvalidInput",
        "awsServiceName is a service principal such as opensearchservice.amazonaws.com",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html",
      ),
    ),
  conflicts: (context) => {
    const roleArn = serviceLinkedOutputs(context).arn;
    const other = context.world.find(
      "aws:iam/serviceLinkedRole:ServiceLinkedRole",
      (object) => object.id !== context.id && object.properties.arn === roleArn,
    );
    return refusals(
      when(
        other !== undefined,
        "InvalidInput",
        `Service role name ${roleArn} has been taken in this account: import it, or don't make it`,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html",
      ),
    );
  },
};

/** AWS's own names for the service-linked roles that matter here; others follow the service's first word. */
const serviceLinkedNames: Readonly<Record<string, string>> = {
  "eks.amazonaws.com": "AWSServiceRoleForAmazonEKS",
  "eks-nodegroup.amazonaws.com": "AWSServiceRoleForAmazonEKSNodegroup",
  "opensearchservice.amazonaws.com": "AWSServiceRoleForAmazonOpenSearchService",
  "es.amazonaws.com": "AWSServiceRoleForAmazonElasticsearchService",
  "rds.amazonaws.com": "AWSServiceRoleForRDS",
  "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
  "autoscaling.amazonaws.com": "AWSServiceRoleForAutoScaling",
  "ecs.amazonaws.com": "AWSServiceRoleForECS",
  "spot.amazonaws.com": "AWSServiceRoleForEC2Spot",
};

function serviceLinkedOutputs(context: CreateContext & { readonly previous?: Properties }) {
  const service = text(context.inputs.awsServiceName) ?? "";
  const suffix = text(context.inputs.customSuffix);
  const name =
    (serviceLinkedNames[service] ?? `AWSServiceRoleFor${service.split(".")[0] ?? ""}`) + (suffix ? `_${suffix}` : "");
  const inputs = { name, path: `/aws-service-role/${service}/` };
  return entity({ ...context, inputs }, "role", "AROA");
}

function pathRule({ inputs }: ValidateContext) {
  const path = text(inputs.path) ?? "/";
  return when(
    !/^\/([\x21-\x7e]+\/)?$/.test(path) || path.length > 512,
    "ValidationError",
    `path "${path}" must begin and end with / and have at most 512 characters`,
    API,
  );
}

export const roleRecords: readonly ResourceRecord[] = [
  role,
  rolePolicy,
  rolePolicyAttachment,
  instanceProfile,
  serviceLinkedRole,
];
