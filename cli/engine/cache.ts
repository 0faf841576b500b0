import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Tells people what is going on, one sentence at a time. The last sentence stands until the next. */
export type Progress = (message: string) => void;

/** The environment variables of a process: `process.env`, or a test's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where fetched and built programs are kept: once per user and machine, outside any checkout. `SELFHOSTED_CACHE` moves
 * it; otherwise the XDG cache directory (https://specifications.freedesktop.org/basedir-spec/latest/).
 */
export function cacheDirectory(env: Environment = process.env): string {
  return (
    env["SELFHOSTED_CACHE"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "pulumi-selfhosted", "bin")
  );
}

/** Makes a folder that only its owner may enter, where there is none yet. @throws Error that says what to set. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new Error(`${path} can't be made (${code}): set XDG_CACHE_HOME to a folder that you may write to`, {
      cause: error,
    });
  }
}
