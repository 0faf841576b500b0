import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { NetworkingConfig } from "./config";

/** Logs the VPC's traffic to a log group of our own, which keeps it as long as configured and goes with the stack. */
export function makeFlowLogs(config: NetworkingConfig, vpcId: pulumi.Input<string>): void {
  const { settings, names, tags, upstream } = config;
  if (!settings.flowLogs) return;
  const logGroup = new aws.cloudwatch.LogGroup("flow-logs", {
    name: names.logGroup("flow-logs"),
    retentionInDays: settings.flowLogsRetentionDays,
    kmsKeyId: settings.flowLogsKeyArn,
    tags,
  });
  new aws.ec2.FlowLog("main", {
    vpcId,
    trafficType: "ALL",
    logDestinationType: "cloud-watch-logs",
    logDestination: logGroup.arn,
    iamRoleArn: upstream.iam?.flowLogsRoleArn,
    // Ten minutes: a one-minute interval writes several times as many records.
    maxAggregationInterval: 600,
    tags: { ...tags, Name: names.of("flow-logs") },
  });
}
