import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backendFolder, type Variables } from "./env";
import { readExample } from "./example";
import { salted } from "./passphrase";
import { pulumi, type PulumiResult } from "./pulumi";
import type { StackFolder } from "./stacks";

/** Makes a folder's stack and its configuration from the EXAMPLE file, as a person does by hand; keeps what is there. */
export async function prepareStack(
  { path, project }: StackFolder,
  options: { home: string; stack: string; env: Variables },
): Promise<void> {
  const { home, stack, env } = options;
  const file = join(path, `Pulumi.${stack}.yaml`);
  const state = join(backendFolder(home), ".pulumi", "stacks", project, `${stack}.json`);
  if (existsSync(file) && existsSync(state)) return;

  const fresh = !existsSync(file);
  const { text, secrets } = await readExample(path);
  if (fresh) {
    remember(home, file);
    writeFileSync(file, salted(text));
  }
  try {
    // Selects it too, so that `pulumi up` by hand goes on with this stack.
    succeed(await pulumi(["stack", "select", stack, "--create"], { cwd: path, env }));
    if (fresh && Object.keys(secrets).length > 0) {
      const pairs = Object.entries(secrets).flatMap(([key, value]) => ["--secret", `${key}=${value}`]);
      succeed(await pulumi(["config", "set-all", "--stack", stack, ...pairs], { cwd: path, env }));
    }
  } catch (error) {
    // Half a configuration would be taken for a person's own by the next run.
    if (fresh) rmSync(file, { force: true });
    throw error;
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
