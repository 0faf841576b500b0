import * as aws from "@pulumi/aws";
import { charts } from "@selfhosted/common/images";
import { imageValues } from "./charts";
import { bindRole, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { installChart } from "./installing";
import { makeInterruptionQueue } from "./interruptions";
import { makeNodePools } from "./nodePools";

/**
 * Karpenter: makes nodes that fit the pods waiting for one, and takes them away again. Its own pods run on 03-cluster's
 * general group, which it doesn't touch.
 */
export async function makeKarpenter(config: ClusterServicesConfig, cluster: Cluster): Promise<void> {
  const chart = charts.karpenter;
  const { vpcConfig } = await aws.eks.getCluster({ name: cluster.name });
  const { namespace, serviceAccount, dependsOn } = bindRole(config, cluster, "karpenterControllerRoleArn");
  const release = installChart(
    config,
    cluster,
    "karpenter",
    chart,
    {
      namespace,
      values: {
        settings: { clusterName: cluster.name, interruptionQueue: makeInterruptionQueue(config) },
        serviceAccount,
        replicas: 2,
        controller: {
          // By tag: a mirror's digest differs where it repacks images.
          image: { ...imageValues(config, chart, "controller"), digest: "" },
          resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { memory: "1Gi" } },
        },
      },
    },
    dependsOn,
  );
  makeNodePools(config, cluster, vpcConfig.clusterSecurityGroupId, release);
}
