import type { Variables } from "./env";
import type { EngineEvent } from "./eventLog";
import { pulumi } from "./pulumi";
import { diagnostics, type StackReport } from "./rehearsalReport";
import type { StackFolder } from "./stacks";

/** Steps that leave a resource in the stack. */
const KEPT = new Set(["create", "update", "same", "replace", "create-replacement", "import", "read"]);

/** `pulumi up` in one folder. Says what it is at after every step of the engine. */
export async function bringUp(
  folder: StackFolder,
  stack: string,
  env: Variables,
  say: (line: string) => void,
): Promise<StackReport> {
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1_000).toFixed(1);
  let changes: Readonly<Record<string, number>> = {};
  const present = new Set<string>();
  const onEvent = (event: EngineEvent) => {
    const before = event.resourcePreEvent?.metadata;
    const after = event.resOutputsEvent?.metadata;
    if (after && KEPT.has(after.op)) present.add(after.urn);
    const step = after ?? before;
    if (step)
      say(`${present.size} resources, ${seconds()} s: ${step.op} ${step.type} ${step.urn.split("::").at(-1) ?? ""}`);
    if (event.summaryEvent) changes = event.summaryEvent.resourceChanges;
  };
  // No preview: it would run the program a second time, for nobody to look at.
  const result = await pulumi(["up", "--stack", stack, "--yes", "--skip-preview"], { cwd: folder.path, env, onEvent });
  if (result.code !== 0) throw new Error(diagnostics(result));
  const changed = Object.entries(changes).filter(([op, count]) => op !== "same" && count > 0);
  const what =
    changed.length === 0 ? "unchanged" : changed.map(([op, count]) => `${count} ${PAST[op] ?? op}`).join(", ");
  return {
    resources: present.size,
    changed: changed.length > 0,
    line: `${String(present.size).padStart(3)} resources, ${what}, ${seconds()} s`,
  };
}

const PAST: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
};
