import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import type { DatabaseConfig } from "./config";

/** Every day at five, after Aurora's own backup window. */
const DAILY = "cron(0 5 * * ? *)";

/**
 * A plan of AWS Backup over database and buckets: one place from which all of them are restored to the same day, and,
 * with a vault elsewhere, the copy that outlives this region or account.
 */
export function makeBackupPlan(
  { names, tags, caller, settings, upstream }: DatabaseConfig,
  key: aws.kms.Key,
  parts: { readonly clusterArn: pulumi.Output<string> | undefined; readonly bucketNames: pulumi.Input<string>[] },
): void {
  const { protect } = settings;
  const name = names.vault("data");
  const named = { ...tags, Name: name };
  const vault = new aws.backup.Vault("data", { name, kmsKeyArn: key.arn, tags: named }, { protect });
  const lifecycle = { deleteAfter: settings.backupPlanDays };
  const plan = new aws.backup.Plan(
    "data",
    {
      name,
      rules: [
        {
          ruleName: "daily",
          targetVaultName: vault.name,
          schedule: DAILY,
          lifecycle,
          copyActions:
            settings.backupCopyVaultArn === undefined
              ? undefined
              : [{ destinationVaultArn: settings.backupCopyVaultArn, lifecycle }],
          recoveryPointTags: tags,
        },
      ],
      tags: named,
    },
    { protect },
  );
  const buckets = parts.bucketNames.map((bucket) => pulumi.interpolate`arn:${caller.partition}:s3:::${bucket}`);
  new aws.backup.Selection(
    "data",
    {
      name,
      planId: plan.id,
      iamRoleArn: asked(upstream.iam.backupRoleArn, "the role of AWS Backup"),
      resources: [...(parts.clusterArn === undefined ? [] : [parts.clusterArn]), ...buckets],
    },
    { protect },
  );
}
