import type { Outcome } from "./outcome";

const MARKS = { passed: "✔", failed: "✖", skipped: "-" } as const;

/** Columns of a check's name; longer ones push the detail to the right. */
const NAME_WIDTH = 46;

/** One check for people: what was seen, and under a failure what to do. */
export function line({ name, status, detail, remedy }: Outcome): string {
  const first = `  ${MARKS[status]} ${name.padEnd(NAME_WIDTH)} ${detail}`;
  return remedy === undefined ? first : `${first}\n      → ${remedy}`;
}

/** The last line: how many of each. */
export function total(outcomes: readonly Outcome[]): string {
  const count = (status: Outcome["status"]) => outcomes.filter((one) => one.status === status).length;
  const skipped = count("skipped") === 0 ? "" : `, ${count("skipped")} not tried`;
  return `${count("passed")} of ${outcomes.length} checks passed, ${count("failed")} failed${skipped}.`;
}
