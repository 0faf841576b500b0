import { KUBERNETES_VERSION } from "./binaries";

/** How many minor versions back a kube-apiserver can stand for (KEP-4330, compatibility versions). */
const EMULATED_RANGE = 3;

/**
 * Version for `--emulated-version`, or `undefined` where the server is that version itself or cannot stand for it: then
 * the API is the server's own.
 */
export function emulatedVersion(wanted: string): string | undefined {
  const own = Number(KUBERNETES_VERSION.split(".")[1]);
  const minor = Number(/^1\.(\d+)$/.exec(wanted)?.[1]);
  return minor < own && minor >= own - EMULATED_RANGE ? `1.${minor}` : undefined;
}
