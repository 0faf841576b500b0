import { z } from "zod";
import { text, type Kind, type SecretKind } from "./kind";

/** A free, non-empty text of at most `max` characters. */
export function string(form = "text", max = 1024): Kind<string> {
  const schema = z.string().min(1, "must not be empty").max(max, `must have at most ${max} characters`);
  return { form, schema, written: "text", example: form, secret: false };
}

/** Text that must match a pattern; `wrong` says what is asked, in words. */
export function matching(pattern: RegExp, wrong: string, example: string): Kind<string> {
  return text(example, pattern, wrong);
}

/** One of a few words. */
export function oneOf<const V extends readonly [string, ...string[]]>(...values: V): Kind<V[number]> {
  const schema = z.enum(values, { error: `must be ${values.join(" or ")}` });
  return { form: values.join(" | "), schema, written: "text", example: values[0], secret: false };
}

/** A whole number between two bounds, both included. */
export function integer(minimum: number, maximum: number): Kind<number> {
  const wrong = `must be a whole number from ${minimum} to ${maximum}`;
  const schema = z.number(wrong).int(wrong).min(minimum, wrong).max(maximum, wrong);
  return { form: `${minimum}–${maximum}`, schema, written: "json", example: minimum, secret: false };
}

/** One of a few numbers. */
export function oneOfNumbers(...values: readonly [number, ...number[]]): Kind<number> {
  const wrong = `must be one of ${values.join(", ")}`;
  const schema = z.number(wrong).refine((value) => values.includes(value), wrong);
  return { form: values.join(" | "), schema, written: "json", example: values[0], secret: false };
}

/** A number between two bounds, both included. */
export function number(minimum: number, maximum: number): Kind<number> {
  const wrong = `must be a number from ${minimum} to ${maximum}`;
  const schema = z.number(wrong).min(minimum, wrong).max(maximum, wrong);
  return { form: `${minimum}–${maximum}`, schema, written: "json", example: minimum, secret: false };
}

/** `true` or `false`. */
export function boolean(): Kind<boolean> {
  return {
    form: "true | false",
    schema: z.boolean("must be true or false"),
    written: "json",
    example: true,
    secret: false,
  };
}

/** A list of at least `minimum` and at most `maximum` different values of one kind. */
export function list<T>(item: Kind<T>, minimum = 0, maximum = 100): Kind<T[]> {
  const schema = z
    .array(item.schema, `must be a list, each item like ${item.form}`)
    .min(minimum, `must have at least ${minimum} ${minimum === 1 ? "item" : "items"}`)
    .max(maximum, `must have at most ${maximum} items`)
    .refine((items) => new Set(items.map((one) => JSON.stringify(one))).size === items.length, "names an item twice");
  const example = Array.from({ length: Math.max(minimum, 1) }, (_, index) => nth(item.example, index));
  return { form: `["${item.form}", …]`, schema, written: "json", example, secret: item.secret, arn: item.arn };
}

/** An object whose keys the operator chooses and whose values are all of one kind. */
export function record<T>(value: Kind<T>, example: Record<string, T>): Kind<Record<string, T>> {
  const schema = z.record(z.string().min(1), value.schema, `must be an object, each value like ${value.form}`);
  return { form: `{ key: ${value.form} }`, schema, written: "json", example, secret: value.secret };
}

/** A structured value (an object or a list of objects) judged by its own zod schema. */
export function structure<T>(schema: z.ZodType<T>, example: T, form = "an object, see Pulumi.EXAMPLE.yaml"): Kind<T> {
  return { form, schema, written: "json", example, secret: false };
}

/** Text that stays secret: read as a secret, shown as `[secret]`, refused when it is stored in the clear. */
export function secret(form = "a secret text", minimum = 1, example = "Example-Secret-1"): SecretKind {
  const schema = z
    .string()
    .min(minimum, minimum === 1 ? "must not be empty" : `must have at least ${minimum} characters`);
  return { form, schema, written: "text", example, secret: true };
}

/** A full version, major.minor.patch. */
export function version(example = "1.2.3"): Kind<string> {
  return text(example, /^v?\d+\.\d+\.\d+(?:[-+].+)?$/, `must be a version like ${example}`);
}

function nth<T>(value: T, index: number): T {
  return typeof value === "string" && index > 0 ? (value.replace(/.$/, String(index % 10)) as T) : value;
}
