import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { reasonOf, type Problems } from "@selfhosted/common";

const HOUR_MS = 3600 * 1000;
/** Writer's address of an Aurora cluster. Source: Amazon Aurora user guide, Aurora endpoint connections. */
const AURORA = /^([a-z][a-z0-9-]*)\.cluster-[a-z0-9]+\.[a-z0-9-]+\.rds\.amazonaws\.com(?:\.cn)?$/;

/**
 * Before another version: migrations aren't undone, a snapshot is the way back. Looks the database's newest one up, be it
 * automatic, AWS Backup's or made by hand, and refuses when it is older than `hours`; 0 looks at nothing.
 */
export async function checkBackup(endpoint: string, version: string, hours: number, problems: Problems): Promise<void> {
  if (hours === 0) return;
  const cluster = AURORA.exec(endpoint)?.[1];
  if (cluster === undefined) {
    await pulumi.log.warn(
      `${endpoint} is no Aurora cluster: see yourself that it has a backup before ${version} migrates it`,
    );
    return;
  }
  const remedy =
    `run \`aws rds create-db-cluster-snapshot --db-cluster-identifier ${cluster} --db-cluster-snapshot-identifier before-${version.replaceAll(/[^\w-]+/g, "-")}\`, ` +
    "or go without by `pulumi config set upgradeBackupHours 0`";
  try {
    const newest = await aws.rds.getClusterSnapshot({ dbClusterIdentifier: cluster, mostRecent: true });
    const age = (Date.now() - Date.parse(newest.snapshotCreateTime)) / HOUR_MS;
    if (age > hours) {
      problems.add(
        `the newest backup of ${cluster} is ${Math.round(age)} hours old, and ${version} migrates its data; ${remedy}`,
      );
    }
  } catch (error) {
    problems.add(
      `no backup of ${cluster} is found before ${version} migrates its data (${reasonOf(error)}); ${remedy}`,
    );
  }
}
