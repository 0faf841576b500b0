import { prepareTools } from "../../sandbox/env";
import { plainLines } from "../../sandbox/progress";

/**
 * Has the engine and the Kubernetes servers ready before tests ask for them: inside a test, the minutes of a machine's
 * first run would be a silence. @returns 1 where they can't be had; then it has said what to install.
 */
export async function main(): Promise<number> {
  const say = plainLines((message) => process.stderr.write(`${message}\n`));
  const { kubectl } = await prepareTools({ engine: say, kubernetes: say });
  return kubectl === undefined ? 1 : 0;
}
