import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { makeFolder } from "@selfhosted/cli/engine/cache";

/**
 * Where this checkout's sandbox keeps everything: world, clusters, Pulumi's home and backend, socket, log. Outside the
 * repository, so that a clean checkout stays clean and two checkouts never share a world.
 * `SELFHOSTED_SANDBOX_HOME` overrides it.
 */
export function sandboxHome(): string {
  const checkout = resolve(__dirname, "..");
  const given = process.env["SELFHOSTED_SANDBOX_HOME"];
  const digest = createHash("sha256").update(checkout).digest("hex").slice(0, 12);
  const home = given ? resolve(given) : join(cacheFolder(), "sandbox", digest);
  // Only its owner may enter: the world holds secrets in plain, and the socket takes orders.
  makeFolder(home);
  return home;
}

/** The pretended AWS account's file. */
export function worldPath(home: string): string {
  return join(home, "world.json");
}

/** File of another account, which a provider assumes a role in. */
export function accountPath(home: string, account: string): string {
  return join(home, "accounts", `${account}.json`);
}

/** Pulumi's own home (`PULUMI_HOME`), which holds the plugin shims. */
export function pulumiHome(home: string): string {
  return join(home, "pulumi");
}

/** Where each SDK's typings are kept once read: they depend on its version alone, so all sandboxes share them. */
export function typingsFolder(): string {
  return join(cacheFolder(), "typings");
}

function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "pulumi-selfhosted");
}
