import { execFile } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as jest from "@jest/globals";
import type { StackName } from "@selfhosted/common";
import { parseDocument } from "yaml";
import type { StateResource as ExportedResource } from "../../../cli/recover/checkpoint";
import { backendFolder, prepareTools, sandboxEnvironment, type Variables } from "../../../sandbox/env";
import { readExample } from "../../../sandbox/example";
import { worldPath } from "../../../sandbox/home";
import { stopDaemon } from "../../../sandbox/plugins";
import { salted } from "../../../sandbox/passphrase";
import { pulumi, type PulumiResult } from "../../../sandbox/pulumi";
import { stackFolders, type StackFolder } from "../../../sandbox/stacks";
import type { WorldObject } from "../../../sandbox/world";
import { endHome, newHome } from "../../support/homes";

/** One resource in `pulumi stack export`, with what tests look at besides. */
export interface StateResource extends ExportedResource {
  readonly protect?: boolean;
  /** Read, not made: another stack or team owns it. */
  readonly external?: boolean;
}

/** A value in a stack's configuration file; lists and maps are structured configuration. */
export type ConfigValue = string | number | boolean | readonly unknown[] | Readonly<Record<string, unknown>>;

// Jest's own globals rather than its module, which may not be loaded elsewhere: the drill works with a Sandbox too.
declare const afterAll: typeof jest.afterAll;
declare const beforeAll: typeof jest.beforeAll;

const SELFHOSTED = join(__dirname, "..", "..", "..", "cli", "bin", "selfhosted.js");

/** File in a sandbox's home with all that Pulumi printed there. */
const TRANSCRIPT = "transcript.log";

/** Milliseconds without a write after which the engine only waits for AWS. */
const QUIET = 1500;

/** Commands that run the engine, and so need the program and the configuration it reads. */
const ENGINE_COMMANDS = new Set(["up", "preview", "refresh", "destroy", "import", "watch"]);

/**
 * A sandbox of a test file's own: world, backend, daemon and clusters. Stacks run from the repository's folders, while
 * their configuration lies in the sandbox, so the repository stays clean and test files can run side by side.
 */
export class Sandbox {
  private constructor(
    readonly home: string,
    readonly env: Variables,
    /** Name of every stack of this sandbox. */
    readonly stack: string,
  ) {}

  static async start(stack = "test"): Promise<Sandbox> {
    const home = await newHome();
    const silent = () => undefined;
    const tools = await prepareTools({ engine: silent, kubernetes: silent });
    return new Sandbox(home, await sandboxEnvironment(home, tools), stack);
  }

  /** The same world and backend under another stack name: another installation in the same account. */
  as(stack: string): Sandbox {
    return new Sandbox(this.home, this.env, stack);
  }

  async stop(): Promise<void> {
    await endHome(this.home);
  }

  /** Runs `pulumi` on one stack, and returns whatever came of it. `--stack` and the configuration file are added. */
  async pulumi(
    name: StackName,
    args: readonly string[],
    options: { env?: Variables; kill?: AbortSignal } = {},
  ): Promise<PulumiResult> {
    const folder = folderOf(name);
    const engine = ENGINE_COMMANDS.has(args[0] ?? "");
    const where = engine ? folder.path : this.project(folder);
    const config = engine ? ["--config-file", this.configFile(name)] : [];
    const stack = args[0] === "stack" && args[1] === "init" ? [] : ["--stack", this.stack];
    const result = await pulumi([...args, ...stack, ...config], {
      cwd: where,
      env: { ...this.env, ...options.env },
      kill: options.kill,
    });
    // What an operator saw on the screen, unless they asked for secrets.
    if (!args.includes("--show-secrets")) appendFileSync(join(this.home, TRANSCRIPT), result.stdout + result.stderr);
    return result;
  }

  /** Like `pulumi`, for what must succeed: fails with all that Pulumi said. Returns its standard output. */
  async run(name: StackName, args: readonly string[], options: { env?: Variables } = {}): Promise<string> {
    const result = await this.pulumi(name, args, options);
    if (result.code !== 0) {
      throw new Error(`pulumi ${args.join(" ")} in ${folderOf(name).folder}:\n${result.stdout}\n${result.stderr}`);
    }
    return result.stdout;
  }

