import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ConfigMap } from "@pulumi/pulumi/automation";
import type { Checkpoint } from "./checkpoint";

/** Another run has the stack, or had it when it was killed. */
export class LockedError extends Error {}

/** What both kinds of backend say of a stack that is locked. Source: pulumi/sdk/nodejs/automation/errors.ts */
const LOCKED = /the stack is currently locked by|\[409\] Conflict: Another update is currently in progress/;

/** One stack, worked on with the `pulumi` on PATH and whatever backend and credentials this shell has. */
export class PulumiStack {
  /** @param configFile As pulumi's `--config-file`; the stack's own file when left out. */
  constructor(
    readonly name: string,
    private readonly directory: string,
    private readonly configFile?: string,
  ) {}

  /** Where the state is, e.g. `s3://bucket`. */
  async backend(): Promise<string> {
    return (JSON.parse(await this.start(["whoami", "--json"], "pipe")) as { url: string }).url;
  }

  async checkpoint(): Promise<Checkpoint> {
    return JSON.parse(await this.run(["stack", "export"])) as Checkpoint;
  }

  /** Puts another state in the place of the present one. @throws LockedError when the stack is locked. */
  async replaceCheckpoint(checkpoint: Checkpoint): Promise<void> {
    const scratch = await mkdtemp(path.join(tmpdir(), "selfhosted-recover-"));
    try {
      const file = path.join(scratch, "checkpoint.json");
      await writeFile(file, JSON.stringify(checkpoint), { mode: 0o600 });
      await this.run(["stack", "import", "--file", file]);
    } finally {
      await rm(scratch, { recursive: true });
    }
  }

  /** Configuration of the AWS provider: region, profile, roles. */
  async awsConfig(): Promise<ConfigMap> {
    const all = JSON.parse(await this.run(["config", "--json", "--show-secrets", ...this.config()])) as ConfigMap;
    return Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith("aws:")));
  }

  async cancel(): Promise<void> {
    await this.run(["cancel", "--yes"]);
  }

  /** Reads some resources anew from their providers; what isn't there leaves the state. */
  async refresh(urns: readonly string[]): Promise<void> {
    const targets = urns.flatMap((urn) => ["--target", urn]);
    await this.run(["refresh", "--yes", "--skip-preview", ...targets, ...this.config()]);
  }

  /** Resources that `pulumi up` would delete, replacing them or for good, by URN. */
  async deletions(): Promise<string[]> {
    const { steps } = JSON.parse(await this.run(["preview", "--json", ...this.config()])) as {
      steps?: { op: string; urn: string }[];
    };
    return (steps ?? []).filter(({ op }) => op === "replace" || op === "delete").map(({ urn }) => urn);
  }

  /** `pulumi up` as its own program on this terminal. */
  async up(): Promise<void> {
    await this.run(["up", "--yes", "--skip-preview", ...this.config()], "inherit");
  }

  private config(): string[] {
    return this.configFile === undefined ? [] : ["--config-file", this.configFile];
  }

  private run(args: readonly string[], output: "pipe" | "inherit" = "pipe"): Promise<string> {
    return this.start([...args, "--stack", this.name], output);
  }

  private start(args: readonly string[], output: "pipe" | "inherit"): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
        cwd: this.directory,
        stdio: ["ignore", output, output],
      });
      let [stdout, stderr] = ["", ""];
      child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.once("error", reject);
      child.once("close", (code) => {
        if (code === 0) {
          resolve(stdout);
          return;
        }
        const said = `${stdout}\n${stderr}`.trim();
        const what = `pulumi ${args.slice(0, 2).join(" ")} failed:\n${said}`;
        reject(LOCKED.test(said) ? new LockedError(said) : new Error(what));
      });
    });
  }
}
