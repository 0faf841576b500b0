import * as pulumi from "@pulumi/pulumi";
import { shared, type Problems } from "@selfhosted/common";
import type { ResolvedConfig, ServiceConfig } from "./config";
import type { Before } from "./living";

/** This stack's resources with their outputs, by URN, as its state has them before this run. */
export type Resources = Readonly<Record<string, unknown>>;

/** What becomes of the database's schema. */
export interface SchemaPlan {
  /**
   * Version whose migrations ran last, once this program has; where they weren't seen to end well, with that, and with its
   * run, where that isn't the first: `3.45.0, unfinished, run 2`.
   */
  readonly schema: string;
  /** Whether the migrations of this version run. */
  readonly migrates: boolean;
}

/**
 * An older version than the one whose migrations ran last runs none of its own: they are golang-migrate's, which ends with
 * an error when the schema is newer than the files it has, and so the way back would be barred by a failing Job. On the way
 * back, migrations that didn't end well count as run, for they may have begun; on the way forward they don't: a mistyped
 * version's never began, and a version on a schema that lacks its migrations is worse than a Job that fails and says why.
 * Another `migrationsRun` runs them in any case.
 * Source: pulumi/migrations' migrate-db.sh (`migratecli … up`); golang-migrate/migrate#1091.
 */
export function planSchema({ settings }: ResolvedConfig, before: Before, resources: Resources): SchemaPlan {
  const { imageTag, migrationsRun } = settings;
  const recorded = before.schema ?? before.version;
  const [, version, doubt, run = "1"] =
    /^(\S+?)(, unfinished)?(?:, run (\d+))?$/.exec(typeof recorded === "string" ? recorded : "") ?? [];
  // The outputs of a run that failed aren't published, but the Job or task that it made is in the state.
  const tried = imageOf(resources, shared.serviceAccounts.migrations, "migrations");
  const forward = typeof before.version !== "string" || isOlder(before.version, imageTag);
  const [newest] = [
    { tag: version, ended: doubt === undefined },
    { tag: tried?.tag, ended: tried?.ended ?? false },
  ]
    .flatMap(({ tag, ended }) => (tag !== undefined && isOlder(imageTag, tag) ? [{ tag, ended }] : []))
    .filter(({ ended }) => ended || !forward)
    .sort((one, other) => Number(isOlder(one.tag, other.tag)) - Number(isOlder(other.tag, one.tag)));
  const behind = newest !== undefined && Number(run) === migrationsRun;
  const schema = behind ? `${newest.tag}${newest.ended ? "" : ", unfinished"}` : imageTag;
  return { schema: migrationsRun === 1 ? schema : `${schema}, run ${migrationsRun}`, migrates: !behind };
}

/** A digest decides what is pulled: under another tag those of the version before would be the same images again. */
export function checkDigests({ settings }: ResolvedConfig, resources: Resources, problems: Problems): void {
  const { imageTag, imageDigests } = settings;
  const last = imageDigests && imageOf(resources, shared.serviceAccounts.api, "service");
  if (last && last.tag !== imageTag && last.digest === imageDigests.service) {
    problems.add(
      `imageDigests are still those of ${last.tag}, so imageTag ${imageTag} would run the same images; set those of ${imageTag}, or run \`pulumi config rm imageDigests\``,
    );
  }
}

/** Says beforehand what is done about the schema, and how to get back: an error later on names no more than a resource. */
export function announceVersion({ before, settled, migrates, settings }: ServiceConfig): void {
  if (pulumi.runtime.isDryRun()) return;
  if (!migrates) {
    void pulumi.log.info(
      `${settled.version} runs on the schema of ${settled.schema}: migrations aren't undone, and its own older ones are left out`,
    );
  }
  if (typeof before.version === "string" && before.version !== settled.version) {
    const digests = settings.imageDigests ? "its imageDigests back, then " : "";
    const files = settings.deliver === "gitops" ? ", and commit the files" : "";
    void pulumi.log.info(
      `If ${settled.version} fails, ${before.version} comes back by ${digests}\`pulumi config set imageTag ${before.version} && pulumi up\`${files}`,
    );
  }
}

interface Image {
  readonly tag: string;
  readonly digest?: string;
  /** Whether the workload is a Job that came to its end. Of a task on Fargate the state doesn't tell. */
  readonly ended: boolean;
}

/** A component's image, as the state has its workload. */
function imageOf(resources: Resources, component: string, image: string): Image | undefined {
  const own = Object.entries(resources).filter(([urn]) => urn.endsWith(`::${component}`));
  const text = JSON.stringify(own);
  const { tag, digest } =
    new RegExp(`/${image}:(?<tag>[\\w.-]+)(?:@(?<digest>sha256:[0-9a-f]{64}))?`).exec(text)?.groups ?? {};
  return tag === undefined ? undefined : { tag, digest, ended: text.includes('"succeeded":1') };
}

/** Whether a version is older than another; never for tags that don't begin with numbers, whose order nobody knows. */
function isOlder(one: string, other: string): boolean {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  const at = a.findIndex((number, index) => number !== b[index]);
  if (a.length === 0 || b.length === 0) return false;
  return at === -1 ? a.length < b.length : (a[at] ?? 0) < (b[at] ?? -1);
}

/** `[3, 44, 0]` of v3.44.0 and 3.44.0-arm64; nothing of a commit's hash. */
function numbersOf(version: string): number[] {
  const numbers = /^v?(\d+(?:[.-]\d+)*)(?![0-9a-z])/i.exec(version)?.[1];
  return numbers === undefined ? [] : numbers.split(/[.-]/).map(Number);
}
