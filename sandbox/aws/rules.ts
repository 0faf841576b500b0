import { AwsError } from "./errors";
import type { CreateContext } from "./record";
import type { Properties, Value } from "../provider/types";
import { number, text } from "./values";

/** One rule's verdict: AWS's message, several, or nothing when the rule holds. */
export type Refusal = string | readonly string[] | undefined;

/** All that was refused, in order. */
export function refusals(...found: readonly Refusal[]): string[] {
  return found.flatMap((refusal) => refusal ?? []);
}

/** AWS's message, as {@link AwsError} words it, when `broken`. */
export function when(broken: boolean, code: string, message: string, source: string): string | undefined {
  return broken ? new AwsError(code, message, source).message : undefined;
}

/** The limits of a name: what a record's `autoname` holds, with AWS's minimum length. */
export interface NameRule {
  readonly property: string;
  readonly minLength?: number;
  readonly maxLength: number;
  readonly pattern?: RegExp;
}

/** Refuses a name outside its limits. */
export function named(inputs: Properties, rule: NameRule, code: string, source: string): Refusal {
  const name = text(inputs[rule.property]);
  if (name === undefined) return undefined;
  const { property, minLength = 1, maxLength, pattern } = rule;
  return refusals(
    when(
      name.length < minLength || name.length > maxLength,
      code,
      `${property} "${name}" has ${name.length} characters: give it ${minLength} to ${maxLength}`,
      source,
    ),
    when(
      pattern !== undefined && !pattern.test(name),
      code,
      `${property} "${name}" has characters or a form that AWS doesn't allow (${String(pattern)})`,
      source,
    ),
  );
}

/** Refuses a known value that isn't among those allowed. */
export function oneOf(
  property: string,
  value: Value | undefined,
  allowed: readonly (string | number)[],
  code: string,
  source: string,
): Refusal {
  const known = text(value) ?? number(value);
  return when(
    known !== undefined && !allowed.includes(known),
    code,
    `${property} is ${String(known)}: choose one of ${allowed.join(", ")}`,
    source,
  );
}

/** Refuses a known number outside its limits, both included. */
export function between(
  property: string,
  value: Value | undefined,
  minimum: number,
  maximum: number,
  code: string,
  source: string,
): Refusal {
  const known = number(value);
  return when(
    known !== undefined && (known < minimum || known > maximum),
    code,
    `${property} is ${String(known)}: choose ${minimum} to ${maximum}`,
    source,
  );
}

/** Refuses a second object of a type with the same physical name (in the same Region, for a regional service). */
export function taken(
  context: CreateContext & { readonly id?: string },
  type: string,
  property: string,
  code: string,
  source: string,
  scope: "region" | "global" = "region",
): Refusal {
  const name = text(context.inputs[property]);
  if (name === undefined) return undefined;
  const other = context.world.find(
    type,
    (object) =>
      object.id !== context.id &&
      object.properties[property] === name &&
      (scope === "global" || object.region === context.region),
  );
  return when(
    other !== undefined,
    code,
    `${property} "${name}" is taken by the ${type} "${other?.name ?? ""}": choose another, or import that one`,
    source,
  );
}
