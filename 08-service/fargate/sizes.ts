import type { Resources } from "../components";

/** A task's size as Fargate sells it: CPU in units (1,024 are a vCPU), memory in MiB. */
export interface TaskSize {
  readonly cpu: number;
  readonly memory: number;
}

const GIB = 1024;
const steps = (low: number, high: number, step: number) =>
  Array.from({ length: (high - low) / step + 1 }, (_, index) => (low + index * step) * GIB);

/**
 * Memory in MiB that goes with each number of CPU units.
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
const MEMORY: readonly (readonly [cpu: number, memory: readonly number[]])[] = [
  [256, [512, 1024, 2048]],
  [512, steps(1, 4, 1)],
  [1024, steps(2, 8, 1)],
  [2048, steps(4, 16, 1)],
  [4096, steps(8, 30, 1)],
  [8192, steps(16, 60, 4)],
  [16384, steps(32, 120, 8)],
];

/** The smallest size of Fargate's that holds what a component asks for; undefined when it asks for more than any has. */
export function taskSize({ cpu, memory }: Resources): TaskSize | undefined {
  const units = (cpu * 1024) / 1000;
  for (const [most, sizes] of MEMORY) {
    const enough = most < units ? undefined : sizes.find((size) => size >= memory);
    if (enough !== undefined) return { cpu: most, memory: enough };
  }
  return undefined;
}
