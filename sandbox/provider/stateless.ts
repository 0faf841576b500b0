import { changedInputs } from "./diff";
import { checkInputs, normalizeInputs } from "./inputs";
import { UNKNOWN, type Existing, type Properties, type Provider } from "./types";
import type { Typings } from "./typings";

/** A resource type that exists in the engine's state alone: a random value, a key, a certificate. */
export interface StatelessType {
  readonly defaults?: Properties;
  /** Properties that are always secret. */
  readonly secrets?: readonly string[];
  readonly make: (inputs: Properties) => Existing | Promise<Existing>;
  /** Rebuilds the state from an id, for `pulumi import`. */
  readonly restore?: (id: string) => Existing;
  /** Whether it must be made anew although no input changed: a certificate about to expire. */
  readonly isOver?: (properties: Properties) => boolean;
}

/**
 * Stand-in for a provider without a world. As in the real ones, any change of an input makes a new object.
 * @param file Where its types are, for the error about one it doesn't know.
 */
export function statelessProvider(
  name: string,
  version: string,
  types: Readonly<Record<string, StatelessType>>,
  typings: Typings,
  file: string,
): Provider {
  const known = (token: string): StatelessType => {
    const type = types[token];
    if (!type) throw new Error(`the sandbox doesn't know ${token}: add it to the types of ${file}`);
    return type;
  };
  return {
    name,
    version,
    secretsOf: (token) => [...(types[token]?.secrets ?? [])],
    check: async ({ type }, inputs) => {
      const { defaults } = known(type);
      const typing = (await typings.inputs(type)) ?? {};
      const complete = { ...defaults, ...normalizeInputs(typing, inputs) };
      return { inputs: complete, failures: await checkInputs(typings, typing, complete) };
    },
    diff: async ({ type }, _id, previous, inputs) => {
      const isOver = known(type).isOver?.(previous.properties) ? ["readyForRenewal"] : [];
      const changed = [...changedInputs(previous.inputs ?? previous.properties, inputs), ...isOver];
      return Promise.resolve({ changed, replaces: changed });
    },
    create: async ({ type }, inputs, preview) =>
      preview ? { id: UNKNOWN, properties: inputs } : known(type).make(inputs),
    update: (_resource, id, previous, inputs) => Promise.resolve({ id, properties: { ...previous, ...inputs } }),
    read: async ({ type }, id, properties, _configuration, inputs) => {
      if (properties) return Promise.resolve({ id, properties, inputs });
      const { restore } = known(type);
      if (!restore) throw new Error(`the sandbox can't import a ${type}: give it "restore" in ${file}`);
      return restore(id);
    },
    delete: () => Promise.resolve(),
  };
}

/** A text among a resource's properties; empty when it isn't there. */
export function textOf(properties: Properties, name: string): string {
  const value = properties[name];
  return typeof value === "string" ? value : "";
}
