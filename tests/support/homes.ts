import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopSandbox } from "../../sandbox/stop";

/** How the homes of test sandboxes begin, in the folder for temporary files. */
const PREFIX = "selfhosted-sandbox-";
const OWNER = "owner.pid";

/**
 * Makes a home for a test's sandbox. Before that it ends those of test processes that were killed: their daemons and
 * clusters would run on for hours.
 */
export async function newHome(): Promise<string> {
  const homes = readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX));
  for (const home of homes.map((entry) => join(tmpdir(), entry))) {
    const owner = readOwner(home);
    if (owner !== undefined && !isAlive(owner)) await endHome(home);
  }
  const home = mkdtempSync(join(tmpdir(), PREFIX));
  writeFileSync(join(home, OWNER), String(process.pid));
  return home;
}

/** Ends a sandbox and removes its folder, also where a process that was just told to end writes a last file into it. */
export async function endHome(home: string): Promise<void> {
  await stopSandbox(home);
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** None where the folder was made this moment, and where it is another user's. */
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
