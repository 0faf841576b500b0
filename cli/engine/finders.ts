import { link, copyFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import { version as sdkVersion } from "@pulumi/pulumi/version";
import * as semver from "semver";
import { buildGo, builtBefore, type GoBuild } from "./buildGo";
import { cacheDirectory, makeFolder, type Environment, type Progress } from "./cache";
import { reason } from "../reason";
import { isProgram, onPath, output } from "./run";

/** A Pulumi engine and its Node language host, ready to run. */
export interface Engine {
  /** Folder with `pulumi` (and, unless both came from PATH, `pulumi-language-nodejs`): goes first on PATH. */
  readonly directory: string;
  /** Version of the engine, e.g. `3.246.0`. */
  readonly version: string;
  /** Where it is from, for people: `pulumi on PATH`. */
  readonly origin: string;
}

/**
 * The oldest engine that is taken from PATH: the oldest that was tried with this SDK (`up` and `destroy` of a TypeScript
 * stack). Older ones may well work; what they would fail with is not known.
 */
export const MINIMUM_VERSION = "3.200.0";

/** The engine's module and version as they are built: the newest version of the module whose whole tree Go can fetch. */
const GO_ENGINE = "3.246.0";

/** Milliseconds for an answer of the download server before it counts as out of reach. */
const REACH_TIMEOUT = 5_000;

/** Milliseconds for the download of the engine, some 100 MB. */
const DOWNLOAD_TIMEOUT = 5 * 60_000;

const HOST = "pulumi-language-nodejs";

/** The engine that is on PATH, if its version fits and it has a Node language host. */
export async function engineOnPath(_progress: Progress, env: Environment = process.env): Promise<Engine> {
  const command = await onPath("pulumi", env);
  if (command === undefined) throw new Error("there is no `pulumi` on PATH");
  const version = await versionOf(command, env);
  if (semver.lt(version, MINIMUM_VERSION)) {
    throw new Error(`${command} is ${version}, and at least ${MINIMUM_VERSION} is needed`);
  }
  const directory = dirname(command);
  if (!(await isProgram(join(directory, HOST))) && (await onPath(HOST, env)) === undefined) {
    throw new Error(`${command} has no ${HOST} beside it, and there is none on PATH`);
  }
  return { directory, version, origin: "pulumi on PATH" };
}

/** The engine an earlier run downloaded. */
export async function engineDownloaded(_progress: Progress, env: Environment = process.env): Promise<Engine> {
  const directory = join(downloadRoot(env), "bin");
  const command = join(directory, "pulumi");
  if (!(await isProgram(command)) || !(await isProgram(join(directory, HOST)))) throw new Error("not downloaded yet");
  return { directory, version: await versionOf(command, env), origin: "downloaded by Pulumi's own installer" };
}

/** The engine from https://get.pulumi.com, by the Automation API's installer, into the cache. */
export async function engineFromInstaller(progress: Progress, env: Environment = process.env): Promise<Engine> {
  // The installer waits two minutes for a network that swallows packets, so ask first.
  await fetch("https://get.pulumi.com/latest-version", { signal: AbortSignal.timeout(REACH_TIMEOUT) }).catch(
    (error: unknown) => {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new Error(`get.pulumi.com can't be reached (${reason(cause)})`);
    },
  );
  progress(`downloading pulumi ${sdkVersion} from get.pulumi.com, about 100 MB`);
  const root = downloadRoot(env);
  const unfinished = `${root}.${process.pid}.unfinished`;
  makeFolder(dirname(root));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the download took longer than ${DOWNLOAD_TIMEOUT / 60_000} minutes`));
    }, DOWNLOAD_TIMEOUT);
  });
  try {
    await Promise.race([PulumiCommand.install({ root: unfinished }), late]);
    await rm(root, { recursive: true, force: true });
    await rename(unfinished, root);
  } finally {
    clearTimeout(timer);
    await rm(unfinished, { recursive: true, force: true });
  }
  return engineDownloaded(progress, env);
}

/** The engine an earlier run built. */
export async function engineBuilt(progress: Progress, env: Environment = process.env): Promise<Engine> {
  const programs = await Promise.all(goBuilds.map((build) => builtBefore(build, env)));
  if (programs.includes(undefined)) throw new Error("not built yet");
  return engineFromGo(progress, env);
}

/** The engine and its language host, built from Go modules side by side. */
export async function engineFromGo(progress: Progress, env: Environment = process.env): Promise<Engine> {
  const programs = await Promise.all(goBuilds.map((build) => buildGo(build, progress, env)));
  // The engine takes a language host from its own folder without a warning, so the three share one. Its name follows
  // from the programs', so a new build makes a new folder.
  const names = programs.map((program) => dirname(program).slice(-6)).join("");
  const directory = join(cacheDirectory(env), `engine-${names}`);
  makeFolder(directory);
  for (const [index, program] of programs.entries()) {
    const name = goBuilds[index]?.name;
    if (name !== undefined) await place(program, join(directory, name));
  }
  return { directory, version: GO_ENGINE, origin: "built from Go modules" };
}

/** The modules the engine is built from. The language host's is the last that contains it (it moved out in 3.69). */
const goBuilds: readonly GoBuild[] = [
  {
    name: "pulumi",
    directory: join(__dirname, "go", "pulumi"),
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${GO_ENGINE}`,
    why: "the Pulumi engine; some 1,500 packages to compile, 2-4 minutes, once",
  },
  {
    name: `${HOST}-host`,
    directory: join(__dirname, "go", "language"),
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    ldflags: "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.68.0",
    why: "runs TypeScript programs for the engine; half a minute, once",
  },
  {
    name: HOST,
    directory: join(__dirname, "go", "language"),
    package: ".",
    why: "starts the language host with a project's options; seconds, once",
  },
];

/** Puts a program into another folder of the cache, whole or not at all. */
async function place(program: string, target: string): Promise<void> {
  if (await isProgram(target)) return;
  const unfinished = `${target}.${process.pid}.unfinished`;
  await link(program, unfinished).catch(() => copyFile(program, unfinished));
  await rename(unfinished, target);
}

function downloadRoot(env: Environment): string {
  return join(cacheDirectory(env), `pulumi-${sdkVersion}`);
}

async function versionOf(command: string, env: Environment): Promise<string> {
  const text = await output(command, ["version"], { env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" } });
  const version = semver.coerce(text)?.version;
  if (version === undefined) throw new Error(`${command} doesn't tell its version: ${text}`);
  return version;
}
