import {
  Problems,
  checkGivenBucket,
  checkGivenKey,
  checkRoleTrust,
  contract,
  defineConfig,
  kinds,
  previousOutputs,
  readConfig,
  serviceTrust,
  setting,
} from "@selfhosted/common";

/** UTC window of a day, `hh:mm-hh:mm`. */
const dailyWindow = kinds.matching(
  /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/,
  "must be a UTC window like 03:00-04:00",
  "03:00-04:00",
);
/** UTC window of a week, `ddd:hh:mm-ddd:hh:mm`. */
const weeklyWindow = kinds.matching(
  /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/,
  "must be a UTC window like sun:04:30-sun:05:30",
  "sun:04:30-sun:05:30",
);

export const spec = defineConfig("database", {
  settings: {
    platform: setting.defaulted(kinds.oneOf("eks", "fargate"), "eks", "where 08-service runs: whose role uses the key"),
    protect: setting.defaulted(kinds.boolean(), true, "whether a destroy is refused"),
    // Aurora MySQL 3.12, the version that the vendor's installers tested in August 2026 (compatible with MySQL 8.0.44).
    engineVersion: setting.defaulted(
      kinds.matching(
        /^8\.0\.mysql_aurora\.3\.\d{2}\.\d{1,2}$/,
        "must be an Aurora MySQL 3 version like 8.0.mysql_aurora.3.12.0",
        "8.0.mysql_aurora.3.12.0",
      ),
      "8.0.mysql_aurora.3.12.0",
      "Aurora MySQL version",
    ),
    autoMinorVersionUpgrade: setting.defaulted(
      kinds.boolean(),
      false,
      "whether AWS may upgrade to a newer minor version than engineVersion",
    ),
    instanceClass: setting.byProfile(
      kinds.matching(/^db\.[a-z0-9-]+(\.[a-z0-9]+)?$/, "must be a class like db.r6g.large", "db.r6g.large"),
      { standard: "db.r6g.large", small: "db.t4g.medium" },
      "instance class of writer and readers, or db.serverless",
    ),
    serverlessMinCapacity: setting.defaulted(kinds.number(0.5, 256), 0.5, "least capacity of db.serverless, ACU"),
    serverlessMaxCapacity: setting.defaulted(kinds.number(1, 256), 8, "greatest capacity of db.serverless, ACU"),
    readers: setting.byProfile(kinds.integer(0, 15), { standard: 1, small: 0 }, "instances besides the writer"),
    backupRetentionDays: setting.defaulted(kinds.integer(1, 35), 14, "days back to which the database can be restored"),
    backupWindow: setting.defaulted(dailyWindow, "03:00-04:00", "when the daily backup is taken, UTC"),
    maintenanceWindow: setting.defaulted(weeklyWindow, "sun:04:30-sun:05:30", "when AWS maintains it, UTC"),
    applyImmediately: setting.defaulted(kinds.boolean(), false, "whether a change waits for the maintenance window"),
    requireTls: setting.defaulted(kinds.boolean(), false, "whether the server refuses connections without TLS"),
    monitoringInterval: setting.defaulted(
      kinds.oneOfNumbers(0, 1, 5, 10, 15, 30, 60),
      60,
      "seconds between samples of enhanced monitoring, 0 for none",
    ),
    logRetentionDays: setting.byProfile(
      kinds.logRetentionDays(),
      { standard: 90, small: 7 },
      "days that the database's logs are kept",
    ),
    restoreFromSnapshot: setting.optional(
      kinds.string("my-snapshot", 255),
      "snapshot (name or ARN) that a new database starts from",
    ),
    restoreFromCluster: setting.optional(
      kinds.matching(/^[a-z][a-z0-9-]{0,62}$/, "must be a cluster's name", "pulumi-old-database"),
      "living cluster whose past a new database starts from",
    ),
    restoreToTime: setting.optional(
      kinds.matching(
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
        "must be a UTC time like 2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00Z",
      ),
      "moment of restoreFromCluster; the latest that there is unless set",
    ),
    restoreType: setting.defaulted(
      kinds.oneOf("full-copy", "copy-on-write"),
      "full-copy",
      "whether restoreFromCluster copies the data or shares its pages (a clone)",
    ),
    backupPlan: setting.defaulted(kinds.boolean(), false, "whether AWS Backup also keeps database and buckets"),
    backupPlanDays: setting.defaulted(kinds.integer(1, 36500), 35, "days that AWS Backup keeps a recovery point"),
    backupCopyVaultArn: setting.optional(kinds.backupVaultArn(), "vault of another region or account for copies"),
    multiRegionKey: setting.defaulted(
      kinds.boolean(),
      false,
      "whether the encryption key can have replicas in other regions",
    ),
    accessLogsBucketName: setting.optional(kinds.bucketName(), "bucket that gets the state buckets' access logs"),
    noncurrentDays: setting.defaulted(kinds.integer(1, 3650), 30, "days that an overwritten object is kept"),
    forceDestroy: setting.defaulted(kinds.boolean(), false, "whether a destroy deletes the buckets' objects too"),
  },
  needs: {
    networking: {
      when: (_settings, given) => !given.has("databaseEndpoint"),
      outputs: ["vpcId", "isolatedSubnetIds", "workloadSecurityGroupId"],
    },
    iam: {
      groups: [
        {
          when: (settings, given) => settings.monitoringInterval > 0 && !given.has("databaseEndpoint"),
          outputs: ["databaseMonitoringRoleArn"],
        },
        { when: (settings) => settings.backupPlan, outputs: ["backupRoleArn"] },
        {
          when: (settings, given) => settings.platform === "eks" && !given.has("encryptionKeyArn"),
          outputs: ["apiRoleArn"],
        },
        {
          when: (settings, given) => settings.platform === "fargate" && !given.has("encryptionKeyArn"),
          outputs: ["apiTaskRoleArn"],
        },
      ],
    },
  },
});

