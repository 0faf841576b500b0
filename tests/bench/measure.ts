import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What one run of a command cost. */
export interface Cost {
  /** Wall time in seconds. */
  readonly seconds: number;
  /** Peak of the resident memory of the process and all its descendants together, in MB. */
  readonly treeMegabytes: number;
  /** Peak resident memory of the Pulumi program alone (`@pulumi/pulumi/cmd/run`), in MB. */
  readonly programMegabytes: number;
}

/** Milliseconds between two looks at the processes: a start takes a second or more. */
const SAMPLE_EVERY = 50;

/** Runs a command and samples /proc while it runs; where there is no /proc (not Linux), memory is 0. */
export async function measure(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Cost> {
  const started = process.hrtime.bigint();
  let tree = 0;
  let program = 0;
  let text = "";
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  const timer = setInterval(() => {
    const memory = residentMemory(child.pid ?? 0);
    tree = Math.max(tree, memory.tree);
    program = Math.max(program, memory.program);
  }, SAMPLE_EVERY);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearInterval(timer);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} in ${options.cwd} failed:\n${text}`);
  return {
    seconds: Number(process.hrtime.bigint() - started) / 1e9,
    treeMegabytes: tree / 2 ** 20,
    programMegabytes: program / 2 ** 20,
  };
}

interface Process {
  readonly parent: number;
  readonly bytes: number;
}

/** Bytes of resident memory of a process with its descendants, and of the Pulumi program among them. */
function residentMemory(root: number): { tree: number; program: number } {
  const processes = new Map<number, Process>();
  for (const entry of readdir("/proc")) {
    const pid = Number(entry);
    const known = Number.isInteger(pid) ? readProcess(pid) : undefined;
    if (known) processes.set(pid, known);
  }
  let tree = 0;
  let program = 0;
  for (const [pid, { bytes }] of processes) {
    if (!descends(pid, root, processes)) continue;
    tree += bytes;
    if (read(`/proc/${pid}/cmdline`).includes("@pulumi/pulumi/cmd/run")) program += bytes;
  }
  return { tree, program };
}

function descends(pid: number, root: number, processes: ReadonlyMap<number, Process>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = processes.get(at)?.parent) {
    if (at === root) return true;
  }
  return false;
}

/** Parent and resident bytes of a process (proc(5), `stat` fields 4 and 24, the latter in pages of 4 KiB). */
function readProcess(pid: number): Process | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets, and may hold spaces itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [, parent] = fields;
  const pages = fields[21];
  return parent === undefined || pages === undefined
    ? undefined
    : { parent: Number(parent), bytes: Number(pages) * 4096 };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
}

function readdir(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
