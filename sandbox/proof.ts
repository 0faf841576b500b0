import { spawn } from "node:child_process";
import { join } from "node:path";
import { Listr } from "listr2";
import type { Variables } from "./env";
import { listOptions } from "./progress";
import { repository } from "./stacks";

/** How `npm run verify` ended, and all that it said. */
interface Proof {
  readonly passed: boolean;
  readonly text: string;
}

/**
 * Looks at the rehearsal's service with `npm run verify`, and shows how many checks passed.
 * @returns all that it said, when it wasn't content.
 */
export async function prove(stack: string, env: Variables, live: boolean): Promise<string | undefined> {
  let unproven: string | undefined;
  const tasks = new Listr(
    [
      {
        title: "verify",
        task: async (_, task) => {
          const { passed, text } = await verify(stack, env);
          task.title = `${"verify".padEnd(20)} ${text.split("\n").at(-1) ?? ""}`;
          if (passed) return;
          unproven = text;
          throw new Error("the service doesn't answer as it must");
        },
      },
    ],
    listOptions(live),
  );
  await tasks.run();
  return unproven;
}

/** Runs it as a person does in the shell that `sandbox:env` makes. */
function verify(stack: string, env: Variables): Promise<Proof> {
  const words = [join(repository, "cli", "bin", "selfhosted.js"), "verify", "--stack", stack];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => (text += part));
    }
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ passed: code === 0, text: text.trim() });
    });
  });
}
