import type { Properties, Value } from "../provider/types";
import { quantity } from "./controllers/quantities";
import { text, without } from "./objects";
import type { KubernetesObject } from "./rest";

/**
 * The inputs that would give the live object, in the shape of the last inputs: fields that the API filled in by default
 * are no drift, fields that somebody changed or took away are.
 */
export function liveInputs(live: KubernetesObject, inputs: Properties | undefined): Properties {
  if (!inputs || Object.keys(inputs).length === 0) return importedInputs(live);
  const { stringData, ...others } = inputs;
  const projected = project(others, live as unknown as Value) as Properties;
  if (stringData === undefined || stringData === null) return projected;
  const data = (live["data"] ?? {}) as Record<string, string>;
  const decoded = Object.keys(stringData as Properties).flatMap((key) => {
    const text = data[key];
    return text === undefined ? [] : [[key, Buffer.from(text, "base64").toString("utf8")] as const];
  });
  return { ...projected, stringData: Object.fromEntries(decoded) };
}

function project(wish: Value, actual: Value | undefined): Value | undefined {
  if (actual === undefined) return isEmpty(wish) ? wish : undefined;
  if (Array.isArray(wish)) {
    if (!Array.isArray(actual) || actual.length !== wish.length) return actual;
    return wish.map((item, index) => project(item, actual[index]) ?? null);
  }
  if (typeof wish === "object" && wish !== null) {
    if (typeof actual !== "object" || actual === null || Array.isArray(actual)) return actual;
    const entries = Object.entries(wish).map(([field, value]) => [field, project(value, actual[field])] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, Value] => entry[1] !== undefined));
  }
  return sameQuantity(wish, actual) ? wish : actual;
}

/** The API leaves empty values out. */
function isEmpty(value: Value): boolean {
  if (typeof value !== "object") return !value;
  return value === null || Object.keys(value).length === 0;
}

/** `1000m` and `1`, `0.5` and `500m`: the API writes quantities in its own way. */
function sameQuantity(wish: Value, actual: Value): boolean {
  const isQuantity = (value: Value): value is string | number => /^\d[\d.]*(m|k|[KMGTP]i?)?$/.test(text(value));
  const hasUnit = [wish, actual].some((value) => /[a-zA-Z]$/.test(text(value)));
  return hasUnit && isQuantity(wish) && isQuantity(actual) && quantity(wish) === quantity(actual);
}

/** All that somebody wrote, for `pulumi import`. */
function importedInputs(live: KubernetesObject): Properties {
  const rest = without(live as unknown as Properties, "status", "metadata");
  const { name, namespace, labels, annotations } = live.metadata;
  const kept = Object.entries({ name, namespace, labels, annotations }).filter(([, value]) => value !== undefined);
  return { ...rest, metadata: Object.fromEntries(kept) as Properties };
}
