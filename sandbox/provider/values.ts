import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties, Value } from "./types";

/**
 * Property values on the wire. Providers here see plain values; this file takes secrets' wrapping off on the way in and
 * puts it back on the way out. Signatures: pulumi/sdk/go/common/resource/sig.
 */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Which parts of a value are secret: all of it, or some of its members (list indices as strings). */
export type SecretTree = true | { [member: string]: SecretTree };

/** What must be secret in a value that is sent. */
export interface SecretTemplate {
  readonly tree: SecretTree;
  /** Secret strings themselves: wherever one turns up again, under whatever name, it is secret there too. */
  readonly strings: ReadonlySet<string>;
}

/** Properties as they came, unwrapped, and what was secret in them. */
export interface Received {
  readonly values: Properties;
  readonly secrets: SecretTemplate;
}

/** Shorter strings (`on`, `443`) are no secrets by themselves and equal much else. */
const SHORTEST_SECRET = 6;

/** Reads properties off the wire. */
export function decode(struct: Struct | undefined): Received {
  const strings = new Set<string>();
  const values: Properties = {};
  const tree: { [member: string]: SecretTree } = {};
  for (const [key, wire] of Object.entries(struct?.toJavaScript() ?? {})) {
    const [value, secret] = unwrap(wire as Value, strings);
    values[key] = value;
    if (secret) tree[key] = secret;
  }
  return { values, secrets: { tree, strings } };
}

/**
 * Puts properties on the wire.
 * @param templates A part is sent as secret when any template says so.
 */
export function encode(values: Properties, ...templates: (SecretTemplate | undefined)[]): Struct {
  const given = templates.filter((template) => template !== undefined);
  const strings = new Set(given.flatMap((template) => [...template.strings]));
  const trees = given.map((template) => template.tree);
  const wire: Record<string, JavaScriptValue> = {};
  for (const [key, value] of Object.entries(values)) {
    wire[key] = wrap(value, membersOf(trees, key), strings) as JavaScriptValue;
  }
  return Struct.fromJavaScript(wire);
}

/** A template that makes these top-level properties secret. */
export function secretProperties(names: readonly string[] | undefined): SecretTemplate {
  return { tree: Object.fromEntries((names ?? []).map((name) => [name, true as const])), strings: new Set() };
}

/** Whether a value is a map or a block of properties. */
export function isObject(value: Value | undefined): value is { [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unwrap(wire: Value, strings: Set<string>): [Value, SecretTree | undefined] {
  if (isObject(wire) && wire[SIGNATURE] === SECRET) {
    const [value] = unwrap(wire["value"] ?? null, strings);
    collectStrings(value, strings);
    return [value, true];
  }
  if (typeof wire !== "object" || wire === null) return [wire, undefined];
  const tree: { [member: string]: SecretTree } = {};
  const members = Object.entries(wire).map(([key, member]): [string, Value] => {
    const [value, secret] = unwrap(member, strings);
    if (secret) tree[key] = secret;
    return [key, value];
  });
  const value = Array.isArray(wire) ? members.map(([, member]) => member) : Object.fromEntries(members);
  return [value, Object.keys(tree).length > 0 ? tree : undefined];
}

function wrap(value: Value, trees: readonly SecretTree[], strings: ReadonlySet<string>): Value {
  const container = typeof value === "object" && value !== null;
  // Where only members were secret but there are none here (a block that became a string), the whole of it is secret.
  const secret =
    trees.includes(true) ||
    (!container && value !== null && trees.some((tree) => tree !== true)) ||
    (typeof value === "string" && strings.has(value));
  if (secret) return { [SIGNATURE]: SECRET, value };
  if (!container) return value;
  if (Array.isArray(value)) return value.map((member, index) => wrap(member, membersOf(trees, `${index}`), strings));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, wrap(member, membersOf(trees, key), strings)]),
  );
}

function membersOf(trees: readonly SecretTree[], key: string): SecretTree[] {
  return trees.flatMap((tree) => (tree !== true && tree[key] !== undefined ? [tree[key]] : []));
}

function collectStrings(value: Value, strings: Set<string>): void {
  if (typeof value === "string") {
    if (value.length >= SHORTEST_SECRET) strings.add(value);
  } else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) collectStrings(member, strings);
  }
}
