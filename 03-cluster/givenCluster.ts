import * as aws from "@pulumi/aws";
import { contract, Problems, reasonOf } from "@selfhosted/common";
import type { ClusterConfig } from "./config";

/**
 * Looks at a cluster that another team made: it exists, works, and has the version and the mode that it is said to have, for
 * 04-cluster-services chooses by them what it installs.
 * @throws pulumi.RunError with all problems, before anything is made.
 */
export async function checkGivenCluster({ given, settings }: ClusterConfig): Promise<void> {
  if (!given.cluster) return;
  const { clusterName, clusterVersion } = given.cluster;
  const problems = new Problems();
  try {
    const cluster = await aws.eks.getCluster({ name: clusterName });
    if (cluster.version !== clusterVersion) {
      problems.add(
        `clusterVersion is ${clusterVersion}, ${clusterName} runs ${cluster.version}; run \`pulumi config set clusterVersion ${cluster.version}\``,
      );
    }
    const automatic = cluster.computeConfigs.some(({ enabled }) => enabled);
    if (automatic !== settings.autoMode) {
      problems.add(
        `autoMode is ${settings.autoMode}, and ${clusterName} is ${automatic ? "" : "not "}in Auto Mode; run \`pulumi config set autoMode ${automatic}\``,
      );
    }
    if (!["ACTIVE", "UPDATING"].includes(cluster.status)) {
      problems.add(
        `cluster ${clusterName} is ${cluster.status}; run \`aws eks describe-cluster --name ${clusterName}\` to see why, and again when it is ACTIVE`,
      );
    }
  } catch (error) {
    problems.add(
      `clusterName: no cluster ${clusterName} can be read (${reasonOf(error)}); correct it, or check the region`,
    );
  }
  problems.throwIfAny(contract.cluster.project);
}
