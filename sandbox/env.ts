import { mkdirSync } from "node:fs";
import * as nodeModule from "node:module";
import { delimiter, dirname, join } from "node:path";
import { findEngine, type Progress } from "@selfhosted/cli/engine";
import { reason } from "@selfhosted/cli/reason";
import { edgeVariables } from "./edge/ports";
import { pulumiHome, sandboxHome } from "./home";
import { binary, NoServersError } from "./kubernetes/binaries";
import { installPlugins } from "./plugins";
import { PASSPHRASE } from "./passphrase";
import { plainLines } from "./progress";

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string>>;

/** Who wants to hear how the sandbox's programs are coming along; each is made at the same time as the others. */
export interface ToolProgress {
  readonly engine: Progress;
  readonly kubernetes: Progress;
}

/** Folders of the programs that the sandbox needs on PATH. */
interface Tools {
  readonly engine: string;
  /** Where no Kubernetes API can be had, there is none either. */
  readonly kubectl?: string;
}

/** Finds or builds the engine and the Kubernetes servers, side by side. */
export async function prepareTools(progress: ToolProgress): Promise<Tools> {
  const [engine, kubectl] = await Promise.allSettled([
    findEngine(progress.engine),
    prepareKubernetes(progress.kubernetes),
  ]);
  // Both are waited for, so that whoever lacks both learns it at once.
  const failures = [engine, kubectl].flatMap((part) => (part.status === "rejected" ? [part.reason as unknown] : []));
  if (engine.status === "rejected" || kubectl.status === "rejected") {
    throw new Error(failures.map((failure) => reason(failure)).join("\n"));
  }
  return { engine: engine.value.directory, kubectl: kubectl.value && dirname(kubectl.value) };
}

/** Finds, builds or downloads the servers of the sandbox's EKS clusters; returns the path of kubectl, if they can be had. */
async function prepareKubernetes(progress: Progress): Promise<string | undefined> {
  try {
    return await binary("kubectl", progress);
  } catch (error) {
    if (!(error instanceof NoServersError)) throw error;
    progress(`${error.message}\nWithout it, Kubernetes objects are checked by their schemas alone.`);
    return undefined;
  }
}

/** Where a sandbox's stacks have their state. */
export function backendFolder(home: string): string {
  return join(home, "backend");
}

/** The environment in which plain `pulumi` and `kubectl` work on the world of `home`. */
export async function sandboxEnvironment(home: string, tools: Tools): Promise<Variables> {
  const backend = backendFolder(home);
  mkdirSync(backend, { recursive: true, mode: 0o700 });
  await installPlugins(home);
  return {
    PATH: [...folders(tools), process.env["PATH"] ?? ""].join(delimiter),
    SELFHOSTED_SANDBOX_HOME: home,
    PULUMI_HOME: pulumiHome(home),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The stand-ins are all the providers there are: whatever else a program asks for is an error, not a download.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ...(await edgeVariables(home)),
    ...compileCache(home),
  };
}

/** Where Node keeps the compiled code of what programs load, mostly the SDK: a quarter of a program's start. */
function compileCache(home: string): Variables {
  const cache = { NODE_COMPILE_CACHE: join(home, "compile-cache") };
  if ("enableCompileCache" in nodeModule) return cache;
  const preload = `--require "${join(__dirname, "bin", "compileCache.js")}"`;
  const given = process.env["NODE_OPTIONS"] ?? "";
  return { ...cache, NODE_OPTIONS: given.includes(preload) ? given : `${given} ${preload}`.trim() };
}

/** `npm run -s sandbox:env`: prints `export` lines for a POSIX shell; all else goes to stderr. */
export async function main(): Promise<void> {
  const say = plainLines((message) => process.stderr.write(`${message}\n`));
  const tools = await prepareTools({ engine: say, kubernetes: say });
  const variables = await sandboxEnvironment(sandboxHome(), tools);
  // The shell's own PATH, and not the one npm gives its scripts, stays behind ours.
  console.log(`export PATH=${quote(folders(tools).join(delimiter))}${delimiter}"$PATH"`);
  for (const [name, value] of Object.entries(variables))
    if (name !== "PATH") console.log(`export ${name}=${quote(value)}`);
}

/** What goes in front of PATH. */
function folders(tools: Tools): string[] {
  return [tools.engine, join(__dirname, "bin"), ...(tools.kubectl ? [tools.kubectl] : [])];
}

/** One word for a POSIX shell, whatever it holds. */
function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
