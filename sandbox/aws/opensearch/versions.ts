const openSearch = "1.0 1.1 1.2 1.3 2.3 2.5 2.7 2.9 2.11 2.13 2.15 2.17 2.19 3.1 3.3".split(" ");
const elasticsearch = "6.8 7.1 7.4 7.7 7.8 7.9 7.10".split(" ");

/** Where versions and the ways between them are listed. */
export const UPGRADES = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/version-migration.html";

/** Engine versions that a new domain can have, oldest first. */
export const versions: readonly string[] = [
  ...elasticsearch.map((version) => `Elasticsearch_${version}`),
  ...openSearch.map((version) => `OpenSearch_${version}`),
];

/** What a domain gets whose program names none. */
export const NEWEST = versions.at(-1) ?? "";

/**
 * Why a domain can't go from one version to another in place; undefined when it can. A major version is left by its
 * last minor ones only, and no version is ever gone back to.
 */
export function upgradeProblem(from: string, to: string): string | undefined {
  const [before, after] = [versions.indexOf(from), versions.indexOf(to)];
  if (before < 0 || after < 0 || from === to) return undefined;
  if (after < before) return `a domain can't go back from ${from} to ${to}: restore a snapshot into a new one`;
  const leaving: Readonly<Record<string, RegExp>> = {
    "OpenSearch_1→OpenSearch_2": /^OpenSearch_1\.[123]$/,
    "OpenSearch_2→OpenSearch_3": /^OpenSearch_2\.19$/,
  };
  const majors = `${majorOf(from)}→${majorOf(to)}`;
  const allowed = leaving[majors];
  if (allowed !== undefined) return allowed.test(from) ? undefined : `${from} can't become ${to} in one step`;
  const skips = majorOf(from) === "OpenSearch_1" && majorOf(to) === "OpenSearch_3";
  return skips ? `${from} can't become ${to} in one step: go to OpenSearch_2.19 first` : undefined;
}

function majorOf(version: string): string {
  return version.split(".")[0] ?? "";
}
