import type { Problems } from "@selfhosted/common";
import { rdsCertificates } from "./certificates";
import type { DatabaseConfig } from "./config";
import { overlap, windowOf } from "./windows";

/** Keys that mean nothing without another. */
const NEEDING = [
  ["restoreToTime", "restoreFromCluster"],
  ["backupCopyVaultArn", "backupPlan"],
  ["backupCopyRegion", "backupPlan"],
] as const;

/** Buckets that the service keeps apart. */
export const BUCKETS = [
  ...(["checkpointsBucketName", "policyPacksBucketName", "eventsBucketName"] as const),
  ...(["registryPublicBucketName", "registryPrivateBucketName"] as const),
];

/** What the keys say against each other; nothing is looked up. */
export function refuseContradictions({ settings, given, caller, names }: DatabaseConfig, problems: Problems): void {
  for (const [key, needed] of NEEDING) {
    if (settings[key] && !settings[needed]) {
      problems.add(`${key} means nothing without ${needed}; set it, or run \`pulumi config rm ${key}\``);
    }
  }
  if (settings.serverlessMinCapacity > settings.serverlessMaxCapacity) {
    problems.add(
      "serverlessMinCapacity is greater than serverlessMaxCapacity; run `pulumi config set serverlessMinCapacity 0.5`",
    );
  }
  for (const key of ["serverlessMinCapacity", "serverlessMaxCapacity"] as const) {
    if ((settings[key] * 2) % 1 !== 0) {
      problems.add(
        `${key} ${settings[key]} isn't a multiple of 0.5; run \`pulumi config set ${key} ${Math.ceil(settings[key] * 2) / 2}\``,
      );
    }
  }
  refuseWindows(settings, problems);
  refuseRestores(settings, names.database("database"), problems);
  if (settings.manageDatabasePassword && settings.databasePasswordRotation > 1) {
    problems.add(
      "with manageDatabasePassword RDS rotates the password by itself; run `pulumi config rm databasePasswordRotation`",
    );
  }
  if (settings.backupCopyRegion === caller.region) {
    problems.add(
      `backupCopyRegion is ${caller.region}, the backups' own; run \`pulumi config set backupCopyRegion us-west-2\` with another one`,
    );
  }
  const taken = BUCKETS.flatMap((key) => given[key] ?? []);
  if (new Set(taken).size < taken.length) {
    problems.add("two of the buckets given are one and the same; the service needs a bucket for each");
  }
  if (given.database === undefined) {
    if (settings.databaseIdentifier !== undefined) {
      problems.add(
        "databaseIdentifier means nothing without databaseEndpoint; run `pulumi config rm databaseIdentifier`",
      );
    }
    if (settings.requireTls && settings.databaseCaCertificate === undefined && !rdsCertificates(caller.region)) {
      problems.add(
        `who signs RDS's certificates in ${caller.region} isn't known here; save AWS's bundle of that region ` +
          "(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html) and run " +
          '`pulumi config set databaseCaCertificate -- "$(cat bundle.pem)"`, or `pulumi config set requireTls false`',
      );
    }
  }
}

/** Source: RDS CreateDBCluster, PreferredBackupWindow and PreferredMaintenanceWindow. */
function refuseWindows({ backupWindow, maintenanceWindow }: DatabaseConfig["settings"], problems: Problems): void {
  const [backup, maintenance] = [windowOf(backupWindow), windowOf(maintenanceWindow)];
  if (backup.length < 30 || maintenance.length < 30) {
    problems.add(
      "backupWindow and maintenanceWindow must be of half an hour or more; run `pulumi config set backupWindow 03:00-04:00` or `pulumi config set maintenanceWindow sun:04:30-sun:05:30`",
    );
  }
  if (overlap(backup, maintenance)) {
    problems.add(
      `maintenanceWindow ${maintenanceWindow} overlaps with backupWindow ${backupWindow}; run \`pulumi config set\` on one of them with other hours`,
    );
  }
}

/** What a database is restored from: one source, another cluster than its own. */
function refuseRestores(settings: DatabaseConfig["settings"], ownName: string, problems: Problems): void {
  if (settings.restoreType === "copy-on-write" && settings.restoreToTime !== undefined) {
    // Source: RDS RestoreDBClusterToPointInTime, RestoreToTime.
    problems.add(
      "a clone (restoreType copy-on-write) is of the present, so restoreToTime means nothing; run `pulumi config rm` on one of them",
    );
  }
  if (settings.restoreType === "copy-on-write" && settings.restoreFromCluster === undefined) {
    problems.add("restoreType means nothing without restoreFromCluster; set it, or run `pulumi config rm restoreType`");
  }
  if (settings.restoreFromSnapshot !== undefined && settings.restoreFromCluster !== undefined) {
    problems.add("restoreFromSnapshot and restoreFromCluster are both set; run `pulumi config rm` on one of them");
  }
  if (settings.restoreFromCluster === ownName) {
    problems.add(
      `restoreFromCluster ${settings.restoreFromCluster} is what this stack's own database is called; bring the new one up as another installation, or restore from a snapshot`,
    );
  }
}
