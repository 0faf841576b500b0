import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { lock } from "proper-lockfile";
import { cacheDirectory, makeFolder, type Environment, type Progress } from "./cache";
import { isProgram, onPath, output } from "./run";

/** One program to build from Go modules. */
export interface GoBuild {
  /** File name of the program, e.g. `etcd`. */
  readonly name: string;
  /** Folder with its go.mod and go.sum, and its main package if it has one of its own. */
  readonly directory: string;
  /** Import path of the main package, or `.` for the one in `directory`. */
  readonly package: string;
  /** Linker flags besides `-s -w` (which leave out debug tables: a third of the size). */
  readonly ldflags?: string;
  /** What it is for and what makes it slow, for whoever waits: `the Pulumi engine, 1,500 packages, about 3 minutes`. */
  readonly why: string;
}

/** How often at most people hear of a build that goes on, in milliseconds. */
const REPORT_EVERY = 1_000;

/** How many of the compiler's last lines an error shows. */
const LAST_LINES = 15;

const silence: Progress = () => undefined;

/**
 * Builds a Go program once per user and machine, and answers with the path of the program. What is in the cache is never
 * half-built (it is moved there when it is done), and of several processes that want the same program one builds it.
 * A change of its go.mod, go.sum, sources, flags or of Go itself builds it anew.
 */
export async function buildGo(
  build: GoBuild,
  progress: Progress = silence,
  env: Environment = process.env,
): Promise<string> {
  const go = await findGo(env);
  const program = await placeOf(build, go, env);
  if (await isProgram(program)) return program;

  const home = dirname(program);
  makeFolder(home);
  const release = await acquire(home, () => {
    progress(`${build.name}: another process is building it, waiting`);
  });
  try {
    if (!(await isProgram(program))) await oneAtATime(() => compile(build, go, program, progress, env));
  } finally {
    await release();
  }
  return program;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * One compilation after the other: each uses all cores, and side by side they compile the packages that they share once
 * each, which takes longer than doing it in turn.
 */
function oneAtATime(work: () => Promise<void>): Promise<void> {
  const mine = last.then(work);
  last = mine.catch(() => undefined);
  return mine;
}

/** The program that an earlier `buildGo` left in the cache, if it did. */
export async function builtBefore(build: GoBuild, env: Environment = process.env): Promise<string | undefined> {
  const program = await placeOf(build, await findGo(env), env);
  return (await isProgram(program)) ? program : undefined;
}

async function findGo(env: Environment): Promise<string> {
  const go = await onPath("go", env);
  if (go === undefined) throw new Error("there is no `go` on PATH");
  return go;
}

async function placeOf(build: GoBuild, go: string, env: Environment): Promise<string> {
  return join(cacheDirectory(env), `${build.name}-${await fingerprint(build, go, env)}`, build.name);
}

/** Waits for the sole right to fill a folder of the cache; a holder that was killed loses it after ten seconds. */
async function acquire(home: string, onWait: () => void): Promise<() => Promise<void>> {
  // A holder that slept so long that it was taken for dead (a laptop's lid) goes on: two builds do no harm, each is moved
  // into its place whole.
  const onCompromised = () => undefined;
  const mine = await lock(home, { onCompromised }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
    onWait();
    return lock(home, { onCompromised, retries: { forever: true, minTimeout: 200, maxTimeout: 1_000 } });
  });
  return () => mine().catch(onCompromised);
}

/** Changes whenever the program that would come out may be another one. */
async function fingerprint(build: GoBuild, go: string, env: Environment): Promise<string> {
  const hash = createHash("sha256");
  const sources = (await readdir(build.directory)).filter((file) => /^go\.(mod|sum)$|\.go$/.test(file)).sort();
  for (const file of sources) hash.update(`${file}\n`).update(await readFile(join(build.directory, file)));
  hash.update([build.package, build.ldflags ?? "", await output(go, ["version"], { env })].join("\n"));
  return hash.digest("hex").slice(0, 12);
}

async function compile(
  build: GoBuild,
  go: string,
  program: string,
  progress: Progress,
  env: Environment,
): Promise<void> {
  const unfinished = `${program}.${process.pid}.unfinished`;
  // -buildvcs=false: the checkout around the module says nothing about the program. -v: one line a package, for progress.
  // -dwarf=false: debug tables are left out of the program anyway; not to write them saves a ninth of the processor time.
  const flags = [
    "-v",
    "-buildvcs=false",
    "-gcflags=all=-dwarf=false",
    "-ldflags",
    `-s -w ${build.ldflags ?? ""}`.trim(),
  ];
  const child = spawn(go, ["build", ...flags, "-o", unfinished, build.package], {
    cwd: build.directory,
    // A workspace file somewhere above the checkout must not change what is built. The compiler's garbage collector set to
    // 400 % costs memory for a short while and saves a sixth of the processor time (paired cold builds of etcd).
    env: { GOGC: "400", ...env, GOWORK: "off" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const started = Date.now();
  const lines: string[] = [];
  let packages = 0;
  const report = () => {
    const seconds = Math.round((Date.now() - started) / 1_000);
    const current = lines.at(-1) ?? "looking at modules";
    progress(`building ${build.name} (${build.why}): ${seconds} s, ${packages} packages, now ${current}`);
  };
  report();
  const timer = setInterval(report, REPORT_EVERY);
  createInterface(child.stderr).on("line", (line) => {
    if (/^[\w./~-]+$/.test(line)) packages += 1;
    lines.push(line);
    if (lines.length > LAST_LINES) lines.shift();
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code !== 0) throw new Error(`go build of ${build.package} failed:\n${lines.join("\n")}`);
    await rename(unfinished, program);
    progress(`built ${build.name} in ${Math.round((Date.now() - started) / 1_000)} s`);
  } finally {
    clearInterval(timer);
    await rm(unfinished, { force: true });
  }
}
