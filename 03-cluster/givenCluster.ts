import * as aws from "@pulumi/aws";
import { contract, Problems, reasonOf } from "@selfhosted/common";
import type { ClusterConfig } from "./config";

/**
 * Looks at a cluster that another team made: it exists, and has the version it is said to have, for add-ons are chosen by
 * it.
 * @throws pulumi.RunError with all problems, before anything is made.
 */
export async function checkGivenCluster({ given }: ClusterConfig): Promise<void> {
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
  } catch (error) {
    problems.add(
      `clusterName: no cluster ${clusterName} can be read (${reasonOf(error)}); correct it, or check the region`,
    );
  }
  problems.throwIfAny(contract.cluster.project);
}