  /**
   * Makes a stack with the configuration of its EXAMPLE file. `config` replaces or adds keys (without a namespace they
   * are the project's own), and `undefined` leaves a key of the EXAMPLE out.
   */
  async init(name: StackName, config: Readonly<Record<string, ConfigValue | undefined>> = {}): Promise<void> {
    const folder = folderOf(name);
    const { text, secrets } = await readExample(folder.path);
    this.project(folder);
    writeFileSync(this.configFile(name), salted(text));
    this.configure(name, config);
    await this.run(name, ["stack", "init", this.stack]);
    const kept = Object.entries(secrets).filter(([key]) => !(localName(folder, key) in config) && !(key in config));
    if (kept.length > 0) {
      await this.run(name, ["config", "set-all", ...kept.flatMap(([key, value]) => ["--secret", `${key}=${value}`])]);
    }
  }

  /** Sets keys of a stack's configuration, as if typed into its file; `undefined` removes one. */
  configure(name: StackName, config: Readonly<Record<string, ConfigValue | undefined>>): void {
    const file = this.configFile(name);
    const document = parseDocument(readFileSync(file, "utf8"));
    for (const [key, value] of Object.entries(config)) {
      const path = ["config", qualified(folderOf(name), key)];
      if (value !== undefined) document.setIn(path, value);
      else if (document.hasIn(path)) document.deleteIn(path);
    }
    writeFileSync(file, document.contents === null ? "" : String(document));
  }

  /** Sets one key as a secret. */
  async configureSecret(name: StackName, key: string, value: string): Promise<void> {
    await this.run(name, ["config", "set-all", "--secret", `${qualified(folderOf(name), key)}=${value}`]);
  }

  /** `pulumi up`, as the rehearsal does it. */
  up(name: StackName, ...more: readonly string[]): Promise<string> {
    return this.run(name, ["up", "--yes", "--skip-preview", ...more]);
  }

  /**
   * An `up` killed as by `kill -9` while AWS makes the first object of a type: it is there, and the engine never heard.
   * The engine has noted everything else by then, for a kill while it writes would spoil more (see `spoilState`).
   * @param type Type token, e.g. `aws:rds/cluster:Cluster`.
   */
  async upKilled(name: StackName, type: string): Promise<void> {
    const faults = join(this.home, "faults.json");
    writeFileSync(faults, JSON.stringify([{ type, operation: "create", delay: 120_000 }]));
    const kill = new AbortController();
    const before = this.world().filter((object) => object.type === type).length;
    const watch = setInterval(() => {
      const made = this.world().filter((object) => object.type === type).length > before;
      if (made && Date.now() - statSync(this.stateFile(name)).mtimeMs > QUIET) kill.abort();
    }, 100);
    try {
      const { code, stdout } = await this.pulumi(name, ["up", "--yes", "--skip-preview"], { kill: kill.signal });
      if (!kill.signal.aborted) throw new Error(`up ended with ${String(code)} before it could be killed:\n${stdout}`);
    } finally {
      clearInterval(watch);
      rmSync(faults);
    }
  }

  /** Leaves the backend as a `kill -9` does that falls into the engine's writing: the file beside the state is empty. */
  spoilState(name: StackName): void {
    writeFileSync(`${this.stateFile(name)}.attrs`, "");
  }

  /** Runs `selfhosted` on one stack, as an operator would; returns whatever came of it. */
  async selfhosted(command: string, name: StackName, more: readonly string[] = []): Promise<PulumiResult> {
    const folder = folderOf(name);
    const args = [command, folder.folder, "--stack", this.stack, "--config-file", this.configFile(name), ...more];
    return new Promise((resolve) => {
      execFile(SELFHOSTED, args, { env: { ...process.env, ...this.env } }, (error, stdout, stderr) => {
        appendFileSync(join(this.home, TRANSCRIPT), stdout + stderr);
        resolve({ code: error === null ? 0 : 1, stdout, stderr });
      });
    });
  }

