import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Identity } from "./provider/types";

/** One planned fault, for tests of what happens when AWS fails or an `up` is killed. */
export interface Fault {
  /** Type token, e.g. `aws:ec2/vpc:Vpc`; a `*` at the end matches any rest. */
  readonly type: string;
  /** Logical name; any when left out. */
  readonly name?: string;
  readonly operation: "create" | "read" | "update" | "delete";
  /** The error's message. Without one the operation succeeds, after `delay`. */
  readonly error?: string;
  /** How often, then no more; always when left out. */
  readonly times?: number;
  /** Milliseconds to wait after the object was changed, before the engine is told. */
  readonly delay?: number;
}

/** The faults planned in `<home>/faults.json`, a list of {@link Fault}; read anew when the file changes. */
export class Faults {
  private readonly path: string;
  private changed = 0;
  private planned: { readonly fault: Fault; left: number }[] = [];

  constructor(home: string) {
    this.path = join(home, "faults.json");
  }

  /** Before the change. @throws Error the planned one. */
  before(resource: Identity, operation: Fault["operation"]): void {
    const plan = this.find(resource, operation, (fault) => fault.error !== undefined);
    if (plan?.fault.error === undefined) return;
    plan.left -= 1;
    throw new Error(plan.fault.error);
  }

  /** After the change: time in which a test can kill the engine. */
  async after(resource: Identity, operation: Fault["operation"]): Promise<void> {
    const plan = this.find(resource, operation, (fault) => fault.error === undefined);
    if (!plan) return;
    plan.left -= 1;
    await sleep(plan.fault.delay ?? 0);
  }

  private find(resource: Identity, operation: string, wanted: (fault: Fault) => boolean) {
    this.reload();
    return this.planned.find(
      ({ fault, left }) =>
        left > 0 &&
        wanted(fault) &&
        fault.operation === operation &&
        (fault.type.endsWith("*") ? resource.type.startsWith(fault.type.slice(0, -1)) : fault.type === resource.type) &&
        (fault.name === undefined || fault.name === resource.name),
    );
  }

  private reload(): void {
    const changed = statSync(this.path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (changed === this.changed) return;
    this.changed = changed;
    const faults = changed === 0 ? [] : (JSON.parse(readFileSync(this.path, "utf8")) as Fault[]);
    this.planned = faults.map((fault) => ({ fault, left: fault.times ?? Infinity }));
  }
}
