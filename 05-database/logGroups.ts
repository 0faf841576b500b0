import * as aws from "@pulumi/aws";
import type { DatabaseConfig } from "./config";

/** Logs that Aurora MySQL writes to CloudWatch; `general` stays off. */
const EXPORTS = ["audit", "error", "slowquery"];

/**
 * The log groups that RDS writes to, made before the cluster: RDS would make them itself, without retention, without
 * encryption, and leave them behind.
 */
export function makeLogGroups({ tags, settings }: DatabaseConfig, clusterIdentifier: string, key: aws.kms.Key) {
  const resources = EXPORTS.map((log) => {
    const name = `/aws/rds/cluster/${clusterIdentifier}/${log}`;
    return new aws.cloudwatch.LogGroup(
      log,
      {
        name,
        retentionInDays: settings.logRetentionDays,
        kmsKeyId: key.arn,
        tags: { ...tags, Name: name },
      },
      { protect: settings.protect },
    );
  });
  return { exports: EXPORTS, resources };
}
