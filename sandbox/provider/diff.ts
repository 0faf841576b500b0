import type { Properties, Value } from "./types";

/** The top-level inputs that differ, by content: an absent one equals null, the order of keys doesn't count. */
export function changedInputs(previous: Properties, inputs: Properties): string[] {
  const names = new Set([...Object.keys(previous), ...Object.keys(inputs)]);
  return [...names].filter(
    (name) => !name.startsWith("__") && !sameValue(previous[name] ?? null, inputs[name] ?? null),
  );
}

/** Whether two values have the same content, see {@link changedInputs}. */
export function sameValue(one: Value, other: Value): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [first, second] = [one as Properties, other as Properties];
  const keys = new Set([...Object.keys(first), ...Object.keys(second)]);
  return [...keys].every((key) => sameValue(first[key] ?? null, second[key] ?? null));
}
