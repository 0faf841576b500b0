import { arn, parseArn, uuid } from "../naming";
import type { ResourceRecord, ValidateContext } from "../record";
import { oneOf, refusals, when, type Refusal } from "../rules";
import { block, isGiven, text, texts } from "../values";
import { ACCESS_ENTRY as ENTRY, CLUSTER } from "./clusterRules";

const ENTRIES = "https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html";
const POLICIES = "https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/eks/${name}/`;

const entryTypes = ["STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX"];
const accessPolicies = [
  "AmazonEKSAdminPolicy",
  "AmazonEKSAdminViewPolicy",
  "AmazonEKSAutoNodePolicy",
  "AmazonEKSClusterAdminPolicy",
  "AmazonEKSEditPolicy",
  "AmazonEKSSecretReaderPolicy",
  "AmazonEKSViewPolicy",
];

/** Access entries exist only where the cluster authenticates by the EKS API. */
function modeRule({ inputs, world }: ValidateContext): Refusal {
  const cluster = world.get(CLUSTER, text(inputs.clusterName) ?? "")?.properties;
  return when(
    cluster !== undefined && block(cluster.accessConfig).authenticationMode === "CONFIG_MAP",
    "InvalidRequestException",
    "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation",
    "https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html",
  );
}

function principalRule({ inputs, world, account, preview }: ValidateContext): Refusal {
  const principal = text(inputs.principalArn);
  const parsed = principal === undefined ? undefined : parseArn(principal);
  const missing =
    !preview &&
    parsed?.account === account &&
    parsed.resource.startsWith("role/") &&
    !world.find("aws:iam/role:Role", ({ properties }) => properties.arn === principal);
  return when(
    principal !== undefined && (parsed?.service !== "iam" || missing),
    "InvalidParameterException",
    `The specified principalArn ${principal ?? ""} is invalid: it names no IAM role or user`,
    ENTRIES,
  );
}

const accessEntry: ResourceRecord = {
  type: ENTRY,
  source: registry("accessentry"),
  id: ({ inputs }) => `${text(inputs.clusterName) ?? ""}:${text(inputs.principalArn) ?? ""}`,
  defaults: { type: "STANDARD" },
  references: [{ path: "clusterName", to: CLUSTER, weak: true }],
  replaceOn: ["clusterName", "principalArn", "type"],
  errors: { notFound: "ResourceNotFoundException" },
  outputs: (context) => {
    const { inputs, id, account } = context;
    const principal = text(inputs.principalArn) ?? "";
    const name = principal.split("/").at(-1) ?? "";
    const kind = principal.includes(":user/") ? "user" : "role";
    return {
      accessEntryArn: arn(
        context,
        "eks",
        `access-entry/${text(inputs.clusterName) ?? ""}/${kind}/${account}/${name}/${uuid(id)}`,
      ),
      createdAt: context.previous?.createdAt ?? new Date().toISOString(),
      modifiedAt: new Date().toISOString(),
      userName: text(inputs.userName) ?? principal,
      kubernetesGroups: texts(inputs.kubernetesGroups),
    };
  },
  validate: (context) => {
    const { inputs } = context;
    const groups = texts(inputs.kubernetesGroups);
    const nodes = (text(inputs.type) ?? "STANDARD") !== "STANDARD";
    return refusals(
      principalRule(context),
      modeRule(context),
      oneOf("type", inputs.type, entryTypes, "InvalidParameterException", ENTRIES),
      when(
        groups.some((group) => /^(system:|eks:|aws:|amazon:|iam:)/.test(group)),
        "InvalidParameterException",
        `The kubernetes group name ${groups.join(", ")} is invalid: it can't begin with system:, eks:, aws:, amazon: or iam:`,
        ENTRIES,
      ),
      when(
        nodes && (groups.length > 0 || isGiven(inputs.userName)),
        "InvalidParameterException",
        "kubernetesGroups and userName are for entries of type STANDARD",
        ENTRIES,
      ),
    );
  },
  seconds: { create: 1 },
};

const accessPolicyAssociation: ResourceRecord = {
  type: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
  source: registry("accesspolicyassociation"),
  id: ({ inputs }) =>
    ["clusterName", "principalArn", "policyArn"].map((property) => text(inputs[property]) ?? "").join("#"),
  references: [{ path: "clusterName", to: CLUSTER, weak: true }],
  replaceOn: ["clusterName", "principalArn", "policyArn", "accessScope"],
  outputs: ({ previous }) => ({
    associatedAt: previous?.associatedAt ?? new Date().toISOString(),
    modifiedAt: new Date().toISOString(),
  }),
  validate: (context) => {
    const { inputs, world, partition, preview } = context;
    const scope = block(inputs.accessScope);
    const policy = text(inputs.policyArn);
    const [cluster, principal] = [text(inputs.clusterName), text(inputs.principalArn)];
    const name = policy?.split("cluster-access-policy/")[1];
    const wellNamed = policy === `arn:${partition}:eks::aws:cluster-access-policy/${name ?? ""}`;
    return refusals(
      modeRule(context),
      when(
        policy !== undefined && (!wellNamed || !accessPolicies.includes(name ?? "")),
        "InvalidParameterException",
        `The policyArn ${policy ?? ""} is not valid: arn:${partition}:eks::aws:cluster-access-policy/… of ${accessPolicies.join(", ")}`,
        POLICIES,
      ),
      oneOf("accessScope.type", scope.type, ["cluster", "namespace"], "InvalidParameterException", POLICIES),
      when(
        text(scope.type) !== undefined && (scope.type === "namespace") !== isGiven(scope.namespaces),
        "InvalidParameterException",
        "accessScope.namespaces goes with type namespace, and only with it",
        POLICIES,
      ),
      when(
        !preview && cluster !== undefined && principal !== undefined && !world.get(ENTRY, `${cluster}:${principal}`),
        "ResourceNotFoundException",
        `The specified principalArn ${principal ?? ""} has no access entry in ${cluster ?? ""}: make an AccessEntry and depend on it`,
        POLICIES,
      ),
    );
  },
  seconds: { create: 1 },
};

export const accessRecords: readonly ResourceRecord[] = [accessEntry, accessPolicyAssociation];