export type DatabaseConfig = Awaited<
  ReturnType<typeof readConfig<"database", typeof spec.settings, typeof spec.needs>>
>;

/** Everything this stack reads; what was given is looked up, so that a wrong id stops the run before anything is made. */
export async function readDatabaseConfig(): Promise<DatabaseConfig> {
  const config = await readConfig(spec);
  const { settings, given, caller } = config;
  const { databaseMonitoringRoleArn: monitoringRoleArn, backupRoleArn } = config.upstream.iam;
  const problems = new Problems();
  if (settings.serverlessMinCapacity > settings.serverlessMaxCapacity) {
    problems.add(
      "serverlessMinCapacity is greater than serverlessMaxCapacity; run `pulumi config set serverlessMinCapacity 0.5`",
    );
  }
  if (settings.restoreFromSnapshot !== undefined && settings.restoreFromCluster !== undefined) {
    problems.add("restoreFromSnapshot and restoreFromCluster are both set; run `pulumi config rm` on one of them");
  }
  if (settings.restoreToTime !== undefined && settings.restoreFromCluster === undefined) {
    problems.add("restoreToTime means nothing without restoreFromCluster; run `pulumi config rm restoreToTime`");
  }
  if (settings.backupCopyVaultArn !== undefined && !settings.backupPlan) {
    problems.add("backupCopyVaultArn means nothing without backupPlan; run `pulumi config set backupPlan true`");
  }
  const buckets = ["checkpointsBucketName", "policyPacksBucketName", "eventsBucketName"] as const;
  const names = buckets.flatMap((key) => given[key] ?? []);
  if (new Set(names).size < names.length) {
    problems.add("two of the buckets given are one and the same; the service needs a bucket for each");
  }
  await Promise.all([
    ...buckets.map((key) => given[key] && checkGivenBucket(key, given[key], caller, problems)),
    settings.accessLogsBucketName &&
      checkGivenBucket("accessLogsBucketName", settings.accessLogsBucketName, caller, problems),
    backupRoleArn && checkRoleTrust("backupRoleArn", backupRoleArn, serviceTrust("backup.amazonaws.com"), problems),
    given.encryptionKeyArn && checkGivenKey("encryptionKeyArn", given.encryptionKeyArn, problems),
    monitoringRoleArn &&
      checkRoleTrust(
        "databaseMonitoringRoleArn",
        monitoringRoleArn,
        serviceTrust("monitoring.rds.amazonaws.com"),
        problems,
      ),
    refuseOtherKey(config, problems),
  ]);
  problems.throwIfAny(contract.database.project);
  return config;
}

/** A living installation keeps its encryption key: what one key encrypted can't be read with another. */
async function refuseOtherKey({ given }: DatabaseConfig, problems: Problems): Promise<void> {
  const { encryptionKeyArn: before, encryptionKeyOrigin: origin } = await previousOutputs();
  if (typeof before !== "string" || origin === undefined) return;
  const now = given.encryptionKeyArn;
  if (now === undefined ? origin === "made" : now === before) return;
  const remedy =
    origin === "made" ? "pulumi config rm encryptionKeyArn" : `pulumi config set encryptionKeyArn ${before}`;
  problems.add(
    `the service's secrets are encrypted with ${before}; with ${now ?? "a new key"} they could never be read again; run \`${remedy}\``,
  );
}
