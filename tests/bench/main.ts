import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { prepareTools, sandboxEnvironment } from "../../sandbox/env";
import { forgetRehearsalConfigs } from "../../sandbox/rehearsalConfig";
import { repository, stackFolders, type StackFolder } from "../../sandbox/stacks";
import { stopSandbox } from "../../sandbox/stop";
import { measure, median, type Cost } from "./measure";

const STACK = "bench";

/**
 * `npm run bench [-- --rounds 5 --only 02-networking]`: the rehearsal twice on an empty sandbox, then `pulumi preview` of
 * each stack, as this repository starts it and as Pulumi starts a TypeScript project by default, in turn.
 */
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: "string", default: "3" }, only: { type: "string" } },
  });
  const scratch = mkdtempSync(join(tmpdir(), "selfhosted-bench-"));
  const home = join(scratch, "home");
  mkdirSync(home, { mode: 0o700 });
  const silent = () => undefined;
  try {
    const tools = await prepareTools({ engine: silent, kubernetes: silent });
    const env = { ...process.env, ...(await sandboxEnvironment(home, tools)) };
    const rehearse = () =>
      measure(process.execPath, [join(repository, "sandbox/bin/run.js"), "rehearsal", "--stack", STACK], {
        cwd: repository,
        env,
      });
    const first = await rehearse();
    const second = await rehearse();
    console.log(`Node ${process.version}, ${availableParallelism()} cores`);
    console.log(`rehearsal: first run ${first.seconds.toFixed(1)} s, second ${second.seconds.toFixed(1)} s`);

    const workspace = defaultWorkspace(scratch);
    const stacks = stackFolders.filter(({ folder }) => values.only === undefined || folder === values.only);
    const table = new Table({
      head: ["preview", "default s", "here s", "faster", "program MB", "here MB", "smaller", "all MB", "here MB"],
      colAligns: ["left", "right", "right", "right", "right", "right", "right", "right", "right"],
      style: { head: [], border: [], compact: true },
    });
    for (const stack of stacks) table.push(row(stack, await pairs(stack, workspace, Number(values.rounds), env)));
    console.log(table.toString());
  } finally {
    await stopSandbox(home);
    forgetRehearsalConfigs(home);
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Pairs {
  readonly usual: Cost[];
  readonly here: Cost[];
}

/** Previews of one stack both ways in turn, so that whatever else the machine does burdens both alike. */
async function pairs(stack: StackFolder, workspace: string, rounds: number, env: NodeJS.ProcessEnv): Promise<Pairs> {
  const config = join(stack.path, `Pulumi.${STACK}.yaml`);
  const args = ["preview", "--non-interactive", "--stack", STACK, "--config-file", config];
  // Nobody sets these by default.
  const usualEnv = { ...env, NODE_COMPILE_CACHE: undefined, NODE_OPTIONS: process.env["NODE_OPTIONS"] };
  const copy = join(workspace, stack.folder);
  const result: Pairs = { usual: [], here: [] };
  for (let round = 0; round < rounds; round += 1) {
    result.usual.push(await measure("pulumi", args, { cwd: copy, env: usualEnv }));
    result.here.push(await measure("pulumi", args, { cwd: stack.path, env }));
  }
  return result;
}

/** The stacks as `pulumi new typescript` sets a project up: `runtime: nodejs`, and a strict tsconfig.json in each folder. */
function defaultWorkspace(scratch: string): string {
  const workspace = join(scratch, "default");
  mkdirSync(workspace);
  symlinkSync(join(repository, "node_modules"), join(workspace, "node_modules"));
  cpSync(join(repository, "tsconfig.base.json"), join(workspace, "tsconfig.base.json"));
  for (const { folder, path, project } of stackFolders) {
    const copy = join(workspace, folder);
    cpSync(path, copy, { recursive: true, filter: (file) => !file.includes("node_modules") });
    writeFileSync(join(copy, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
    writeFileSync(
      join(copy, "tsconfig.json"),
      JSON.stringify({ extends: "../tsconfig.base.json", files: ["index.ts"] }),
    );
  }
  return workspace;
}

function row({ folder }: StackFolder, { usual, here }: Pairs): string[] {
  const middle = (costs: readonly Cost[], part: keyof Cost) => median(costs.map((cost) => cost[part]));
  const ratio = (part: keyof Cost) => `${(middle(usual, part) / middle(here, part)).toFixed(1)}×`;
  const whole = (costs: readonly Cost[], part: keyof Cost) => middle(costs, part).toFixed(0);
  return [
    folder,
    middle(usual, "seconds").toFixed(2),
    middle(here, "seconds").toFixed(2),
    ratio("seconds"),
    whole(usual, "programMegabytes"),
    whole(here, "programMegabytes"),
    ratio("programMegabytes"),
    whole(usual, "treeMegabytes"),
    whole(here, "treeMegabytes"),
  ];
}
