import * as pulumi from "@pulumi/pulumi";
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
import { bootAddons, defaultVersion, supportOf, versions } from "./versions";

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
    serviceCidr: setting.optional(kinds.cidrBlock(12, 24), "IPv4 range of Kubernetes services"),
    color: setting.defaulted(
      kinds.oneOf("blue", "green"),
      "blue",
      "which of two clusters of one installation this is, for the time of a move",
    ),
    creatorAdmin: setting.defaulted(kinds.boolean(), true, "whether whoever makes the cluster administers it"),
    admins: setting.defaulted(kinds.list(kinds.principalArn()), [], "who administers the cluster"),
    viewers: setting.defaulted(kinds.list(kinds.principalArn()), [], "who may look at everything in the cluster"),
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

/** Reads and checks the configuration, each key by itself and keys against each other. */
export async function readClusterConfig() {
  const config = await readConfig(spec);
  const { settings } = config;
  const problems = new Problems();
  checkVersion(settings.kubernetesVersion, settings.upgradePolicy, problems);
  for (const group of ["general", "service"] as const) {
    const minimum = settings[`${group}MinSize`];
    const desired = settings[`${group}DesiredSize`];
    const maximum = settings[`${group}MaxSize`];
    if (!(minimum <= desired && desired <= maximum) || maximum < 1) {
      problems.add(
        `${group}MinSize ${minimum}, ${group}DesiredSize ${desired} and ${group}MaxSize ${maximum} must not fall, and the last be at least 1`,
      );
    }
  }
  for (const name of Object.keys(settings.addonVersions)) {
    if ((bootAddons as readonly string[]).includes(name)) continue;
    problems.add(
      `addonVersions names ${name}, and this stack has ${bootAddons.join(", ")}; 04-cluster-services has others`,
    );
  }
  if (settings.maxUnavailable !== undefined && settings.maxUnavailablePercentage !== undefined) {
    problems.add(
      "maxUnavailable and maxUnavailablePercentage are both set; run `pulumi config rm maxUnavailablePercentage`",
    );
  }
  const { nodeReleaseVersion, kubernetesVersion } = settings;
  if (nodeReleaseVersion !== undefined && !nodeReleaseVersion.startsWith(`${kubernetesVersion}.`)) {
    problems.add(
      `nodeReleaseVersion ${nodeReleaseVersion} is none of Kubernetes ${kubernetesVersion}; run \`pulumi config rm nodeReleaseVersion\``,
    );
  }
  if (!settings.creatorAdmin && settings.admins.length === 0 && !config.given.cluster) {
    problems.add(
      "creatorAdmin is false and admins is empty, so nobody could sign in, 04-cluster-services neither; run " +
        "`pulumi config set --path 'admins[0]' arn:aws:iam::123456789012:role/platform-admin`",
    );
  }
  for (const both of settings.admins.filter((admin) => settings.viewers.includes(admin))) {
    problems.add(`${both} is in admins and in viewers; take it out of one`);
  }
  if (settings.publicAccessCidrs.includes("0.0.0.0/0")) {
    problems.add(
      "publicAccessCidrs opens the Kubernetes API to everybody; name the ranges of your offices and runners",
    );
  }
  const { autoMode: before } = await previousOutputs();
  if (before !== undefined && before !== settings.autoMode && !config.given.cluster) {
    void pulumi.log.warn(
      "autoMode of a living cluster changes: its nodes go before others can come, and the service is away meanwhile; " +
        "docs/blue-green.md moves to a second cluster without that",
    );
  }
  problems.throwIfAny(contract.cluster.project);
  return config;
}

function checkVersion(version: string, upgradePolicy: "STANDARD" | "EXTENDED", problems: Problems): void {
  const support = supportOf(version, new Date());
  const remedy = `run \`pulumi config set kubernetesVersion ${defaultVersion}\` (upgrades go one minor version at a time)`;
  if (support === "none") {
    problems.add(`kubernetesVersion ${version} has left EKS (known: ${Object.keys(versions).join(", ")}); ${remedy}`);
  } else if (support === "extended") {
    // No error: a cluster that runs must stay operable on the day its version ages.
    const consequence =
      upgradePolicy === "EXTENDED" ? "the cluster costs $365 a month more" : "AWS upgrades the cluster by itself";
    void pulumi.log.warn(`kubernetesVersion ${version} has left standard support: ${consequence}; ${remedy}`);
  }
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
