import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Environment } from "./cache";

/** Where a program is on PATH, as a shell would find it; `undefined` when it isn't. */
export async function onPath(program: string, env: Environment = process.env): Promise<string | undefined> {
  for (const directory of (env["PATH"] ?? "").split(delimiter).filter((part) => part !== "")) {
    const path = join(directory, program);
    if (await isProgram(path)) return path;
  }
  return undefined;
}

/** Whether a file is there that may be run. */
export async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** What a short command prints, without the last line end. Fails with what it said on stderr. */
export function output(
  program: string,
  args: readonly string[],
  options: { env?: Environment; cwd?: string; timeoutMs?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { env = process.env, cwd, timeoutMs = 20_000 } = options;
    execFile(program, args, { env, cwd, timeout: timeoutMs }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(" ")}: ${stderr.trim() || error.message}`));
      else resolve(stdout.trimEnd());
    });
  });
}
