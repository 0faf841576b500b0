import type { Problems } from "@selfhosted/common";
import type { DatabaseConfig } from "./config";

/** What this stack published the last time. */
export type Before = Readonly<Record<string, unknown>>;

/** A living installation keeps its encryption key: what one key encrypted can't be read with another. */
export function refuseOtherKey({ given, settings }: DatabaseConfig, outputs: Before, problems: Problems): void {
  const { encryptionKeyArn: before, encryptionKeyOrigin: origin } = outputs;
  if (typeof before !== "string" || origin === undefined) return;
  const now = given.encryptionKeyArn;
  // The ids of multi-Region keys begin so. Source: KMS developer guide, "Multi-Region keys in AWS KMS".
  const isMultiRegion = before.includes(":key/mrk-");
  if (now === undefined && origin === "made" && settings.multiRegionKey !== isMultiRegion) {
    problems.add(
      `the service's secrets are encrypted with ${before}, which ${isMultiRegion ? "is" : "isn't"} a multi-Region key, and KMS can't change that; another key could never read them; run \`pulumi config set multiRegionKey ${isMultiRegion}\``,
    );
  }
  if (now === undefined ? origin === "made" : now === before) return;
  const remedy =
    origin === "made" ? "pulumi config rm encryptionKeyArn" : `pulumi config set encryptionKeyArn ${before}`;
  problems.add(
    `the service's secrets are encrypted with ${before}; with ${now ?? "a new key"} they could never be read again; run \`${remedy}\``,
  );
}
