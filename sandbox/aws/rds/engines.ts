/**
 * What RDS has of Aurora MySQL 3 (MySQL 8.0). Aurora MySQL 2 (5.7) left standard support on 2024-10-31 and isn't made
 * any more. Sources: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/AuroraMySQL.release-calendars.html
 * and https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html
 */
export const auroraMysqlVersions: readonly string[] = [
  "8.0.mysql_aurora.3.04.0",
  "8.0.mysql_aurora.3.04.1",
  "8.0.mysql_aurora.3.04.2",
  "8.0.mysql_aurora.3.04.3",
  "8.0.mysql_aurora.3.04.4",
  "8.0.mysql_aurora.3.04.6",
  "8.0.mysql_aurora.3.08.0",
  "8.0.mysql_aurora.3.08.1",
  "8.0.mysql_aurora.3.08.2",
  "8.0.mysql_aurora.3.09.0",
  "8.0.mysql_aurora.3.10.0",
  "8.0.mysql_aurora.3.10.1",
  "8.0.mysql_aurora.3.10.2",
  "8.0.mysql_aurora.3.10.3",
  "8.0.mysql_aurora.3.10.4",
  "8.0.mysql_aurora.3.11.1",
  "8.0.mysql_aurora.3.12.0",
];

/** What `engineVersion: "8.0"`, or none, gives. 3.10 is the long-term support release. */
export const DEFAULT_AURORA_MYSQL = "8.0.mysql_aurora.3.10.3";

export const engines = ["aurora-mysql", "aurora-postgresql", "mysql", "postgres"];

/** The version that RDS makes of what is asked for; undefined for one it doesn't have. Only Aurora MySQL is known. */
export function actualVersion(engine: string, asked: string | undefined): string | undefined {
  if (engine !== "aurora-mysql") return asked ?? "16.6";
  if (asked === undefined || asked === "8.0") return DEFAULT_AURORA_MYSQL;
  if (auroraMysqlVersions.includes(asked)) return asked;
  // 8.0.mysql_aurora.3.10 means its newest patch.
  return auroraMysqlVersions.filter((version) => version.startsWith(`${asked}.`)).at(-1);
}

/** `8.0.mysql_aurora.3.10.3` → `aurora-mysql8.0`, the family of its parameter groups. */
export function familyOf(engine: string, version: string): string {
  return engine === "aurora-mysql"
    ? `aurora-mysql${version.split(".").slice(0, 2).join(".")}`
    : `${engine}${version.split(".")[0] ?? ""}`;
}

const large = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge";
const classes: readonly (readonly [families: string, sizes: string])[] = [
  ["db.t3", "medium large"],
  ["db.t4g", "medium large"],
  ["db.r5", `${large} 24xlarge`],
  ["db.r6g db.r7g", large],
  ["db.r6i", `${large} 24xlarge 32xlarge`],
  ["db.r7i", `${large} 24xlarge 48xlarge`],
  ["db.r8g", `${large} 24xlarge 48xlarge`],
  ["db.x2g", large],
];

/** Instance classes of Aurora MySQL 3. */
export const auroraMysqlClasses: ReadonlySet<string> = new Set([
  "db.serverless",
  ...classes.flatMap(([families, sizes]) =>
    families.split(" ").flatMap((family) => sizes.split(" ").map((size) => `${family}.${size}`)),
  ),
]);

/** Port a cluster listens on when none is given. */
export function defaultPort(engine: string): number {
  return engine.includes("postgres") ? 5432 : 3306;
}
