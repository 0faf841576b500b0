import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  checkBucketSettings,
  checkGivenBucket,
  checkGivenKey,
  checkRoleTrust,
  reasonOf,
  serviceTrust,
  type Problems,
} from "@selfhosted/common";
import type { DatabaseConfig } from "./config";
import { BUCKETS } from "./contradictions";
import { checkGivenDatabase } from "./givenDatabase";
import type { Before } from "./living";

/** Looks up what was given, and what a new database is to start from. */
export async function checkGiven(config: DatabaseConfig, before: Before, problems: Problems): Promise<void> {
  const { settings, given, caller, upstream } = config;
  const roles = [
    ["backupRoleArn", "backup.amazonaws.com"],
    ["replicationRoleArn", "s3.amazonaws.com"],
    ["databaseMonitoringRoleArn", "monitoring.rds.amazonaws.com"],
  ] as const;
  await Promise.all([
    ...BUCKETS.map((key) => given[key] && checkGivenBucket(key, given[key], caller, problems)),
    checkBucketSettings(settings, caller, upstream.networking.vpcId, problems),
    ...roles.map(([key, service]) => {
      const roleArn = upstream.iam[key];
      return roleArn && checkRoleTrust(key, roleArn, serviceTrust(service), problems);
    }),
    given.encryptionKeyArn && checkGivenKey("encryptionKeyArn", given.encryptionKeyArn, problems),
    given.auditTableName && checkGivenTable(given.auditTableName, problems),
    checkGivenDatabase(config, problems),
    given.database === undefined && checkOrigin(config, before, problems),
  ]);
}

/** The audit table has the keys and the index that the service asks for, or every audited request would fail. */
async function checkGivenTable(name: string, problems: Problems): Promise<void> {
  try {
    const table = await aws.dynamodb.getTable({ name });
    const index = table.globalSecondaryIndexes.find((one) => one.name === "org_user");
    const keys = [table.hashKey, table.rangeKey, index?.hashKey, index?.rangeKey].join();
    if (keys !== "org_id,timestamp_id,org_user_id,timestamp_id") {
      problems.add(
        `auditTableName ${name} must have the keys org_id, timestamp_id and an index org_user with org_user_id, timestamp_id; give another, or run \`pulumi config rm auditTableName\``,
      );
    }
  } catch (error) {
    problems.add(
      `auditTableName ${name} can't be read (${reasonOf(error)}); check the name and this account's rights on it`,
    );
  }
}

/** What a new database starts from is there and not newer than it; a living database has read its origin already. */
async function checkOrigin(
  { settings, given, names }: DatabaseConfig,
  before: Before,
  problems: Problems,
): Promise<void> {
  const { restoreFromSnapshot: snapshot, restoreFromCluster: cluster, engineVersion } = settings;
  const { databaseEndpoint } = before;
  // A database that was lost left its outputs behind.
  if (databaseEndpoint !== undefined) {
    const own = names.database("database");
    if (await isThere(own)) return;
    const origin = snapshot ?? cluster;
    await pulumi.log.warn(
      `there is no database ${own}, so one is made, ${origin === undefined ? "and it is empty" : `starting from ${origin}`}; ` +
        "for other rows first run `pulumi config set restoreFromSnapshot …` (docs/backup-and-restore.md)",
    );
  }
  if (snapshot === undefined && cluster === undefined) return;
  if (databaseEndpoint === undefined && given.encryptionKeyArn === undefined) {
    await pulumi.log.warn(
      "secrets in the restored rows are encrypted with the key of the installation that they come from: give that one " +
        "with `pulumi config set encryptionKeyArn …`, here and in 01-iam, or they can't be read (docs/backup-and-restore.md)",
    );
  }
  const [key, origin] = snapshot === undefined ? ["restoreFromCluster", cluster] : ["restoreFromSnapshot", snapshot];
  try {
    const found =
      snapshot === undefined
        ? await aws.rds.getCluster({ clusterIdentifier: cluster ?? "" })
        : await aws.rds.getClusterSnapshot({ dbClusterSnapshotIdentifier: snapshot });
    if (found.engine !== "aurora-mysql") {
      problems.add(`${key} ${origin ?? ""} is of ${found.engine}; give one of aurora-mysql`);
    } else if (isNewer(found.engineVersion, engineVersion)) {
      problems.add(
        `${key} ${origin ?? ""} is of version ${found.engineVersion}, and a database can't go back; run \`pulumi config set engineVersion ${found.engineVersion}\``,
      );
    }
  } catch (error) {
    problems.add(
      `${key} ${origin ?? ""} can't be read (${reasonOf(error)}); list what there is with \`aws rds describe-db-cluster${snapshot === undefined ? "s" : "-snapshots"}\``,
    );
  }
}

async function isThere(clusterIdentifier: string): Promise<boolean> {
  try {
    await aws.rds.getCluster({ clusterIdentifier });
    return true;
  } catch {
    return false;
  }
}

function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) > 0;
}
