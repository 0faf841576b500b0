import * as aws from "@pulumi/aws";
import { asked } from "@selfhosted/common";
import { charts, imageRepository, installChart } from "./charts";
import { bindRole, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { makeInterruptionQueue } from "./interruptions";
import { makeNodePools } from "./nodePools";

const serviceAccount = { namespace: "kube-system", name: "karpenter" };

/**
 * Karpenter: makes nodes that fit the pods waiting for one, and takes them away again. Its own pods run on 03-cluster's
 * general group, which it doesn't touch.
 */
export async function makeKarpenter(config: ClusterServicesConfig, cluster: Cluster): Promise<void> {
  const { upstream } = config;
  const chart = charts.karpenter;
  const { vpcConfig } = await aws.eks.getCluster({ name: cluster.name });
  const roleArn = asked(upstream.iam.karpenterControllerRoleArn, "karpenterControllerRoleArn");
  const association = bindRole(config, cluster, serviceAccount, roleArn);
  const release = installChart(
    config,
    "karpenter",
    chart,
    {
      namespace: serviceAccount.namespace,
      values: {
        settings: { clusterName: cluster.name, interruptionQueue: makeInterruptionQueue(config) },
        serviceAccount: { create: true, name: serviceAccount.name },
        replicas: 2,
        controller: {
          // By tag: a mirror's digest differs where it repacks images.
          image: { repository: imageRepository(config, chart.images[0]), tag: chart.version, digest: "" },
          resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { memory: "1Gi" } },
        },
      },
    },
    { ...cluster.releases, dependsOn: [association] },
  );
  makeNodePools(config, cluster, vpcConfig.clusterSecurityGroupId, release);
}
