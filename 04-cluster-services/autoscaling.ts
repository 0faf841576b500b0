import { charts } from "@selfhosted/common/images";
import { imageValues } from "./charts";
import { bindRole, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { installChart } from "./installing";

/** The cluster-autoscaler, which resizes 03-cluster's node groups; EKS tags them so that it finds them. */
export function makeClusterAutoscaler(config: ClusterServicesConfig, cluster: Cluster): void {
  const chart = charts.clusterAutoscaler;
  const { namespace, serviceAccount, dependsOn } = bindRole(config, cluster, "clusterAutoscalerRoleArn");
  installChart(
    config,
    cluster,
    "cluster-autoscaler",
    chart,
    {
      namespace,
      values: {
        cloudProvider: "aws",
        awsRegion: config.caller.region,
        autoDiscovery: { clusterName: cluster.name },
        image: imageValues(config, chart, "autoscaler"),
        rbac: { serviceAccount },
        replicaCount: 2,
        podDisruptionBudget: { maxUnavailable: 1 },
        priorityClassName: "system-cluster-critical",
        resources: { requests: { cpu: "100m", memory: "300Mi" }, limits: { memory: "600Mi" } },
        extraArgs: {
          "balance-similar-node-groups": true,
          expander: "least-waste",
          // Otherwise a node with a CoreDNS pod is never taken away.
          "skip-nodes-with-system-pods": false,
        },
      },
    },
    dependsOn,
  );
}
