import { reason } from "../reason";
import { type Progress } from "./cache";
import { type Engine, engineBuilt, engineDownloaded, engineFromGo, engineFromInstaller, engineOnPath } from "./finders";

export { buildGo, type GoBuild } from "./buildGo";
export { cacheDirectory, type Progress } from "./cache";
export { type Engine, MINIMUM_VERSION } from "./finders";

/** One way to a Pulumi engine; it fails with the reason why it is none. */
export interface Way {
  /** What is tried, as the error lists it. */
  readonly name: string;
  readonly find: (progress: Progress) => Promise<Engine>;
}

/** What the machine has comes first, then what this user has fetched before, then what must be fetched. */
const ways: readonly Way[] = [
  { name: "pulumi on PATH", find: engineOnPath },
  { name: "downloaded before", find: engineDownloaded },
  { name: "built before", find: engineBuilt },
  { name: "Pulumi's installer", find: engineFromInstaller },
  { name: "built from Go modules", find: engineFromGo },
];

/**
 * A Pulumi engine: found, downloaded or built. Says which it took and why not one before it. Fails with one error that
 * tells what was tried and what to install.
 */
export async function findEngine(progress: Progress, candidates: readonly Way[] = ways): Promise<Engine> {
  const failures: string[] = [];
  for (const way of candidates) {
    try {
      const engine = await way.find(progress);
      const because = failures.length === 0 ? "" : ` (${failures.join("; ")})`;
      progress(`pulumi ${engine.version}, ${engine.origin}${because}`);
      return engine;
    } catch (error) {
      failures.push(`${way.name}: ${reason(error)}`);
    }
  }
  throw new Error(
    [
      "No Pulumi engine could be found, downloaded or built:",
      ...failures.map((failure) => `  - ${failure}`),
      "Install the Pulumi CLI (https://www.pulumi.com/docs/install/), or Go 1.25 or newer (https://go.dev/doc/install) so that it can be built, and run this again.",
    ].join("\n"),
  );
}
