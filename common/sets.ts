import type { OutputSpec } from "./contract";
import type { OwnConfig } from "./ownConfig";
import type { Problems } from "./problems";

/** Outputs, with their names, by the set that they belong to; under `undefined` those that stand alone. */
export function grouped(specs: [string, OutputSpec][]): Map<string | undefined, [string, OutputSpec][]> {
  const groups = new Map<string | undefined, [string, OutputSpec][]>();
  for (const entry of specs) groups.set(entry[1].set, [...(groups.get(entry[1].set) ?? []), entry]);
  return groups;
}

/** Whether all members of a set are given in the stack's own configuration; a set given in part is a problem. */
export function isWhole(set: string, names: readonly string[], own: OwnConfig, problems: Problems): boolean {
  const present = names.filter((name) => own.has(name));
  const absent = names.filter((name) => !own.has(name));
  if (present.length > 0 && absent.length > 0) {
    problems.add(
      `the ${set} is half given: ${present.join(", ")} set, ${absent.join(", ")} not; set all of them, or run ` +
        present.map((name) => `\`pulumi config rm ${name}\``).join(" and "),
    );
  }
  return absent.length === 0;
}
