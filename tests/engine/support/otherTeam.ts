import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { salted } from "../../../sandbox/passphrase";
import { pulumi } from "../../../sandbox/pulumi";
import type { Sandbox } from "./sandbox";

/** What another team made in the account, and how they take it away again. */
export interface TheirStack {
  readonly outputs: Readonly<Record<string, string>>;
  destroy(): Promise<void>;
}

/** Brings up one of the programs in tests/engine/programs: what other teams have in the account that we deploy to. */
export async function otherTeam(
  { home, stack, env }: Sandbox,
  program: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<TheirStack> {
  const source = join(__dirname, "..", "programs", program);
  const project = join(home, "projects", program);
  const config = join(project, `Pulumi.${stack}.yaml`);
  mkdirSync(project, { recursive: true });
  copyFileSync(join(source, "Pulumi.yaml"), join(project, "Pulumi.yaml"));
  writeFileSync(config, salted("config:\n  aws:region: us-east-1\n"));
  const run = async (cwd: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await pulumi([...args, "--stack", stack], { cwd, env });
    if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
    return stdout;
  };
  const inSource = ["--yes", "--skip-preview", "--config-file", config];
  await run(project, "stack", "init");
  for (const [key, value] of Object.entries(settings)) await run(project, "config", "set", key, value);
  await run(source, "up", ...inSource);
  return {
    outputs: JSON.parse(await run(project, "stack", "output", "--json")) as Record<string, string>,
    destroy: async () => {
      await run(source, "destroy", ...inSource);
    },
  };
}
