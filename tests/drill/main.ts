import Table from "cli-table3";
import { Sandbox } from "../engine/support/sandbox";
import { drill, type DrillStep } from "./drill";

/** What the stand-in for AWS can't show. */
const NOT_PROVEN =
  "Proven: the order of commands, what is refused, what survives, names and keys. Not proven here: the rows themselves (the\n" +
  "sandbox has no MySQL) and how long AWS takes. Rehearse with a copy in AWS as docs/backup-and-restore.md says.";

/** `npm run drill`: an installation's data stack is lost and restored, in a sandbox that is gone afterwards. */
export async function main(): Promise<number> {
  const sandbox = await Sandbox.start("drill");
  const steps: DrillStep[] = [];
  const done = (step: DrillStep) => {
    steps.push(step);
    console.log(`ok  ${step.what}`);
  };
  let failure: unknown;
  try {
    const started = Date.now();
    for (const stack of ["iam", "networking", "database"] as const) {
      await sandbox.init(stack);
      await sandbox.up(stack);
    }
    done({ what: "01, 02 and 05 come up", seconds: (Date.now() - started) / 1000, result: "three stacks" });
    await drill(sandbox, done);
  } catch (error) {
    failure = error;
  } finally {
    await sandbox.stop();
  }
  const table = new Table({ head: ["step", "seconds", "result"], style: { head: [], border: [] } });
  table.push(...steps.map(({ what, seconds, result }) => [what, seconds.toFixed(1), result]));
  console.log(table.toString());
  if (failure !== undefined) {
    console.error(`failed: ${failure instanceof Error ? failure.message : JSON.stringify(failure)}`);
    return 1;
  }
  console.log(NOT_PROVEN);
  return 0;
}
