import {
  contract,
  defineConfig,
  kinds,
  previousOutputs,
  Problems,
  readConfig,
  setting,
  shared,
} from "@selfhosted/common";
import { checkKeys } from "./checks";
import { countsWithinBounds } from "./nodeCounts";
import { defaultVersion } from "./versions";

const instanceType = kinds.matching(
  /^[a-z][a-z0-9-]*\.(?:nano|micro|small|medium|large|(?:\d+)?xlarge|metal(?:-\d+xl)?)$/,
  "must be an EC2 instance type like m6a.large",
  "m6a.large",
);
const instanceTypes = (about: string) => setting.optional(kinds.list(instanceType, 1, 20), about);
const nodes = (standard: number, small: number, about: string) =>
  setting.byProfile(kinds.integer(0, 450), { standard, small }, about);

/** Everything this stack reads; Pulumi.EXAMPLE.yaml documents it key by key. */
export const spec = defineConfig("cluster", {
  settings: {
    kubernetesVersion: setting.defaulted(
      kinds.kubernetesVersion(),
      defaultVersion,
      "Kubernetes version of the cluster",
    ),
    upgradePolicy: setting.defaulted(
      kinds.oneOf("STANDARD", "EXTENDED"),
      "STANDARD",
      "what AWS does when standard support ends: upgrade, or charge six times as much",
    ),
    publicAccessCidrs: setting.defaulted(
      kinds.list(kinds.cidrBlock(), 0, 40),
      [],
      "ranges that may reach the Kubernetes API from the internet",
    ),
    privateAccessCidrs: setting.defaulted(
      kinds.list(kinds.cidrBlock(), 0, 40),
      [],
      "ranges that may reach the Kubernetes API within the VPC or what is joined to it",
    ),
    serviceCidr: setting.optional(kinds.cidrBlock(12, 24), "IPv4 range of Kubernetes services"),
    color: setting.defaulted(
      kinds.oneOf("blue", "green"),
      "blue",
      "which of two clusters of one installation this is, for the time of a move",
    ),
    creatorAdmin: setting.defaulted(kinds.boolean(), true, "whether whoever makes the cluster administers it"),
    admins: setting.defaulted(kinds.list(kinds.principalArn()), [], "who administers the cluster"),
    viewers: setting.defaulted(kinds.list(kinds.principalArn()), [], "who may look at what is in the namespaces"),
    clusterKeyArn: setting.optional(kinds.keyArn(), "existing KMS key for Kubernetes secrets and node disks"),
    logRetentionDays: setting.byProfile(
      kinds.logRetentionDays(),
      { standard: 90, small: 7 },
      "how long to keep the control plane's logs",
    ),
    prefixDelegation: setting.defaulted(kinds.boolean(), false, "whether nodes take addresses sixteen at a time"),
    addonVersions: setting.defaulted(
      kinds.record(kinds.version("v1.20.4-eksbuild.1"), { "vpc-cni": "v1.20.4-eksbuild.1" }),
      {},
      "versions of the add-ons that nodes need, where not the newest",
    ),
    autoMode: setting.defaulted(kinds.boolean(), false, "whether EKS runs nodes, volumes and load balancing itself"),
    nodeArchitecture: setting.defaulted(kinds.oneOf("x86_64", "arm64"), "x86_64", "processor of the nodes"),
    nodeDiskGiB: setting.defaulted(kinds.integer(20, 16384), 30, "size of each node's disk"),
    nodeReleaseVersion: setting.optional(
      kinds.matching(/^1\.\d{2}\.\d{1,2}-\d{8}$/, "must be a release like 1.35.0-20261101", "1.35.0-20261101"),
      "release of EKS's node images; the newest when a group is made",
    ),
    maxUnavailable: setting.optional(kinds.integer(1, 100), "how many nodes of a group an update replaces at once"),
    maxUnavailablePercentage: setting.optional(kinds.integer(1, 100), "the same as a share of the group, percent"),
    generalInstanceTypes: instanceTypes("instance types of the general nodes"),
    generalCapacityType: setting.defaulted(
      kinds.oneOf("ON_DEMAND", "SPOT"),
      "ON_DEMAND",
      "how the general nodes are bought",
    ),
    generalMinSize: nodes(2, 1, "fewest general nodes"),
    generalDesiredSize: nodes(2, 1, "general nodes at first"),
    generalMaxSize: nodes(5, 3, "most general nodes"),
    serviceInstanceTypes: instanceTypes("instance types of the nodes kept for the service"),
    serviceMinSize: nodes(2, 1, "fewest nodes kept for the service"),
    serviceDesiredSize: nodes(2, 1, "nodes kept for the service at first"),
    serviceMaxSize: nodes(5, 3, "most nodes kept for the service"),
    protect: setting.defaulted(kinds.boolean(), false, "whether the cluster refuses to be deleted"),
  },
  needs: {
    iam: {
      when: (_settings, given) => !given.has("clusterName"),
      outputs: ["clusterRoleArn", "nodeRoleArn", "vpcCniRoleArn", "podCredentials"],
    },
    networking: {
      when: (_settings, given) => !given.has("clusterName"),
      outputs: ["vpcId", "privateSubnetIds", "workloadSecurityGroupId"],
    },
  },
});

/** The keys and the stacks before, as they were read. */
export type ResolvedConfig = Awaited<ReturnType<typeof readConfig<"cluster", typeof spec.settings, typeof spec.needs>>>;

/** Reads and checks the configuration, each key by itself and keys against each other. */
export async function readClusterConfig() {
  const config = await readConfig(spec);
  const problems = new Problems();
  const before = await previousOutputs();
  // Of a cluster that is given no key counts.
  if (!config.given.cluster) checkKeys(config.settings, before, problems);
  problems.throwIfAny(contract.cluster.project);
  const nodeCounts = await countsWithinBounds(config.settings);
  return { ...config, nodeCounts, isNew: before["clusterVersion"] === undefined };
}

/** What the rest of this stack works from. */
export type ClusterConfig = Awaited<ReturnType<typeof readClusterConfig>>;

/** Name of the cluster: the installation's, and while two stand side by side the second one's colour behind it. */
export function clusterName({ names, settings }: ClusterConfig): string {
  return names.cluster(settings.color);
}

/** Component of a physical name that two clusters of one installation would both make; 01-iam knows both of them. */
export function colored({ settings }: ClusterConfig, component: string): string {
  return shared.colored(component, settings.color);
}
