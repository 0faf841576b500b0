import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { colored } from "./cluster";
import type { ClusterServicesConfig } from "./config";

/**
 * What AWS says before it takes a node back or works on its host.
 * Source: https://karpenter.sh/docs/reference/cloudformation/ (interruption handling)
 */
const warnings: Readonly<Record<string, { readonly source: string; readonly detailType: string }>> = {
  "spot-interruption": { source: "aws.ec2", detailType: "EC2 Spot Instance Interruption Warning" },
  rebalance: { source: "aws.ec2", detailType: "EC2 Instance Rebalance Recommendation" },
  "state-change": { source: "aws.ec2", detailType: "EC2 Instance State-change Notification" },
  "reservation-interruption": {
    source: "aws.ec2",
    detailType: "EC2 Capacity Reservation Instance Interruption Warning",
  },
  health: { source: "aws.health", detailType: "AWS Health Event" },
};

/** Seconds that a warning is kept: a spot node is gone two minutes after it. */
const RETENTION_SECONDS = 300;

/** The queue from which Karpenter learns that nodes are about to go, in time to move their pods. Returns its name. */
export function makeInterruptionQueue(config: ClusterServicesConfig): pulumi.Output<string> {
  const { names, tags } = config;
  // 01-iam grants on the queue by this name.
  const queue = new aws.sqs.Queue("karpenter", {
    name: names.of(colored(config, "karpenter")),
    messageRetentionSeconds: RETENTION_SECONDS,
    sqsManagedSseEnabled: true,
    tags,
  });
  new aws.sqs.QueuePolicy("karpenter", {
    queueUrl: queue.url,
    policy: queue.arn.apply((arn) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Events",
            Effect: "Allow",
            Principal: { Service: ["events.amazonaws.com", "sqs.amazonaws.com"] },
            Action: "sqs:SendMessage",
            Resource: arn,
          },
          {
            Sid: "EncryptedOnly",
            Effect: "Deny",
            Principal: "*",
            Action: "sqs:*",
            Resource: arn,
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      }),
    ),
  });
  for (const [name, { source, detailType }] of Object.entries(warnings)) {
    const rule = new aws.cloudwatch.EventRule(`karpenter-${name}`, {
      name: names.of(colored(config, `karpenter-${name}`)),
      description: `${detailType}, for Karpenter`,
      eventPattern: JSON.stringify({ source: [source], "detail-type": [detailType] }),
      tags,
    });
    new aws.cloudwatch.EventTarget(`karpenter-${name}`, { rule: rule.name, arn: queue.arn });
  }
  return queue.name;
}
