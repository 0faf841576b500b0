import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { hash } from "bcryptjs";
import { statelessProvider, textOf, type StatelessType } from "./provider/stateless";
import type { Existing, Properties, Provider } from "./provider/types";
import { Typings } from "./provider/typings";

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
/** The provider's default special characters (registry: random.RandomPassword, `overrideSpecial`). */
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** A pet's words; the real provider has longer lists (dustinkirkland/golang-petname). */
const ADJECTIVES = ["able", "bold", "calm", "eager", "fair", "glad", "keen", "mild", "noble", "quick", "sound", "wise"];
const ANIMALS = [
  "badger",
  "crane",
  "dingo",
  "finch",
  "gecko",
  "heron",
  "ibex",
  "lark",
  "marten",
  "otter",
  "seal",
  "wren",
];

const STRING_DEFAULTS: Properties = {
  lower: true,
  minLower: 0,
  minNumeric: 0,
  minSpecial: 0,
  minUpper: 0,
  number: true,
  numeric: true,
  special: true,
  upper: true,
};

const TYPES: Readonly<Record<string, StatelessType>> = {
  "random:index/randomPassword:RandomPassword": {
    defaults: STRING_DEFAULTS,
    secrets: ["result", "bcryptHash"],
    make: async (inputs) => {
      const result = characters(inputs);
      return { id: "none", properties: { ...inputs, result, bcryptHash: await bcrypt(result) } };
    },
    restore: (id) => restored("none", id, { ...STRING_DEFAULTS, length: id.length }),
  },
  "random:index/randomString:RandomString": {
    defaults: STRING_DEFAULTS,
    make: (inputs) => {
      const result = characters(inputs);
      return { id: result, properties: { ...inputs, result } };
    },
    restore: (id) => restored(id, id, { ...STRING_DEFAULTS, length: id.length }),
  },
  "random:index/randomId:RandomId": {
    make: (inputs) => {
      const bytes = randomBytes(numberOf(inputs, "byteLength"));
      const prefix = textOf(inputs, "prefix");
      const hex = bytes.toString("hex");
      return {
        id: bytes.toString("base64url"),
        properties: {
          ...inputs,
          b64Std: prefix + bytes.toString("base64"),
          b64Url: prefix + bytes.toString("base64url"),
          dec: prefix + BigInt(`0x${hex}`).toString(),
          hex: prefix + hex,
        },
      };
    },
  },
  "random:index/randomInteger:RandomInteger": {
    make: (inputs) => {
      const result = randomInt(numberOf(inputs, "min"), numberOf(inputs, "max") + 1);
      return { id: `${result}`, properties: { ...inputs, result } };
    },
  },
  "random:index/randomUuid:RandomUuid": {
    make: (inputs) => {
      const result = randomUUID();
      return { id: result, properties: { ...inputs, result } };
    },
    restore: (id) => restored(id, id, {}),
  },
  "random:index/randomPet:RandomPet": {
    defaults: { length: 2, separator: "-" },
    make: (inputs) => {
      const adjectives = Array.from({ length: numberOf(inputs, "length") - 1 }, () => oneOf(ADJECTIVES));
      const prefix = textOf(inputs, "prefix");
      const words = [...(prefix ? [prefix] : []), ...adjectives, oneOf(ANIMALS)];
      return { id: words.join(textOf(inputs, "separator")), properties: inputs };
    },
  },
};

/** Stand-in for the `random` provider. @param cacheFolder See {@link Typings}. */
export function randomProvider(version: string, cacheFolder?: string): Provider {
  return statelessProvider("random", version, TYPES, new Typings("random", cacheFolder), "sandbox/random.ts");
}

/** As the provider hashes: Go's default cost, and bcrypt's own limit of 72 bytes. Source: golang.org/x/crypto/bcrypt */
function bcrypt(password: string): Promise<string> {
  return hash(password, 10);
}

function restored(id: string, result: string, inputs: Properties): Existing {
  return { id, properties: { ...inputs, result }, inputs };
}

/** As many of each class as asked for, the rest from all of them, shuffled. */
function characters(inputs: Properties): string {
  const classes = [
    { on: inputs["upper"], minimum: numberOf(inputs, "minUpper"), from: UPPER },
    { on: inputs["lower"], minimum: numberOf(inputs, "minLower"), from: LOWER },
    {
      on: inputs["numeric"] !== false && inputs["number"] !== false,
      minimum: numberOf(inputs, "minNumeric"),
      from: DIGITS,
    },
    {
      on: inputs["special"],
      minimum: numberOf(inputs, "minSpecial"),
      from: textOf(inputs, "overrideSpecial") || SPECIAL,
    },
  ].filter(({ on }) => on !== false);
  const length = numberOf(inputs, "length");
  const all = classes.map(({ from }) => from).join("");
  if (!all) throw new Error("The character set specified is empty: allow upper, lower, numeric or special");
  const required = classes.flatMap(({ minimum, from }) => Array.from({ length: minimum }, () => oneOf(from)));
  if (required.length > length) {
    throw new Error(
      `Attribute length value must be at least ${required.length}, the sum of the minimums; got ${length}`,
    );
  }
  const rest = Array.from({ length: length - required.length }, () => oneOf(all));
  return shuffled([...required, ...rest]).join("");
}

/** Fisher and Yates, over the operating system's randomness. */
function shuffled(items: string[]): string[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [result[last], result[other]] = [result[other] ?? "", result[last] ?? ""];
  }
  return result;
}

function oneOf(items: string | readonly string[]): string {
  return items[randomInt(items.length)] ?? "";
}

function numberOf(inputs: Properties, name: string): number {
  return Number(inputs[name] ?? 0);
}
