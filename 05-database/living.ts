import { previousOutputs, type Problems } from "@selfhosted/common";
import type { DatabaseConfig } from "./config";

/** A living installation keeps its encryption key: what one key encrypted can't be read with another. */
export async function refuseOtherKey({ given }: DatabaseConfig, problems: Problems): Promise<void> {
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
