import type { StackName } from "@selfhosted/common";
import { Schedule } from "../../../sandbox/waves";
import { inOrder, type ConfigValue, type Sandbox } from "./sandbox";

/** Configuration that a test gives a stack beyond its EXAMPLE file. */
export type Configs = Partial<Record<StackName, Readonly<Record<string, ConfigValue | undefined>>>>;

/** Engines at once: a test file shares two cores with another. */
const PLACES = 2;

/** Does something with several stacks, each after those that it reads; fails with the first failure. */
export async function afterUpstream(
  stacks: readonly StackName[],
  work: (stack: StackName) => Promise<unknown>,
): Promise<void> {
  const schedule = await Schedule.make(PLACES);
  const failures: unknown[] = [];
  await Promise.all(
    stacks.map((stack) =>
      schedule.run(stack, async () => {
        try {
          await work(stack);
          return true;
        } catch (error) {
          failures.push(error);
          return false;
        }
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}

/** Makes stacks from their EXAMPLE files and brings them up: all nine, or those named. */
export async function bringUpAll(
  sandbox: Sandbox,
  options: { stacks?: readonly StackName[]; configs?: Configs } = {},
): Promise<void> {
  const { stacks = inOrder, configs = {} } = options;
  await afterUpstream(stacks, async (stack) => {
    await sandbox.init(stack, configs[stack]);
    await sandbox.up(stack);
  });
}

/** The stacks whose destroy is refused until their `protect` is set to false: those that hold data. */
export const protectedStacks: readonly StackName[] = ["database", "esc"];

/** Destroys stacks, the last first, after lifting the protection of those that hold data, as their refusal says. */
export async function destroyAll(sandbox: Sandbox, stacks: readonly StackName[] = inOrder): Promise<void> {
  for (const stack of [...stacks].reverse()) {
    if (protectedStacks.includes(stack)) {
      sandbox.configure(stack, { protect: false });
      await sandbox.up(stack);
    }
    await sandbox.destroy(stack);
  }
}