  /** An `up` that must fail, and all that it said. */
  upFails(name: StackName): Promise<string> {
    return this.fails(name, ["up", "--yes", "--skip-preview"]);
  }

  /** Anything that must fail, and all that it said. */
  async fails(name: StackName, args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(name, args);
    if (code === 0)
      throw new Error(`pulumi ${args.join(" ")} in ${folderOf(name).folder} should have failed:\n${stdout}`);
    return `${stdout}\n${stderr}`;
  }

  destroy(name: StackName, ...more: readonly string[]): Promise<string> {
    return this.run(name, ["destroy", "--yes", "--skip-preview", ...more]);
  }

  async outputs(name: StackName, options: { showSecrets?: boolean } = {}): Promise<Record<string, unknown>> {
    const reveal = options.showSecrets === true ? ["--show-secrets"] : [];
    return JSON.parse(await this.run(name, ["stack", "output", "--json", ...reveal])) as Record<string, unknown>;
  }

  /** The resources of a stack, as its state has them. */
  async resources(name: StackName, options: { showSecrets?: boolean } = {}): Promise<StateResource[]> {
    const reveal = options.showSecrets === true ? ["--show-secrets"] : [];
    const state = JSON.parse(await this.run(name, ["stack", "export", ...reveal])) as {
      deployment: { resources?: StateResource[] };
    };
    return state.deployment.resources ?? [];
  }

  /** Takes an object out of the account behind Pulumi's back, as a failure or somebody in AWS's console does. */
  async lose(type: string, id: string): Promise<void> {
    // The daemon holds the world in memory, and begins with the file again.
    await stopDaemon(this.home);
    const file = JSON.parse(readFileSync(worldPath(this.home), "utf8")) as { objects: WorldObject[] };
    const objects = file.objects.filter((object) => object.type !== type || object.id !== id);
    writeFileSync(worldPath(this.home), JSON.stringify({ ...file, objects }));
  }

  /** All that exists in the pretended account now. */
  world(): WorldObject[] {
    const { objects } = JSON.parse(readFileSync(worldPath(this.home), "utf8")) as { objects: WorldObject[] };
    return objects;
  }

  /** A folder with the stack's Pulumi.yaml alone, where commands that don't run the program write no file of the repository. */
  private project(folder: StackFolder): string {
    const directory = join(this.home, "projects", folder.folder);
    mkdirSync(directory, { recursive: true });
    copyFileSync(join(folder.path, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
    return directory;
  }

  /** Where the engine keeps a stack's state. */
  private stateFile(name: StackName): string {
    return join(backendFolder(this.home), ".pulumi", "stacks", folderOf(name).project, `${this.stack}.json`);
  }

  private configFile(name: StackName): string {
    return join(this.home, "projects", folderOf(name).folder, `Pulumi.${this.stack}.yaml`);
  }

  /** Starts a sandbox before the tests of a file and ends it after them. */
  static forThisFile(stack?: string): () => Sandbox {
    let sandbox: Sandbox | undefined;
    beforeAll(async () => {
      sandbox = await Sandbox.start(stack);
    });
    afterAll(async () => {
      await sandbox?.stop();
    });
    return () => {
      if (!sandbox) throw new Error("the sandbox is there only while tests run");
      return sandbox;
    };
  }
}

/** Names of the nine stacks in the order of their numbers. */
export const inOrder: readonly StackName[] = stackFolders.map(({ name }) => name);

export function folderOf(name: StackName): StackFolder {
  const folder = stackFolders.find((one) => one.name === name);
  if (!folder) throw new Error(`there is no stack ${name}`);
  return folder;
}

function qualified(folder: StackFolder, key: string): string {
  return key.includes(":") ? key : `${folder.project}:${key}`;
}

function localName(folder: StackFolder, key: string): string {
  return key.startsWith(`${folder.project}:`) ? key.slice(folder.project.length + 1) : key;
}
