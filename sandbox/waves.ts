import { join } from "node:path";
import { neededOutputs, type StackName } from "@selfhosted/common";
import type { StackFolder } from "./stacks";

/** The stacks that a stack reads, as its `config.ts` declares them, whether or not its settings need them all. */
export async function upstreamOf(stack: StackFolder): Promise<StackName[]> {
  const { spec } = (await import(join(stack.path, "config"))) as { spec: { needs: unknown } };
  return neededOutputs(spec).map(({ stack: name }) => name);
}

/**
 * Lets at most `places` of those who ask do something at once. Who waits longest goes first, so stacks start in the order
 * of their numbers where they may.
 */
export class Places {
  private readonly waiting: (() => void)[] = [];
  constructor(private free: number) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((go) => this.waiting.push(go));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
