import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Variables } from "./env";
import { readExample } from "./example";
import { pulumi, type PulumiResult } from "./pulumi";
import type { StackFolder } from "./stacks";

/** Makes a folder's stack and its configuration from the EXAMPLE file, as a person does by hand; keeps what is there. */
export async function prepareStack(
  { path }: StackFolder,
  options: { home: string; stack: string; env: Variables },
): Promise<void> {
  const { home, stack, env } = options;
  const file = join(path, `Pulumi.${stack}.yaml`);
  const fresh = !existsSync(file);
  const { text, secrets } = await readExample(path);
  if (fresh) {
    remember(home, file);
    writeFileSync(file, text);
  }
  // Selects it too, so that `pulumi up` by hand goes on with this stack.
  succeed(await pulumi(["stack", "select", stack, "--create"], { cwd: path, env }));
  if (fresh && Object.keys(secrets).length > 0) {
    const pairs = Object.entries(secrets).flatMap(([key, value]) => ["--secret", `${key}=${value}`]);
    succeed(await pulumi(["config", "set-all", "--stack", stack, ...pairs], { cwd: path, env }));
  }
}

/** Removes the configuration files that rehearsals made in the stack folders. */
export function forgetRehearsalConfigs(home: string): void {
  for (const file of remembered(home)) rmSync(file, { force: true });
}

function succeed(result: PulumiResult): void {
  if (result.code !== 0) throw new Error(result.stderr.trim() || result.stdout.trim());
}

function listPath(home: string): string {
  return join(home, "rehearsal-files.json");
}

function remembered(home: string): string[] {
  return existsSync(listPath(home)) ? (JSON.parse(readFileSync(listPath(home), "utf8")) as string[]) : [];
}

function remember(home: string, file: string): void {
  writeFileSync(listPath(home), JSON.stringify([...new Set([...remembered(home), file])], null, 2));
}
