import * as pulumi from "@pulumi/pulumi";
import { kinds, type Problems } from "@selfhosted/common";
import type { ResolvedConfig } from "./config";
import { bootAddons, defaultVersion, supportOf, versions } from "./versions";

type Values = ResolvedConfig["settings"];

/** What this stack published when it last came up. */
type Before = Readonly<Record<string, unknown>>;

/** Checks keys against each other and against the cluster that lives; what is wrong goes to `problems`. */
export function checkKeys(settings: Values, before: Before, problems: Problems): void {
  checkVersion(settings, before, problems);
  checkAccess(settings, problems);
  checkNodes(settings, problems);
  const { autoMode } = before;
  if (autoMode !== undefined && autoMode !== settings.autoMode) {
    void pulumi.log.warn(
      "autoMode of a living cluster changes: its nodes go before others can come, and the service is away meanwhile; " +
        "docs/blue-green.md moves to a second cluster without that",
    );
  }
}

function checkVersion({ kubernetesVersion: version, upgradePolicy }: Values, before: Before, problems: Problems): void {
  const support = supportOf(version, new Date());
  const living = typeof before["clusterVersion"] === "string" ? before["clusterVersion"] : undefined;
  const remedy = `run \`pulumi config set kubernetesVersion ${defaultVersion}\` (upgrades go one minor version at a time)`;
  if (support === "none") {
    problems.add(`kubernetesVersion ${version} has left EKS (known: ${Object.keys(versions).join(", ")}); ${remedy}`);
  } else if (support === "extended" && upgradePolicy === "STANDARD" && living === undefined) {
    // Source: https://docs.aws.amazon.com/eks/latest/userguide/view-upgrade-policy.html
    problems.add(
      `kubernetesVersion ${version} has left standard support, and EKS makes such a cluster only for six times the price; ` +
        `${remedy}, or \`pulumi config set upgradePolicy EXTENDED\``,
    );
  } else if (support === "extended") {
    // No error: a cluster that runs must stay operable on the day its version ages.
    const consequence =
      upgradePolicy === "EXTENDED" ? "the cluster costs $365 a month more" : "AWS upgrades the cluster by itself";
    void pulumi.log.warn(`kubernetesVersion ${version} has left standard support: ${consequence}; ${remedy}`);
  }
  if (living === undefined) return;
  // Source: https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
  if (kinds.minorVersion(version) > kinds.minorVersion(living) + 1) {
    problems.add(
      `kubernetesVersion ${version} leaves out a version after ${living}, and EKS upgrades one at a time; run ` +
        `\`pulumi config set kubernetesVersion 1.${kinds.minorVersion(living) + 1}\`, \`pulumi up\` here and in 04-cluster-services, then go on`,
    );
  } else if (kinds.minorVersion(version) < kinds.minorVersion(living)) {
    problems.add(
      `kubernetesVersion ${version} lies before the cluster's ${living}, and EKS doesn't go back; run ` +
        `\`pulumi config set kubernetesVersion ${living}\`, or move to a second cluster (docs/blue-green.md)`,
    );
  }
}

/** Ranges that no address of the internet is in. Source: RFC 1918, RFC 6598. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

function checkAccess({ creatorAdmin, admins, viewers, publicAccessCidrs }: Values, problems: Problems): void {
  if (!creatorAdmin && admins.length === 0) {
    problems.add(
      "creatorAdmin is false and admins is empty, so nobody could sign in, 04-cluster-services neither; run " +
        "`pulumi config set --path 'admins[0]' arn:aws:iam::123456789012:role/platform-admin`",
    );
  }
  for (const both of admins.filter((admin) => viewers.includes(admin))) {
    problems.add(`${both} is in admins and in viewers; take it out of one`);
  }
  if (publicAccessCidrs.includes("0.0.0.0/0")) {
    problems.add(
      "publicAccessCidrs opens the Kubernetes API to everybody; name the ranges of your offices and runners",
    );
  }
  for (const range of publicAccessCidrs.filter((cidr) => privateRanges.some((other) => kinds.overlap(cidr, other)))) {
    if (range === "0.0.0.0/0") continue;
    problems.add(
      `publicAccessCidrs names ${range}, where the internet has no addresses; name those by which you leave your network, ` +
        "or give the range to privateAccessCidrs",
    );
  }
}

function checkNodes(settings: Values, problems: Problems): void {
  const { nodeReleaseVersion, kubernetesVersion, nodeArchitecture } = settings;
  for (const group of ["general", "service"] as const) {
    const minimum = settings[`${group}MinSize`];
    const desired = settings[`${group}DesiredSize`];
    const maximum = settings[`${group}MaxSize`];
    if (!(minimum <= desired && desired <= maximum) || maximum < 1) {
      problems.add(
        `${group}MinSize ${minimum}, ${group}DesiredSize ${desired} and ${group}MaxSize ${maximum} must not fall, and the last be at least 1`,
      );
    }
    const misfits = (settings[`${group}InstanceTypes`] ?? []).filter(
      (type) => architectureOf(type) !== nodeArchitecture,
    );
    if (misfits.length > 0) {
      problems.add(
        `${group}InstanceTypes names ${misfits.join(", ")}, which can't run images for ${nodeArchitecture}; choose other ` +
          "types, or set nodeArchitecture",
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
  if (nodeReleaseVersion !== undefined && !nodeReleaseVersion.startsWith(`${kubernetesVersion}.`)) {
    problems.add(
      `nodeReleaseVersion ${nodeReleaseVersion} is none of Kubernetes ${kubernetesVersion}; run \`pulumi config rm nodeReleaseVersion\``,
    );
  }
}

/**
 * Processor of an instance type: Graviton's families have a g behind their generation (m7g, im4gn), others none.
 * Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
function architectureOf(instanceType: string): Values["nodeArchitecture"] {
  return /^(?:a1\.|[a-z]+\d+g)/.test(instanceType) ? "arm64" : "x86_64";
}
