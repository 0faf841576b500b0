import type * as pulumi from "@pulumi/pulumi";
import {
  adoptable,
  contract,
  outputSpec,
  type AdoptableName,
  type BringableName,
  type Contract,
  type OutputName,
} from "./contract";
import type { OutputSpec, OutputValue, StackName } from "./contract";
import type { Kind, SecretKind, ValueOf } from "./kinds";
import type { Names } from "./names";
import type { Caller } from "./ownConfig";
import { commonSettings, upstreamSettings, type Profile, type Setting, type Settings } from "./settings";
import { fullStackName, stackKey } from "./upstream";

type SettingValue<S> = S extends { readonly kind: infer Q }
  ? | (Q extends SecretKind ? pulumi.Output<string> : ValueOf<Q>)
    | (S extends { readonly optional: true } | { readonly elsewhere: string } ? undefined : never)
  : never;

/** The values of a stack's own settings: secrets as secret `Output`s, everything else as it is. */
export type SettingValues<S extends Settings> = { readonly [K in keyof S]: SettingValue<S[K]> };

/** Outputs that are needed only when this stack's settings, or the ids given in its folder (`has`), ask for them. */
export interface NeedWhen<S extends StackName, V, G> {
  readonly when: (settings: V, given: { has(output: G): boolean }) => boolean;
  readonly outputs: readonly BringableName<S>[];
  /** Set when giving them while they aren't asked for contradicts the settings, rather than being of no use today. */
  readonly exclusive?: true;
}

/** Outputs of an upstream stack that this stack needs: always, or under one condition, or each group under its own. */
export type Need<S extends StackName, V, G> =
  readonly BringableName<S>[] | NeedWhen<S, V, G> | { readonly groups: readonly NeedWhen<S, V, G>[] };

/** Everything a stack needs of the stacks before it. */
export type Needs<V, G = string> = { readonly [S in StackName]?: Need<S, V, G> };

type Values<S extends StackName, K> = { readonly [N in K & OutputName<S>]: OutputValue<S, N> };

/** What the needs became; a need with `when` is `undefined` while its setting is off, as is each output of a group. */
export type UpstreamValues<N> = {
  readonly [S in keyof N & StackName]: N[S] extends readonly (infer K)[]
    ? Values<S, K>
    : N[S] extends { readonly outputs: readonly (infer K)[] }
      ? Values<S, K> | undefined
      : N[S] extends { readonly groups: readonly { readonly outputs: readonly (infer K)[] }[] }
        ? Partial<Values<S, K>>
        : never;
};

type SetOf<S extends StackName, K extends OutputName<S>> = Contract[S]["outputs"][K] extends { readonly set: infer G }
  ? G & string
  : never;

type SetName<S extends StackName> = { [K in BringableName<S>]: SetOf<S, K> }[BringableName<S>];

type GivenSets<S extends StackName> = {
  readonly [G in SetName<S>]?: {
    readonly [
      K in BringableName<S> as SetOf<S, K> extends G ? (G extends SetOf<S, K> ? K : never) : never
    ]: OutputValue<S, K>;
  };
};

type GivenAlone<S extends StackName> = {
  readonly [K in AdoptableName<S> as [SetOf<S, K>] extends [never] ? K : never]?: OutputValue<S, K>;
};

/** Ids given in the folder itself, to adopt and publish: a set as a whole or not at all, a lone output by itself. */
export type GivenValues<S extends StackName> = Readonly<GivenSets<S> & GivenAlone<S>>;

/** What one stack reads: the only argument of `readConfig`, and what tests and tools learn a stack's keys from. */
export interface ConfigSpec<S extends StackName, K extends Settings, N> {
  readonly stack: S;
  readonly settings: K;
  readonly needs: N;
  /** Whether ids given in this folder make it adopt them instead of making resources. */
  readonly adopts: boolean;
}

/** Everything a stack's program knows before it makes its first resource. */
export interface StackConfig<S extends StackName, K extends Settings, N> {
  readonly settings: SettingValues<K>;
  readonly given: GivenValues<S>;
  readonly upstream: UpstreamValues<N>;
  readonly names: Names;
  readonly tags: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly baseName: string;
  readonly installation: string;
  /** Which defaults held; for what is chosen in the program by more than one key. */
  readonly profile: Profile;
}

/** Describes what a stack reads; see `readConfig`. */
export function defineConfig<
  S extends StackName,
  const K extends Settings,
  const N extends Needs<SettingValues<K>, BringableName<S>> = Needs<SettingValues<K>>,
>(stack: S, spec: { settings: K; needs?: N; adopts?: boolean }): ConfigSpec<S, K, N> {
  return { stack, settings: spec.settings, needs: spec.needs ?? ({} as N), adopts: spec.adopts ?? true };
}

/** One upstream stack's share of a spec, in a form that code can walk. */
export interface NeededOutputs {
  readonly stack: StackName;
  readonly outputs: readonly string[];
  readonly when?: (settings: never, given: { has(output: string): boolean }) => boolean;
  /** Refused when given while it isn't asked for. */
  readonly exclusive?: true;
  /** One of several groups of this upstream stack, each with its own `when`. */
  readonly group?: true;
}

/** The needs of a spec as a list, in the contract's order. */
export function neededOutputs(spec: { readonly needs: unknown }): NeededOutputs[] {
  const needs = spec.needs as Partial<Record<StackName, Need<StackName, never, never>>>;
  return (Object.keys(contract) as StackName[]).flatMap((stack): NeededOutputs[] => {
    const need = needs[stack];
    if (need === undefined) return [];
    if (isList(need)) return [{ stack, outputs: need }];
    if ("groups" in need) return need.groups.map((group) => ({ stack, group: true, ...group }));
    return [{ stack, outputs: need.outputs, when: need.when }];
  });
}

function isList(need: Need<StackName, never, never>): need is readonly BringableName<StackName>[] {
  return Array.isArray(need);
}

/** Every key a spec reads, with its kind: settings, ids to adopt, inputs, and where the upstream stacks are. */
export function configKeys(
  spec: ConfigSpec<StackName, Settings, unknown>,
): Map<string, { kind: Kind<unknown>; about: string }> {
  const needed = neededOutputs(spec);
  const all: Record<string, Setting | OutputSpec> = { ...commonSettings, ...spec.settings };
  if (needed.length > 0) Object.assign(all, upstreamSettings);
  const keys = new Map<string, { kind: Kind<unknown>; about: string }>(Object.entries(all));
  if (spec.adopts) for (const [name, output] of adoptable(spec.stack)) keys.set(name, output);
  for (const { stack, outputs } of needed) {
    const about = `full name of the stack of ${contract[stack].folder}, when it isn't named like this one`;
    keys.set(stackKey(stack), { kind: fullStackName, about });
    for (const name of outputs) {
      const output = outputSpec(stack, name);
      if (output) keys.set(name, output);
    }
  }
  return keys;
}
