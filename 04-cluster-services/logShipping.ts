import * as aws from "@pulumi/aws";
import { charts } from "@selfhosted/common/images";
import { imageValues, onEveryNode } from "./charts";
import { bindRole, colored, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { installChart } from "./installing";

/** Fluent Bit on every node, which sends what pods print to a log group of ours, kept as long as configured. */
export function makeLogShipping(config: ClusterServicesConfig, cluster: Cluster): void {
  const { settings, names, tags, caller } = config;
  const chart = charts.logShipping;
  const { namespace, serviceAccount, dependsOn } = bindRole(config, cluster, "logShipperRoleArn");
  const logGroup = new aws.cloudwatch.LogGroup("pods", {
    name: names.logGroup(colored(config, "pods")),
    retentionInDays: settings.podLogRetentionDays,
    tags,
  });
  installChart(
    config,
    cluster,
    "log-shipping",
    chart,
    {
      namespace,
      values: {
        image: imageValues(config, chart, "shipper"),
        serviceAccount,
        cloudWatchLogs: {
          enabled: true,
          region: caller.region,
          logGroupName: logGroup.name,
          logStreamPrefix: "pod-",
          // The group is Pulumi's, with its retention; the role may not make any.
          autoCreateGroup: false,
        },
        ...onEveryNode(),
      },
    },
    dependsOn,
  );
}
