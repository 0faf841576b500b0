import { execFile } from "node:child_process";
import { join } from "node:path";
import type { Outcome } from "@selfhosted/cli/verify";
import type { Sandbox } from "./sandbox";

const SELFHOSTED = join(__dirname, "..", "..", "..", "cli", "bin", "selfhosted.js");

/** What `npm run verify` said. */
export interface Verified {
  readonly passed: boolean;
  readonly version: string;
  readonly checks: readonly Outcome[];
}

/** Runs `npm run verify` on a sandbox's service, as a script would. */
export async function verified({ home, stack, env }: Sandbox, ...more: readonly string[]): Promise<Verified> {
  const words = ["verify", "--json", "--cwd", join(home, "projects"), "--stack", stack, ...more];
  const options = { env: { ...process.env, ...env } };
  const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [SELFHOSTED, ...words], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, stdout, stderr });
    });
  });
  if (!stdout.startsWith("{")) throw new Error(`verify said:\n${stdout}\n${stderr}`);
  const said = JSON.parse(stdout) as Verified;
  if (said.passed !== (code === 0))
    throw new Error(`verify ended with ${code}, and said passed: ${String(said.passed)}`);
  return said;
}

/** The failures, each as "cause → remedy". */
export function failuresOf({ checks }: Verified): Record<string, string> {
  const failed = checks.filter(({ status }) => status === "failed");
  return Object.fromEntries(failed.map(({ name, detail, remedy }) => [name, `${detail} → ${remedy ?? ""}`]));
}
