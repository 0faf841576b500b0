import { createHash, randomBytes } from "node:crypto";
import type { ResourceRecord } from "./record";
import { UNKNOWN, type CheckFailure, type Properties } from "../provider/types";

/** Marks, in the inputs, which were filled in here; Pulumi's bridged providers use the same key. */
export const DEFAULTED = "__defaults";

/** Hexadecimal digits Pulumi appends to a logical name (pulumi.com/docs/iac/concepts/resources/names/#autonaming). */
const SUFFIX_LENGTH = 7;

/**
 * Gives the object its physical name where the program gives none: the logical name and a random suffix, within AWS's
 * limit. An object that has one keeps it.
 * @param seed Randomness from the engine, so that a plan and its execution agree.
 */
export function withAutoname(
  autoname: ResourceRecord["autoname"],
  name: string,
  inputs: Properties,
  previous: Properties | undefined,
  seed: Buffer,
): Properties {
  if (!autoname || autoname.property in inputs) return inputs;
  const { property, maxLength, pattern } = autoname;
  const marked = { ...inputs, [DEFAULTED]: [property] };
  if (previous && wasDefaulted(previous, property)) return { ...marked, [property]: previous[property] ?? "" };
  const random = seed.length > 0 ? seed : randomBytes(16);
  const suffix = createHash("sha256").update(random).update(name).digest("hex").slice(0, SUFFIX_LENGTH);
  // `namePrefix`, `bucketPrefix`, …: the author's beginning in place of the logical name and the hyphen.
  const prefix = inputs[`${property}Prefix`];
  const room = maxLength - SUFFIX_LENGTH;
  const start =
    typeof prefix === "string" && prefix !== UNKNOWN ? prefix.slice(0, room) : `${name.slice(0, room - 1)}-`;
  const full = `${start}${suffix}`;
  return { ...marked, [property]: pattern && !pattern.test(full) ? full.toLowerCase() : full };
}

/** Whether this property's value was made up here rather than written by the program's author. */
export function wasDefaulted(inputs: Properties, property: string): boolean {
  const marked = inputs[DEFAULTED];
  return Array.isArray(marked) && marked.includes(property);
}

/** Refuses a physical name outside AWS's limits, before anything is made. */
export function checkName(autoname: ResourceRecord["autoname"], inputs: Properties): CheckFailure[] {
  if (!autoname) return [];
  const { property, maxLength, pattern } = autoname;
  const name = inputs[property];
  if (typeof name !== "string" || name === UNKNOWN) return [];
  if (name.length > maxLength) {
    return [{ property, reason: `"${name}" has ${name.length} characters: at most ${maxLength} are allowed` }];
  }
  if (pattern && !pattern.test(name)) {
    return [{ property, reason: `"${name}" has characters that AWS doesn't allow (${String(pattern)})` }];
  }
  return [];
}
