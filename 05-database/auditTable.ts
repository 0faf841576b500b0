import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { shared } from "@selfhosted/common";
import type { DatabaseConfig } from "./config";

/**
 * Table of audit logs, with the keys and the index that the service asks for; paid by the request, since an installation
 * writes seldom and in bursts. Returns its name.
 * Source: Pulumi's self-hosting docs, API page, "Audit Logs".
 */
export function makeAuditTable({ names, tags, settings }: DatabaseConfig, key: aws.kms.Key): pulumi.Output<string> {
  const { protect } = settings;
  const name = names.of(shared.auditTable);
  return new aws.dynamodb.Table(
    "audit",
    {
      name,
      billingMode: "PAY_PER_REQUEST",
      hashKey: "org_id",
      rangeKey: "timestamp_id",
      attributes: ["org_id", "org_user_id", "timestamp_id"].map((attribute) => ({ name: attribute, type: "S" })),
      globalSecondaryIndexes: [
        { name: "org_user", hashKey: "org_user_id", rangeKey: "timestamp_id", projectionType: "ALL" },
      ],
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: key.arn },
      deletionProtectionEnabled: protect,
      tags: { ...tags, ...shared.backupTag(names), Name: name },
    },
    { protect },
  ).name;
}
