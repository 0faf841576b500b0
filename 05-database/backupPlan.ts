import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { asked, encryptionKey, shared } from "@selfhosted/common";
import type { DatabaseConfig } from "./config";

/** Every day at five, after Aurora's own backup window. */
const DAILY = "cron(0 5 * * ? *)";

/**
 * A plan of AWS Backup over database, audit table and buckets, 07-esc's too: one place from which all of them are restored
 * to the same day, and, with a vault elsewhere, the copy that outlives this region or account.
 */
export function makeBackupPlan(config: DatabaseConfig, key: aws.kms.Key): void {
  const { names, tags, caller, settings, upstream, given } = config;
  const { protect } = settings;
  const name = names.vault("data");
  const named = { ...tags, Name: name };
  const vault = new aws.backup.Vault("data", { name, kmsKeyArn: key.arn, tags: named }, { protect });
  const lifecycle = { deleteAfter: settings.backupPlanDays };
  const elsewhere = [
    ...(settings.backupCopyVaultArn === undefined ? [] : [settings.backupCopyVaultArn]),
    ...(settings.backupCopyRegion === undefined ? [] : [makeCopyVault(config, settings.backupCopyRegion)]),
  ];
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
          copyActions: elsewhere.map((destinationVaultArn) => ({ destinationVaultArn, lifecycle })),
          recoveryPointTags: tags,
        },
      ],
      tags: named,
    },
    { protect },
  );
  const theirs = [
    ...[given.checkpointsBucketName, given.policyPacksBucketName, given.eventsBucketName],
    ...[given.registryPublicBucketName, given.registryPrivateBucketName],
  ].filter((bucket) => bucket !== undefined);
  const iamRoleArn = asked(upstream.iam.backupRoleArn, "the role of AWS Backup");
  new aws.backup.Selection(
    "data",
    {
      name,
      planId: plan.id,
      iamRoleArn,
      // By tag: a list of what is made here would replace the selection, which is protected, whenever a part comes or goes.
      selectionTags: Object.entries(shared.backupTag(names)).map(([tag, value]) => ({
        type: "STRINGEQUALS",
        key: tag,
        value,
      })),
    },
    { protect },
  );
  if (theirs.length === 0) return;
  // A selection of its own, for one with tags and a list takes only what is on the list and has the tag. Not protected:
  // another list replaces it. Source: AWS Backup developer guide, "Assigning resources to a backup plan".
  new aws.backup.Selection(
    "given",
    {
      name: names.vault("given"),
      planId: plan.id,
      iamRoleArn,
      resources: theirs.map((bucket) => `arn:${caller.partition}:s3:::${bucket}`),
    },
    { deleteBeforeReplace: true },
  );
}

/** A vault in another region, with a key of that region. */
function makeCopyVault({ names, tags, caller, settings }: DatabaseConfig, region: string): pulumi.Output<string> {
  const { protect } = settings;
  const name = names.vault("copies");
  const key = encryptionKey("copies", {
    alias: names.keyAlias("copies"),
    description: `Pulumi: copies of the backups of ${caller.region}`,
    delegates: "everything",
    caller,
    tags,
    protect,
    region,
  });
  return new aws.backup.Vault(
    "copies",
    { name, kmsKeyArn: key.arn, region, tags: { ...tags, Name: name } },
    { protect },
  ).arn;
}
