import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { socketPath } from "./bin/connect";
import { stopDaemon } from "./plugins";

/**
 * Ends a daemon that was started before the sandbox's sources last changed (a `git pull`, an edit): it would go on
 * answering as they were. The next `pulumi` starts a new one, on the same world.
 */
export async function stopOutdatedDaemon(home: string): Promise<void> {
  const started = statSync(socketPath(home), { throwIfNoEntry: false })?.mtimeMs;
  if (started !== undefined && started < lastChange(__dirname)) await stopDaemon(home);
}

/** When a source below a folder last changed, in milliseconds since 1970. */
function lastChange(folder: string): number {
  const times = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? 0 : lastChange(path);
    return /\.(ts|js)$/.test(entry.name) ? statSync(path).mtimeMs : 0;
  });
  return Math.max(0, ...times);
}
