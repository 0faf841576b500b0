import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What the migrations of an image do to the database that their variables name, as far as the next ones go by it: they
 * bring its schema to their version, or find a newer one there and fail, for golang-migrate doesn't know the files that
 * made it. Each database's version is in `<home>/schemas.json`.
 * Source: golang-migrate/migrate v4, migrate.go, `readUp` and `versionExists`; golang-migrate/migrate#1091.
 * @returns why they fail; undefined when they don't, or when it isn't an image of migrations.
 */
export function migrate(home: string, image: string, variables: ReadonlyMap<string, string>): string | undefined {
  const version = /\/migrations:([\w.-]+)/.exec(image)?.[1];
  if (version === undefined) return undefined;
  const file = join(home, "schemas.json");
  const schemas = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>) : {};
  const database = variables.get("PULUMI_DATABASE_ENDPOINT") ?? "";
  const newest = schemas[database];
  if (newest !== undefined && version.localeCompare(newest, "en", { numeric: true }) < 0) {
    return `error: no migration found for version ${newest}: read down for version ${newest} migrations: file does not exist`;
  }
  writeFileSync(file, JSON.stringify({ ...schemas, [database]: version }));
  return undefined;
}
