import type * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import { charts } from "@selfhosted/common/images";
import { chartVersion, imageValues } from "./charts";
import { bindRole, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { releaseChart } from "./installing";

/**
 * The AWS Load Balancer Controller, which puts 08-service's pods into the target groups that Pulumi makes. Returns the
 * controller's version.
 */
export function makeLoadBalancerController(config: ClusterServicesConfig, cluster: Cluster): pulumi.Output<string> {
  const { upstream, caller } = config;
  const chart = charts.loadBalancerController;
  const { namespace, serviceAccount, dependsOn } = bindRole(config, cluster, "loadBalancerControllerRoleArn");
  const release = releaseChart(
    config,
    "load-balancer-controller",
    chart,
    {
      namespace,
      values: {
        clusterName: cluster.name,
        // Given, since pods can't ask the node's metadata service for them (one hop only).
        region: caller.region,
        vpcId: asked(upstream.networking.vpcId, "vpcId"),
        image: imageValues(config, chart, "controller"),
        serviceAccount,
        replicaCount: 2,
        podDisruptionBudget: { maxUnavailable: 1 },
        defaultTargetType: "ip",
        // Off: this webhook stands before every Service of the cluster, and while the controller is away nobody could
        // make one. It serves Services of type LoadBalancer, of which the installation has none.
        enableServiceMutatorWebhook: false,
      },
    },
    { ...cluster.releases, dependsOn },
  );
  return release.status.apply(() => controllerVersion(chartVersion(config, chart)));
}

/** Version of the controller in a chart: charts 1.x hold controllers 2.x, from 3.0.0 on both are the same. */
export function controllerVersion(version: string): string {
  return version.replace(/^1\./, "2.");
}
