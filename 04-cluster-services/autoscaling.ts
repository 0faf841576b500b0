import { asked } from "@selfhosted/common";
import { charts, imageRepository, installChart } from "./charts";
import { bindRole, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";

const serviceAccount = { namespace: "kube-system", name: "cluster-autoscaler" };

/** The cluster-autoscaler, which resizes 03-cluster's node groups; EKS tags them so that it finds them. */
export function makeClusterAutoscaler(config: ClusterServicesConfig, cluster: Cluster): void {
  const { upstream, caller } = config;
  const chart = charts.clusterAutoscaler;
  const roleArn = asked(upstream.iam.clusterAutoscalerRoleArn, "clusterAutoscalerRoleArn");
  const association = bindRole(config, cluster, serviceAccount, roleArn);
  installChart(
    config,
    "cluster-autoscaler",
    chart,
    {
      namespace: serviceAccount.namespace,
      values: {
        cloudProvider: "aws",
        awsRegion: caller.region,
        autoDiscovery: { clusterName: cluster.name },
        image: { repository: imageRepository(config, chart.images[0]) },
        rbac: { serviceAccount: { create: true, name: serviceAccount.name } },
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
    { ...cluster.releases, dependsOn: [association] },
  );
}
