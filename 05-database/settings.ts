import { bucketSettings, kinds, setting } from "@selfhosted/common";

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

const off = (about: string) => setting.defaulted(kinds.boolean(), false, about);

const general = {
  platform: setting.defaulted(kinds.oneOf("eks", "fargate"), "eks", "where 08-service runs: whose role uses the key"),
  protect: setting.defaulted(kinds.boolean(), true, "whether a destroy is refused"),
};

/** Aurora MySQL. */
const aurora = {
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
  requireTls: setting.defaulted(kinds.boolean(), true, "whether the server refuses connections without TLS"),
  databaseCaCertificate: setting.optional(
    kinds.certificates(),
    "authority of the database's certificate; AWS's own for this region unless set, and none for a given database",
  ),
  databasePasswordRotation: setting.defaulted(
    kinds.integer(1, 1000000),
    1,
    "raise it to give the user that owns the schema another password",
  ),
  manageDatabasePassword: off("whether RDS keeps that password in Secrets Manager and rotates it by itself"),
  databaseInsights: setting.defaulted(
    kinds.oneOf("standard", "advanced"),
    "standard",
    "how much Database Insights shows: the last week, or fifteen months and more",
  ),
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
};

/** A database that somebody else made. */
const theirs = {
  databaseIdentifier: setting.optional(
    kinds.matching(/^[a-zA-Z][a-zA-Z0-9-]{0,62}$/, "must be a cluster's or instance's name", "their-database"),
    "name in RDS of the given database, to check it before anything is made",
  ),
};

/** What a new database starts from. */
const restore = {
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
};

/** Copies besides those that Aurora keeps itself. */
const backup = {
  backupPlan: setting.defaulted(kinds.boolean(), false, "whether AWS Backup also keeps database and buckets"),
  backupPlanDays: setting.defaulted(kinds.integer(1, 36500), 35, "days that AWS Backup keeps a recovery point"),
  backupCopyRegion: setting.optional(kinds.region(), "other region in which a vault for copies is made"),
  backupCopyVaultArn: setting.optional(kinds.backupVaultArn(), "vault of another region or account for copies"),
};

/** The service's encryption key. */
const encryption = {
  multiRegionKey: setting.defaulted(
    kinds.boolean(),
    false,
    "whether the encryption key can have replicas in other regions",
  ),
  encryptionKeyAdministratorArns: setting.defaulted(
    kinds.list(kinds.principalArn()),
    [],
    "roles and users that alone administer the encryption key; whoever IAM lets, unless set",
  ),
};

/** State buckets and the audit table. */
const state = {
  registryBuckets: off("whether the registry's two buckets are made too"),
  auditTable: off("whether audit logs get a DynamoDB table instead of rows in the database"),
  ...bucketSettings,
};

/** Every key of this stack but those of its outputs and of the stacks before. */
export const settings = { ...general, ...aurora, ...theirs, ...restore, ...backup, ...encryption, ...state };
