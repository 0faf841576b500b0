import { arn, uuid } from "../naming";
import { roleFor } from "../roles";
import type { ResourceRecord } from "../record";
import { oneOf, refusals, when } from "../rules";
import { block, blocks, flag, isGiven, isJson, text } from "../values";
import { CLUSTER } from "./clusterRules";
import { kubernetes } from "./kubernetes";
import { NODE_GROUP } from "./nodeGroups";
import { DEFAULT_VERSION } from "./versions";

export const ADDON = "aws:eks/addon:Addon";
const SOURCE = "https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html";
const API = "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAddon.html";

/**
 * AWS's own add-ons, with the version each has by default. EKS names build numbers of its own; the sandbox has one
 * version of each for every Kubernetes version.
 */
export const addons: Readonly<Record<string, { readonly version: string; readonly needsNodes: boolean }>> = {
  "amazon-cloudwatch-observability": { version: "v4.5.0-eksbuild.1", needsNodes: true },
  "aws-ebs-csi-driver": { version: "v1.53.0-eksbuild.1", needsNodes: true },
  "aws-efs-csi-driver": { version: "v2.1.13-eksbuild.1", needsNodes: true },
  "aws-mountpoint-s3-csi-driver": { version: "v2.2.0-eksbuild.1", needsNodes: false },
  "aws-secrets-store-csi-driver-provider": { version: "v2.1.1-eksbuild.1", needsNodes: false },
  "cert-manager": { version: "v1.19.1-eksbuild.1", needsNodes: true },
  coredns: { version: "v1.13.1-eksbuild.1", needsNodes: true },
  "eks-node-monitoring-agent": { version: "v1.4.2-eksbuild.1", needsNodes: false },
  "eks-pod-identity-agent": { version: "v1.3.10-eksbuild.1", needsNodes: false },
  "external-dns": { version: "v0.20.0-eksbuild.1", needsNodes: true },
  "kube-proxy": { version: "v1.35.0-eksbuild.2", needsNodes: false },
  "kube-state-metrics": { version: "v2.17.0-eksbuild.1", needsNodes: true },
  "metrics-server": { version: "v0.8.0-eksbuild.2", needsNodes: true },
  "prometheus-node-exporter": { version: "v1.10.2-eksbuild.1", needsNodes: false },
  "snapshot-controller": { version: "v8.3.0-eksbuild.1", needsNodes: true },
  "vpc-cni": { version: "v1.20.4-eksbuild.2", needsNodes: false },
};

/** The version EKS installs by default; kube-proxy follows the cluster's. */
export function defaultAddonVersion(name: string, clusterVersion: string): string | undefined {
  return name === "kube-proxy" ? `v${clusterVersion}.0-eksbuild.2` : addons[name]?.version;
}

const addon: ResourceRecord = {
  type: ADDON,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/eks/addon/",
  id: ({ inputs }) => `${text(inputs.clusterName) ?? ""}:${text(inputs.addonName) ?? ""}`,
  references: [{ path: "clusterName", to: CLUSTER, weak: true }],
  replaceOn: ["clusterName", "addonName"],
  errors: { notFound: "ResourceNotFoundException" },
  outputs: (context) => {
    const { inputs, id, world, previous } = context;
    const cluster = world.get(CLUSTER, text(inputs.clusterName) ?? "")?.properties;
    const version = defaultAddonVersion(text(inputs.addonName) ?? "", text(cluster?.version) ?? DEFAULT_VERSION);
    return {
      arn: arn(context, "eks", `addon/${id.replace(":", "/")}/${uuid(id)}`),
      addonVersion: text(inputs.addonVersion) ?? version ?? "",
      createdAt: previous?.createdAt ?? new Date().toISOString(),
      modifiedAt: new Date().toISOString(),
    };
  },
  validate: (context) => {
    const { inputs } = context;
    const name = text(inputs.addonName);
    const version = text(inputs.addonVersion);
    const values = text(inputs.configurationValues);
    return refusals(
      when(
        name !== undefined && addons[name] === undefined,
        "InvalidParameterException",
        `Addon ${name ?? ""} specified is not supported: AWS's own are ${Object.keys(addons).join(", ")}`,
        SOURCE,
      ),
      when(
        version !== undefined && !/^v\d+\.\d+\.\d+-eksbuild\.\d+$/.test(version),
        "InvalidParameterException",
        `Addon version "${version ?? ""}" specified is not supported: it looks like v1.13.1-eksbuild.1; leave it out for the default`,
        API,
      ),
      when(
        values !== undefined && !isJson(values),
        "InvalidParameterException",
        "configurationValues is not valid JSON",
        API,
      ),
      oneOf(
        "resolveConflictsOnCreate",
        inputs.resolveConflictsOnCreate,
        ["NONE", "OVERWRITE"],
        "InvalidParameterException",
        API,
      ),
      oneOf(
        "resolveConflictsOnUpdate",
        inputs.resolveConflictsOnUpdate,
        ["NONE", "OVERWRITE", "PRESERVE"],
        "InvalidParameterException",
        API,
      ),
      ...blocks(inputs.podIdentityAssociations).map((association) =>
        roleFor(
          context,
          "podIdentityAssociations[].roleArn",
          association.roleArn,
          "pods.eks.amazonaws.com",
          "InvalidParameterException",
          API,
        ),
      ),
    );
  },
  conflicts: ({ world, inputs, id }) => {
    const cluster = text(inputs.clusterName) ?? "";
    const name = text(inputs.addonName) ?? "";
    const properties = world.get(CLUSTER, cluster)?.properties;
    const automatic = flag(block(properties?.computeConfig).enabled) === true;
    const nodes = [NODE_GROUP, "aws:eks/fargateProfile:FargateProfile"].some((type) =>
      world.find(type, (group) => group.properties.clusterName === cluster),
    );
    return refusals(
      when(
        id === undefined && isGiven(inputs.addonName) && addons[name]?.needsNodes === true && !nodes && !automatic,
        "InsufficientNumberOfReplicas",
        `add-on ${name} stays DEGRADED for 20 minutes and fails: ${cluster} has no nodes; make it depend on a node group`,
        "https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html",
      ),
    );
  },
  onCreate: async ({ inputs, world, id }) => {
    const version = text(world.get(ADDON, id)?.properties.addonVersion) ?? "";
    await kubernetes().setAddon(text(inputs.clusterName) ?? "", text(inputs.addonName) ?? "", version);
    return undefined;
  },
  onUpdate: async ({ inputs, world, id }) => {
    const version = text(world.get(ADDON, id)?.properties.addonVersion) ?? "";
    await kubernetes().setAddon(text(inputs.clusterName) ?? "", text(inputs.addonName) ?? "", version);
    return undefined;
  },
  onDelete: async ({ id, properties }) => {
    const [cluster = "", name = ""] = id.split(":");
    if (flag(properties.preserve) !== true) await kubernetes().setAddon(cluster, name, undefined);
  },
  seconds: { create: 25, delete: 5 },
};

export const addonRecords: readonly ResourceRecord[] = [addon];
