import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** How many minor versions back a kube-apiserver can stand for (KEP-4330, compatibility versions). */
const EMULATED_RANGE = 3;
/** The first version that can. */
const FIRST_EMULATING = 31;

/** `major.minor` of a kube-apiserver program. */
export async function serverVersion(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(program, ["--version"]);
  return /v(\d+\.\d+)/.exec(stdout)?.[1] ?? "";
}

/**
 * Version for `--emulated-version`, or `undefined` where the server is that version itself or cannot stand for it: then
 * the API is the server's own.
 */
export function emulatedVersion(wanted: string, own: string): string | undefined {
  const [ownMinor, minor] = [own, wanted].map((version) => Number(/^1\.(\d+)$/.exec(version)?.[1]));
  if (ownMinor === undefined || minor === undefined || ownMinor < FIRST_EMULATING) return undefined;
  return minor < ownMinor && minor >= ownMinor - EMULATED_RANGE ? `1.${minor}` : undefined;
}
