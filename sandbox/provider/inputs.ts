import { UNKNOWN, type CheckFailure, type Properties, type Value } from "./types";
import type { InputTypings, Shape, Typings } from "./typings";
import { isObject } from "./values";

/**
 * Compares inputs with the SDK's typings, nested blocks included. TypeScript has checked literals already; what comes
 * through `any`, configuration or a stack output arrives here unchecked, as it would at AWS.
 * @returns Everything wrong, each with the property's path.
 */
export function checkInputs(typings: Typings, inputs: InputTypings, values: Properties): Promise<CheckFailure[]> {
  return checkMembers(typings, inputs, values, "");
}

/** Inputs as the provider stores them: documents as JSON text. */
export function normalizeInputs(inputs: InputTypings, values: Properties): Properties {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name, value]) => value !== null && !name.startsWith("__"))
      .map(([name, value]) => [name, inputs[name]?.shape.kind === "json" ? jsonText(value) : value]),
  );
}

async function checkMembers(
  typings: Typings,
  known: InputTypings,
  values: Properties,
  path: string,
): Promise<CheckFailure[]> {
  const unknown = Object.keys(values)
    .filter((name) => !known[name] && !name.startsWith("__"))
    .map((name) => ({ property: path + name, reason: `is no such property: ${suggestion(name, Object.keys(known))}` }));
  const missing = Object.entries(known)
    .filter(([name, { required }]) => required && (values[name] ?? null) === null)
    .map(([name]) => ({ property: path + name, reason: "is required" }));
  const malformed = await each(Object.entries(values), async ([name, value]) => {
    const typing = known[name];
    return typing ? checkValue(typings, typing.shape, value, path + name) : [];
  });
  return [...unknown, ...missing, ...malformed];
}

async function checkValue(typings: Typings, shape: Shape, value: Value, path: string): Promise<CheckFailure[]> {
  if (value === null || value === UNKNOWN || shape.kind === "any" || shape.kind === "json") return [];
  const wrong = (expected: string): CheckFailure[] => [{ property: path, reason: `must be ${expected}` }];
  switch (shape.kind) {
    case "list":
      if (!Array.isArray(value)) return wrong("a list");
      return each([...value.entries()], ([index, member]) =>
        checkValue(typings, shape.of, member, `${path}[${index}]`),
      );
    case "map":
      if (!isObject(value)) return wrong("a map");
      return each(Object.entries(value), ([key, member]) => checkValue(typings, shape.of, member, `${path}.${key}`));
    case "block": {
      if (!isObject(value)) return wrong("a block of properties");
      const members = await typings.block(shape.name);
      return members ? checkMembers(typings, members, value, `${path}.`) : [];
    }
    case "string":
      return typeof value === "object" ? wrong("a string") : [];
    case "number":
      return typeof value === "number" || (typeof value === "string" && value.trim() !== "" && !isNaN(Number(value)))
        ? []
        : wrong("a number");
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false" ? [] : wrong("true or false");
  }
}

async function each<Item>(
  items: readonly Item[],
  check: (item: Item) => Promise<CheckFailure[]>,
): Promise<CheckFailure[]> {
  return (await Promise.all(items.map(check))).flat();
}

function suggestion(name: string, known: string[]): string {
  const alike = known.find((other) => other.toLowerCase().replace(/s$/, "") === name.toLowerCase().replace(/s$/, ""));
  return alike ? `did you mean "${alike}"?` : `the properties are ${known.join(", ")}`;
}

function jsonText(value: Value): Value {
  return isObject(value) ? JSON.stringify(value) : value;
}
