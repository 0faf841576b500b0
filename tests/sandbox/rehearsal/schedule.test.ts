import { describe, expect, it } from "@jest/globals";
import type { StackName } from "@selfhosted/common";
import { Schedule } from "../../../sandbox/waves";

const upstream = new Map<StackName, StackName[]>([
  ["networking", ["iam"]],
  ["cluster", ["networking"]],
  ["database", ["networking"]],
]);

/** Work that ends when it is told to, and keeps a record of who has started. */
function works() {
  const started: StackName[] = [];
  const ends = new Map<StackName, (well: boolean) => void>();
  const work = (name: StackName) => () => {
    started.push(name);
    return new Promise<boolean>((end) => ends.set(name, end));
  };
  /** Lets everything happen that can happen now. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const end = async (name: StackName, well = true) => {
    await settle();
    ends.get(name)?.(well);
    await settle();
  };
  return { started, work, end, settle };
}

describe("the order in which stacks come up", () => {
  it("waits for what a stack reads, and lets others go at the same time", async () => {
    const { started, work, end } = works();
    const schedule = new Schedule(upstream, 2);
    for (const name of ["iam", "networking", "cluster", "database"] as const) void schedule.run(name, work(name));
    await end("iam");
    expect(started).toEqual(["iam", "networking"]);
    await end("networking");
    expect(started).toEqual(["iam", "networking", "cluster", "database"]);
  });

  it("never has more at work than there are places", async () => {
    const { started, work, end, settle } = works();
    const schedule = new Schedule(new Map(), 1);
    for (const name of ["iam", "networking"] as const) void schedule.run(name, work(name));
    await settle();
    expect(started).toEqual(["iam"]);
    await end("iam");
    expect(started).toEqual(["iam", "networking"]);
  });

  it("skips what reads a stack that failed, and goes on with the rest", async () => {
    const { started, work, end } = works();
    const schedule = new Schedule(upstream, 2);
    const turns = (["iam", "networking", "cluster", "esc"] as const).map((name) => schedule.run(name, work(name)));
    await end("iam", false);
    await end("esc");
    await expect(Promise.all(turns)).resolves.toEqual(["failed", "skipped", "skipped", "done"]);
    expect(started).toEqual(["iam", "esc"]);
  });
});
