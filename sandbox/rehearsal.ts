import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { reason } from "@selfhosted/cli/reason";
import { contract, type StackName } from "@selfhosted/common";
import { Listr, type ListrTaskWrapper } from "listr2";
import { prepareTools, sandboxEnvironment, type Variables } from "./env";
import { stopOutdatedDaemon } from "./fresh";
import { sandboxHome } from "./home";
import { clusterNames } from "./kubernetes/record";
import { listOptions, plainLines } from "./progress";
import { prove } from "./proof";
import { prepareStack } from "./rehearsalConfig";
import { summary, type StackFailure, type StackReport } from "./rehearsalReport";
import { stackFolders, type StackFolder } from "./stacks";
import { bringUp } from "./up";
import { Schedule } from "./waves";

/**
 * How many stacks are brought up at once: a start is almost all CPU, and while one engine waits for a provider another
 * can start.
 */
const PLACES = Math.max(2, Math.min(4, availableParallelism()));

type Task = ListrTaskWrapper<unknown, never, never>;

/** `npm start`: all nine stacks, as a person would bring them up, on the sandbox. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { stack: { type: "string", default: "rehearsal" } } });
  const stack = values.stack;
  const started = Date.now();
  const home = sandboxHome();
  const live = process.stdout.isTTY;
  let env: Variables = {};
  const reports = new Map<StackName, StackReport>();
  const failures: StackFailure[] = [];

  // Ctrl-C reaches every `pulumi` too, which ends what it has begun; this process waits for them and begins nothing more.
  const interrupt = new AbortController();
  process.on("SIGINT", () => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  });

  const up = async (folder: StackFolder, task: Task): Promise<boolean> => {
    if (interrupt.signal.aborted) return false;
    try {
      await prepareStack(folder, { home, stack, env });
      const report = await bringUp(folder, stack, env, (line) => {
        if (live) task.output = line;
      });
      reports.set(folder.name, report);
      task.title = `${folder.folder.padEnd(20)} ${report.line}`;
      return true;
    } catch (error) {
      failures.push({ folder, why: reason(error) });
      return false;
    }
  };

  const tools = new Listr(
    [
      {
        title: "Pulumi engine and Kubernetes API",
        task: async (_, task) => {
          await stopOutdatedDaemon(home);
          const say = live ? (line: string) => (task.output = line) : plainLines((line) => (task.output = line));
          env = await sandboxEnvironment(home, await prepareTools({ engine: say, kubernetes: say }));
        },
        rendererOptions: { bottomBar: 2 },
      },
    ],
    { fallbackRendererCondition: () => !live, fallbackRenderer: "simple", registerSignalListeners: false },
  );
  try {
    await tools.run();
  } catch {
    return 1; // the task list has told why
  }

  const schedule = await Schedule.make(PLACES, { byDefault: true });
  const stacks = new Listr(
    stackFolders.map((folder) => ({
      title: `${folder.folder.padEnd(20)} ${folder.about}`,
      task: async (_: unknown, task: Task) => {
        const upstream = schedule.upstreamOf(folder.name).map((name) => contract[name].folder);
        if (live && upstream.length > 0) task.output = `waits for ${upstream.join(", ")}`;
        const turn = await schedule.run(folder.name, () => up(folder, task));
        if (turn === "skipped") task.skip(`${folder.folder}: not tried, because a stack that it reads is not up`);
        if (turn === "failed") throw new Error(`${folder.folder} did not come up`);
      },
    })),
    { ...listOptions(live), concurrent: true },
  );
  await stacks.run();

  // Without a Kubernetes API no pod runs, and there is nothing to look at.
  const canProve = failures.length === 0 && !interrupt.signal.aborted && clusterNames(home).length > 0;
  const unproven = canProve ? await prove(stack, env, live) : undefined;

  if (interrupt.signal.aborted) {
    console.log(
      "Interrupted. What is up stays up: `npm start` goes on from there, `npm run sandbox:reset` begins anew.",
    );
    return 130;
  }
  console.log(await summary({ stack, env, reports, failures, unproven, elapsedMs: Date.now() - started }));
  return failures.length === 0 && unproven === undefined ? 0 : 1;
}
