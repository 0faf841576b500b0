import { execFile, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Starts a server that outlives this process; its output goes to a file. Returns its process id. */
export function startDetached(binary: string, args: readonly string[], logFile: string): number {
  const log = fs.openSync(logFile, "a", 0o600);
  try {
    const child = spawn(binary, args, { detached: true, stdio: ["ignore", log, log] });
    child.unref();
    // Without a listener a failed start would end the whole sandbox daemon; the caller sees it as "not alive".
    child.on("error", (error) => {
      fs.appendFileSync(logFile, `${error.message}\n`);
    });
    if (child.pid === undefined) throw new Error(`${binary} could not be started; look at ${logFile}.`);
    return child.pid;
  } finally {
    fs.closeSync(log);
  }
}

/** True when a process of this id lives, whosever it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * True when the process lives and is really ours: its command line holds `mark` (its data directory), so a process id
 * that was given to another program since (after a reboot) is never taken for it, nor ended.
 */
export async function isOurs(pid: number, mark: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  try {
    const { stdout } = await run("ps", ["-ww", "-o", "stat=,args=", "-p", String(pid)]);
    return stdout.includes(mark) && !stdout.trimStart().startsWith("Z");
  } catch {
    return false;
  }
}

/** Ends a process: asked first, forced after `graceMs`. Returns when it is gone. */
export async function endProcess(pid: number, mark: string, graceMs = 3000): Promise<void> {
  if (!(await isOurs(pid, mark))) return;
  signal(pid, "SIGTERM");
  const deadline = Date.now() + graceMs;
  while (await isOurs(pid, mark)) {
    if (Date.now() > deadline) signal(pid, "SIGKILL");
    await sleep(50);
  }
}

/** A process that ended in the meantime needs no signal. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Loopback ports nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<net.Server>((resolve, reject) => {
          const server = net.createServer().once("error", reject);
          server.listen(0, "127.0.0.1", () => {
            resolve(server);
          });
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => promisify(server.close.bind(server))()));
  return ports;
}
