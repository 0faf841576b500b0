import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { clusterName, colored, type ClusterConfig } from "./config";

/** Days before AWS deletes a key for good, the longest it allows: time to notice. */
const DELETION_WINDOW_DAYS = 30;

/**
 * The key that encrypts Kubernetes secrets and the nodes' disks, ours or the one given. It goes with the cluster: nothing
 * that must outlive the cluster is encrypted with it.
 */
export function clusterKey(config: ClusterConfig): pulumi.Input<string> {
  const { settings, names, tags, caller } = config;
  if (settings.clusterKeyArn !== undefined) return settings.clusterKeyArn;
  // Everything is protected, not only the cluster: a destroy that is refused must leave all of it as it was.
  const { protect } = settings;
  const root = `arn:${caller.partition}:iam::${caller.account}:root`;
  const suffix = caller.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  const key = new aws.kms.Key(
    "main",
    {
      description: `Kubernetes secrets and node disks of ${clusterName(config)}`,
      enableKeyRotation: true,
      deletionWindowInDays: DELETION_WINDOW_DAYS,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Sid: "Account", Effect: "Allow", Principal: { AWS: root }, Action: "kms:*", Resource: "*" },
          {
            // As in AWS's own key for disks: whoever in this account starts instances through EC2 may use it. Auto Scaling
            // does so under a service-linked role that a new account doesn't have yet, so it can't be named here.
            Sid: "Disks",
            Effect: "Allow",
            Principal: { AWS: "*" },
            Action: [
              "kms:CreateGrant",
              "kms:Decrypt",
              "kms:DescribeKey",
              "kms:Encrypt",
              "kms:GenerateDataKey*",
              "kms:ReEncrypt*",
            ],
            Resource: "*",
            Condition: {
              StringEquals: { "kms:CallerAccount": caller.account, "kms:ViaService": `ec2.${caller.region}.${suffix}` },
            },
          },
        ],
      }),
      tags: { ...tags, Name: names.of(colored(config, "cluster")) },
    },
    { protect },
  );
  // 01-iam grants rights on the key by this alias.
  new aws.kms.Alias("main", { name: names.keyAlias(colored(config, "cluster")), targetKeyId: key.keyId }, { protect });
  return key.arn;
}
