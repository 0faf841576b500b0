import { readFileSync } from "node:fs";

/** The text of a file that an option names. @throws Error that names the option. */
export function readGiven(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `${option} ${file} can't be read (${code ?? String(error)}); give the path of a file that is there`,
      {
        cause: error,
      },
    );
  }
}
