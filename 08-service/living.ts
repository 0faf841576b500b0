import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { asked, type Problems } from "@selfhosted/common";
import { checkDelivery, type DeliveryName } from "@selfhosted/common/delivery";
import { checkBackup } from "./backups";
import type { ResolvedConfig } from "./config";
import type { Secret, Secrets } from "./secretSources";

/** What a living installation doesn't survive a change of; published, so that the next run can tell. */
export interface Settled {
  readonly version: string;
  readonly schema: string;
  readonly encryption: string;
  readonly engineEvents: string;
  readonly delivery: DeliveryName;
}

/** What is settled by this configuration. */
export async function settledBy(
  { settings, upstream }: ResolvedConfig,
  { localEncryptionKey }: Secrets,
  schema: string,
): Promise<Settled> {
  const { engineEventsSchemaV2, engineEventsLegacyWrite } = settings;
  return {
    version: settings.imageTag,
    schema,
    delivery: settings.deliver,
    encryption:
      localEncryptionKey === undefined
        ? `KMS key ${asked(upstream.database.encryptionKeyArn, "the encryption key")}`
        : `local key ${await nameOf(localEncryptionKey)}`,
    engineEvents: `schema ${engineEventsSchemaV2 ? "V2" : "V1"}${engineEventsLegacyWrite ? ", V1 written too" : ""}`,
  };
}

/** What was settled when this stack came up the last time; nothing on the first. */
export type Before = Readonly<Partial<Record<keyof Settled, unknown>>>;

/** Refuses what a living installation would not survive, with the reason, unless it is named in `acceptChanges`. */
export async function refuseFatalChanges(
  before: Before,
  now: Settled,
  { settings, upstream }: ResolvedConfig,
  migrates: boolean,
  problems: Problems,
): Promise<void> {
  const { acceptChanges, upgradeBackupHours } = settings;
  const changed = (key: "encryption" | "engineEvents") =>
    typeof before[key] === "string" && before[key] !== now[key] && !acceptChanges.includes(key);
  if (changed("encryption")) {
    const back = now.encryption.startsWith("local key")
      ? "run `pulumi config rm localEncryptionKey`, or set the one that it has"
      : "give the key that it has";
    problems.add(
      `this installation's secrets are encrypted with ${String(before.encryption)}; with ${now.encryption} they could never be read again; ${back}`,
    );
  }
  if (changed("engineEvents")) {
    problems.add(
      `this installation writes engine events as ${String(before.engineEvents)}; as ${now.engineEvents} the older ones would be lost to it; ` +
        "take engineEventsSchemaV2 and engineEventsLegacyWrite back, or ask the vendor first and then run `pulumi config set acceptChanges '[\"engineEvents\"]'`",
    );
  }
  if (typeof before.version === "string" && before.version !== now.version && migrates) {
    const endpoint = asked(upstream.database.databaseEndpoint, "the database");
    await checkBackup(endpoint, now.version, upgradeBackupHours, problems);
  }
  checkDelivery(before.version === undefined ? undefined : before, now.delivery, problems);
  const [from, to] = [majorOf(before.version), majorOf(now.version)];
  if (from === undefined || to === undefined || from === to) return;
  if (to > from + 1) {
    problems.add(
      `imageTag ${now.version} leaves out a major version after ${String(before.version)}; go to ${from + 1}.x first, for migrations are only written from one major version to the next`,
    );
  } else if (!acceptChanges.includes("majorVersion")) {
    const why = to < from ? "migrations aren't undone" : "a new major version may ask for steps by hand";
    problems.add(
      `imageTag ${now.version} is another major version than ${String(before.version)}, and ${why}; read its release notes and take a backup, then run \`pulumi config set acceptChanges '["majorVersion"]'\``,
    );
  }
}

function majorOf(version: unknown): number | undefined {
  const major = typeof version === "string" ? /^v?(\d{1,3})\.\d/.exec(version)?.[1] : undefined;
  return major === undefined ? undefined : Number(major);
}

/**
 * Eight hexadecimal digits of a key's hash: enough to tell two keys apart, useless to find one of 32 random characters. Of
 * a key that only the platform reads, its place.
 */
async function nameOf(key: Secret): Promise<string> {
  if ("kept" in key) return `in ${"secretArn" in key.kept ? key.kept.secretArn : `Secret ${key.kept.secretName}`}`;
  const text = await new Promise<string>((resolve) => {
    pulumi.output(key.value).apply(resolve);
  });
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
