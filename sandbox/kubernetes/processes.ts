import { execFile, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
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
    // On Linux the kernel says it, in a file; a process that is no more, but not yet waited for, has an empty one.
    if (process.platform === "linux") return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(mark);
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

/**
 * Where ports are chosen from: below those that Linux (from 32768) and macOS (from 49152) give to outgoing connections,
 * any of which could take a port in the time until its server listens, or while its server is down.
 */
const PORTS = { from: 10_000, to: 32_768 } as const;

/** Loopback ports nobody listens on now, neither by TCP nor by UDP. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  const socket = createSocket("udp4");
  try {
    await new Promise<void>((done, failed) => {
      server.once("error", failed).listen({ port, host: "127.0.0.1", exclusive: true }, done);
    });
    await new Promise<void>((done, failed) => {
      socket.once("error", failed).bind({ port, address: "127.0.0.1", exclusive: true }, done);
    });
    return true;
  } catch {
    return false;
  } finally {
    await new Promise<void>((done) => socket.close(done));
    await new Promise((done) => server.close(done));
  }
}
