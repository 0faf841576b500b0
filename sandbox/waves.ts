import { join } from "node:path";
import { neededOutputs, type NeededOutputs, type Settings, type StackName } from "@selfhosted/common";
import { stackFolders, type StackFolder } from "./stacks";

/** How one stack's turn ended. */
export type Turn = "done" | "failed" | "skipped";

/**
 * Brings stacks up in an order that suits what each reads of the others, several at a time. Stacks are given in the
 * order of their numbers, and start in that order where they may.
 */
export class Schedule {
  private readonly turns = new Map<StackName, Promise<Turn>>();
  private readonly waiting: (() => void)[] = [];

  /**
   * @param upstream The stacks that each stack reads.
   * @param free How many stacks may be at work at once.
   */
  constructor(
    private readonly upstream: ReadonlyMap<StackName, readonly StackName[]>,
    private free: number,
  ) {}

  /** @param byDefault Whether every stack has its defaults, so that what it would read by another setting is left out. */
  static async make(places: number, { byDefault = false } = {}): Promise<Schedule> {
    const upstream = await Promise.all(
      stackFolders.map(async (stack) => [stack.name, await readsOf(stack, byDefault)] as const),
    );
    return new Schedule(new Map(upstream), places);
  }

  /** Does the work on a stack as soon as all that it reads are done; skips it when one of those isn't done in the end. */
  run(name: StackName, work: () => Promise<boolean>): Promise<Turn> {
    const turn = this.take(name, work);
    this.turns.set(name, turn);
    return turn;
  }

  /** The stacks that a stack waits for. */
  upstreamOf(name: StackName): readonly StackName[] {
    return this.upstream.get(name) ?? [];
  }

  private async take(name: StackName, work: () => Promise<boolean>): Promise<Turn> {
    const before = this.upstreamOf(name).map((stack) => this.turns.get(stack) ?? Promise.resolve("done"));
    if ((await Promise.all(before)).some((turn) => turn !== "done")) return "skipped";
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((go) => this.waiting.push(go));
    try {
      return (await work()) ? "done" : "failed";
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}

/** The stacks that a stack reads, as its `config.ts` declares them, whether or not its settings need them all. */
async function readsOf(stack: StackFolder, byDefault: boolean): Promise<StackName[]> {
  const { spec } = (await import(join(stack.path, "config"))) as { spec: { needs: unknown; settings: Settings } };
  const defaults = Object.entries(spec.settings).map(([key, setting]) => [key, setting.default]);
  const isNeeded = ({ when }: NeededOutputs) =>
    !byDefault || (when?.(Object.fromEntries(defaults) as never, { has: () => false }) ?? true);
  return neededOutputs(spec)
    .filter(isNeeded)
    .map(({ stack: name }) => name);
}
