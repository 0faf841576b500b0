import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { chartSource, type Chart } from "@selfhosted/common/images";
import { makeApplication } from "./applications";
import { chartVersion, type ChartArgs } from "./charts";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";

/** Has a chart installed by whoever delivers: Pulumi's own release, or a file for Argo CD. */
export function installChart(
  config: ClusterServicesConfig,
  cluster: Cluster,
  logicalName: string,
  chart: Chart,
  args: ChartArgs,
  dependsOn: pulumi.Resource[],
): pulumi.Resource {
  if (cluster.files) return makeApplication(config, cluster.files, logicalName, chart, args, dependsOn);
  const { releases, handedOver } = cluster;
  return releaseChart(config, logicalName, chart, args, { ...releases, ...handedOver, dependsOn });
}

/** Installs a chart by Pulumi and waits until what it brings is ready; what fails is rolled back. */
export function releaseChart(
  config: ClusterServicesConfig,
  logicalName: string,
  chart: Chart,
  args: ChartArgs,
  options: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
  return new k8s.helm.v3.Release(
    logicalName,
    {
      name: chart.name,
      ...chartSource(chart, config.settings.chartRegistry),
      version: chartVersion(config, chart),
      atomic: true,
      // Seconds. A first pull of the images on new nodes takes its time.
      timeout: 600,
      ...args,
    },
    options,
  );
}
