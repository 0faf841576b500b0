import type { Value } from "../../provider/types";
import { arn, digest } from "../naming";
import { policyDocument } from "../policyDocuments";
import type { ResourceRecord, ValidateContext } from "../record";
import { named, refusals, taken, when, type NameRule, type Refusal } from "../rules";
import { text, texts } from "../values";
import { isAwsManagedPolicy } from "./managedPolicies";

const QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";
const OIDC = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html";

const policyName: NameRule = { property: "name", maxLength: 128, pattern: /^[\w+=,.@-]+$/ };

/** Refuses a policy ARN that is neither the customer's, in the world, nor an AWS managed one. */
export function policyExists({ world, partition, preview }: ValidateContext, policyArn: string): Refusal {
  const exists =
    (preview && !policyArn.includes("::aws:policy/")) ||
    isAwsManagedPolicy(policyArn, partition) ||
    world.find("aws:iam/policy:Policy", (policy) => policy.properties.arn === policyArn) !== undefined;
  return when(
    !exists,
    "NoSuchEntity",
    `Policy ${policyArn} does not exist or is not attachable: check its name, path (service-role/…) and partition`,
    "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html",
  );
}

const policy: ResourceRecord = {
  type: "aws:iam/policy:Policy",
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/iam/policy/",
  id: (context) =>
    arn(context, "iam", `policy${text(context.inputs.path) ?? "/"}${text(context.inputs.name) ?? ""}`, ["region"]),
  autoname: { ...policyName },
  defaults: { path: "/", description: "" },
  outputs: ({ id }) => ({ arn: id, policyId: `ANPA${digest(id, 17, "upper")}`, attachmentCount: 0 }),
  errors: { notFound: "NoSuchEntity", inUse: "DeleteConflict" },
  validate: ({ inputs, world, preview }) =>
    refusals(
      named(inputs, policyName, "ValidationError", QUOTAS),
      policyDocument({ world, preview }, "policy", inputs.policy, {
        kind: "identity",
        code: "MalformedPolicyDocument",
        maxLength: 6144,
        source: QUOTAS,
      }),
    ),
  conflicts: (context) =>
    refusals(taken(context, "aws:iam/policy:Policy", "name", "EntityAlreadyExists", QUOTAS, "global")),
  blocksDeletion: ({ world, id }) => {
    const attachment = world.find(
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      ({ properties }) => properties.policyArn === id,
    );
    const holder = world.find(
      "aws:iam/role:Role",
      ({ properties }) => properties.permissionsBoundary === id || texts(properties.managedPolicyArns).includes(id),
    );
    const by = attachment ? text(attachment.properties.role) : holder?.id;
    return when(
      by !== undefined,
      "DeleteConflict",
      `Cannot delete a policy attached to entities: role ${by ?? ""} has it`,
      "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html",
    );
  },
  seconds: { create: 2 },
};

const openIdConnectProvider: ResourceRecord = {
  type: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/iam/openidconnectprovider/",
  id: (context) => arn(context, "iam", `oidc-provider/${host(context.inputs.url)}`, ["region"]),
  outputs: ({ id, inputs }) => ({
    arn: id,
    thumbprintLists: texts(inputs.thumbprintLists).length
      ? texts(inputs.thumbprintLists)
      : [digest(host(inputs.url), 40)],
  }),
  validate: ({ inputs }) => {
    const url = text(inputs.url);
    return refusals(
      when(
        url !== undefined && !/^https:\/\//.test(url) && url.includes("://"),
        "ValidationError",
        "url must begin with https://",
        OIDC,
      ),
      when(texts(inputs.clientIdLists).length > 100, "LimitExceeded", "at most 100 client ids", OIDC),
      when(
        texts(inputs.thumbprintLists).some((print) => !/^[0-9a-fA-F]{40}$/.test(print)),
        "ValidationError",
        "a thumbprint is the 40 hexadecimal digits of a SHA-1 certificate fingerprint",
        OIDC,
      ),
    );
  },
  conflicts: (context) =>
    refusals(
      taken(
        context,
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "url",
        "EntityAlreadyExists",
        OIDC,
        "global",
      ),
    ),
  seconds: { create: 1 },
};

function host(url: Value | undefined): string {
  return (text(url) ?? "").replace(/^https:\/\//, "");
}

export const policyRecords: readonly ResourceRecord[] = [policy, openIdConnectProvider];
