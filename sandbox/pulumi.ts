import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Variables } from "./env";
import { followEvents, type EngineEvent } from "./eventLog";

/** How a `pulumi` command ended. */
export interface PulumiResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PulumiOptions {
  /** Folder the command runs in. */
  readonly cwd: string;
  /** The sandbox's variables; the rest of the environment is this process's own. */
  readonly env: Variables;
  /** Told what the engine does while it does it. Only for commands that run the engine (`up`, `preview`, `destroy`, `refresh`). */
  readonly onEvent?: (event: EngineEvent) => void;
  /** When it is aborted the command is killed, as by `kill -9`: it ends nothing that it has begun. */
  readonly kill?: AbortSignal;
}

/** Runs the real CLI as a script would: it never asks, and nothing is coloured. Never throws for what Pulumi reports. */
export async function pulumi(args: readonly string[], options: PulumiOptions): Promise<PulumiResult> {
  const scratch = options.onEvent === undefined ? undefined : mkdtempSync(join(tmpdir(), "selfhosted-events-"));
  const log = scratch === undefined ? undefined : join(scratch, "events.json");
  const events = log === undefined ? [] : ["--event-log", log];
  const following = log !== undefined && options.onEvent !== undefined ? followEvents(log, options.onEvent) : undefined;
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn("pulumi", [...args, ...events, "--non-interactive", "--color", "never"], {
        cwd: options.cwd,
        // --event-log is one of the commands and flags that the CLI hides unless this is set; the Automation API uses both.
        env: { ...process.env, ...options.env, ...(log === undefined ? {} : { PULUMI_DEBUG_COMMANDS: "true" }) },
        stdio: ["ignore", "pipe", "pipe"],
      });
      options.kill?.addEventListener("abort", () => child.kill("SIGKILL"));
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.once("error", reject);
      child.once("close", (code) => {
        resolve({ code: code ?? 1, stdout, stderr });
      });
    });
  } finally {
    following?.stop();
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }
}
