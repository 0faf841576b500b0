import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { StackName } from "@selfhosted/common";
import { Listr, type ListrTaskWrapper } from "listr2";
import { prepareTools, sandboxEnvironment, type Variables } from "./env";
import { sandboxHome } from "./home";
import { plainLines } from "./progress";
import { prepareStack } from "./rehearsalConfig";
import { StackFailure, summary, type StackReport } from "./rehearsalReport";
import { stackFolders, type StackFolder } from "./stacks";
import { bringUp } from "./up";
import { Places, upstreamOf } from "./waves";

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
  const places = new Places(PLACES);
  const running = new Map<StackName, Promise<boolean>>();

  const up = async (folder: StackFolder, upstream: readonly StackName[], task: Task): Promise<boolean> => {
    const ready = await Promise.all(upstream.map((name) => running.get(name) ?? Promise.resolve(true)));
    if (ready.includes(false)) {
      task.skip(`${folder.folder}: not tried, because a stack that it reads failed`);
      return false;
    }
    return places.take(async () => {
      try {
        await prepareStack(folder, { home, stack, env });
        const report = await bringUp(folder, stack, env, (line) => {
          if (live) task.output = line;
        });
        reports.set(folder.name, report);
        task.title = `${folder.folder.padEnd(20)} ${report.line}`;
        return true;
      } catch (error) {
        if (!(error instanceof StackFailure)) throw error;
        failures.push(error);
        return false;
      }
    });
  };

  const tools = new Listr(
    [
      {
        title: "Pulumi engine and Kubernetes API",
        task: async (_, task) => {
          const say = live ? (line: string) => (task.output = line) : plainLines((line) => (task.output = line));
          env = await sandboxEnvironment(home, await prepareTools({ engine: say, kubernetes: say }));
        },
        rendererOptions: { bottomBar: 2 },
      },
    ],
    { fallbackRendererCondition: () => !live, fallbackRenderer: "simple" },
  );
  await tools.run();

  const upstreams = await Promise.all(stackFolders.map(upstreamOf));
  const stacks = new Listr(
    stackFolders.map((folder, index) => ({
      title: `${folder.folder.padEnd(20)} ${folder.about}`,
      task: async (_: unknown, task: Task) => {
        const result = up(folder, upstreams[index] ?? [], task);
        running.set(folder.name, result);
        if (!(await result) && failures.some(({ folder: failed }) => failed === folder)) throw new Error("failed");
      },
    })),
    {
      concurrent: true,
      renderer: "default",
      exitOnError: false,
      fallbackRendererCondition: () => !live,
      fallbackRenderer: "simple",
      // What failed is told in full at the end.
      rendererOptions: { showErrorMessage: false },
    },
  );
  await stacks.run();

  console.log(await summary({ stack, env, reports, failures, elapsedMs: Date.now() - started }));
  return failures.length === 0 ? 0 : 1;
}
