import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopSandbox } from "../../../sandbox/stop";

/** How the homes of test sandboxes begin, in the folder for temporary files. */
export const HOME_PREFIX = "selfhosted-sandbox-";
const OWNER = "owner.pid";

/** Notes that a sandbox belongs to this process. */
export function own(home: string): void {
  writeFileSync(join(home, OWNER), String(process.pid));
}

/** Ends the sandboxes of test processes that were killed: their daemons and clusters would run on for hours. */
export async function endAbandoned(): Promise<void> {
  const homes = readdirSync(tmpdir()).filter((entry) => entry.startsWith(HOME_PREFIX));
  for (const home of homes.map((entry) => join(tmpdir(), entry))) {
    const owner = readOwner(home);
    if (owner === undefined || isAlive(owner)) continue;
    await stopSandbox(home);
    removeHome(home);
  }
}

/** Removes a sandbox's folder, also where a process that was just told to end writes a last file into it. */
export function removeHome(home: string): void {
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function readOwner(home: string): number | undefined {
  try {
    return Number(readFileSync(join(home, OWNER), "utf8"));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
