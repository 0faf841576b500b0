import * as aws from "@pulumi/aws";
import { asked } from "@selfhosted/common";
import { charts, imageRepository, installChart } from "./charts";
import { bindRole, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";

/** kube-system: the shipper reads the nodes' log files, which no namespace with Pod Security allows. */
const serviceAccount = { namespace: "kube-system", name: "aws-for-fluent-bit" };

/** Fluent Bit on every node, which sends what pods print to a log group of ours, kept as long as configured. */
export function makeLogShipping(config: ClusterServicesConfig, cluster: Cluster): void {
  const { settings, names, tags, upstream, caller } = config;
  const chart = charts.logShipper;
  const roleArn = asked(upstream.iam.logShipperRoleArn, "logShipperRoleArn");
  const association = bindRole(config, cluster, serviceAccount, roleArn);
  const logGroup = new aws.cloudwatch.LogGroup("pods", {
    name: names.logGroup("pods"),
    retentionInDays: settings.podLogRetentionDays,
    tags,
  });
  installChart(
    config,
    "log-shipping",
    chart,
    {
      namespace: serviceAccount.namespace,
      values: {
        image: { repository: imageRepository(config, chart.images[0]) },
        serviceAccount: { create: true, name: serviceAccount.name },
        cloudWatchLogs: {
          enabled: true,
          region: caller.region,
          logGroupName: logGroup.name,
          logStreamPrefix: "pod-",
          // The group is Pulumi's, with its retention; the role may not make any.
          autoCreateGroup: false,
        },
        // On the service's nodes too.
        tolerations: [{ operator: "Exists" }],
      },
    },
    { ...cluster.releases, dependsOn: [association] },
  );
}
