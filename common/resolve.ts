import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { contract, outputSpec, outputSpecs, type BringableName, type Contract, type OutputName } from "./contract";
import type { OutputSpec, OutputValue, StackName } from "./contract";
import { parseArn, type Kind, type SecretKind, type ValueOf } from "./kinds";
import { namesOf, tagsOf, type Names } from "./names";
import { OwnConfig, refusal, setCommand, type Caller } from "./ownConfig";
import { Problems } from "./problems";
import { commonSettings, upstreamSettings, type Setting, type Settings } from "./settings";
import { UpstreamReader, fullStackName, stackKey, upstreamName, type Upstream } from "./upstream";

type SettingValue<S> = S extends { readonly kind: infer Q }
  ? | (Q extends SecretKind ? pulumi.Output<string> : ValueOf<Q>)
    | (S extends { readonly optional: true } ? undefined : never)
  : never;

/** The values of a stack's own settings: secrets as secret `Output`s, everything else as it is. */
export type SettingValues<S extends Settings> = { readonly [K in keyof S]: SettingValue<S[K]> };

/** Outputs that are needed only when this stack's settings, or the ids given in its folder (`has`), ask for them. */
export interface NeedWhen<S extends StackName, V, G> {
  readonly when: (settings: V, given: { has(output: G): boolean }) => boolean;
  readonly outputs: readonly BringableName<S>[];
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
  readonly [K in BringableName<S> as [SetOf<S, K>] extends [never] ? K : never]?: OutputValue<S, K>;
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
    if ("groups" in need) return need.groups.map(({ outputs, when }) => ({ stack, outputs, when, group: true }));
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
  if (spec.adopts)
    for (const [name, output] of outputSpecs(spec.stack)) if (!output.informative) keys.set(name, output);
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

/**
 * Resolves everything a stack reads, before it makes anything. For every input: this stack's own configuration wins;
 * otherwise the upstream stack's output; otherwise the run ends with one error that lists every missing, malformed,
 * half-given and unknown key with the commands that mend it. A StackReference is made only when an input needs it.
 * @throws pulumi.RunError with all problems.
 */
export async function readConfig<S extends StackName, const K extends Settings, const N>(
  spec: ConfigSpec<S, K, N>,
): Promise<StackConfig<S, K, N>> {
  const { project } = contract[spec.stack];
  const problems = new Problems();
  const caller = await readCaller(problems);
  problems.throwIfAny(project);
  const own = new OwnConfig(project, caller, problems);

  const common = readSettings({ ...commonSettings, ...upstreamSettings }, own, problems);
  const settings = readSettings(spec.settings, own, problems) as SettingValues<K>;
  const given = spec.adopts ? readGiven(spec.stack, own, problems) : {};
  const upstream: Record<string, Record<string, unknown> | undefined> = {};
  const reader = new UpstreamReader();
  const where = {
    stack: common["upstreamStack"] as string | undefined,
    organization: common["upstreamOrganization"] as string | undefined,
  };
  const has = { has: (output: string) => own.has(output) };
  const asked = askedOutputs(neededOutputs(spec), settings as never, has);
  await Promise.all(
    [...asked].map(async ([stack, outputs]) => {
      const values = await readNeed(stack, outputs, own, where, reader, caller, problems);
      if (values) upstream[stack] = values;
    }),
  );
  own.reportUnknown();
  problems.throwIfAny(project);

  const baseName = common["baseName"] as string;
  const installation = (common["installation"] as string | undefined) ?? pulumi.getStack();
  const identity = { baseName, installation, account: caller.account, region: caller.region };
  return {
    settings,
    given: given as GivenValues<S>,
    upstream: upstream as UpstreamValues<N>,
    names: namesOf(identity),
    tags: tagsOf(identity, project, common["tags"] as Record<string, string>),
    caller,
    baseName,
    installation,
  };
}

async function readCaller(problems: Problems): Promise<Caller> {
  const region = aws.config.region ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"];
  if (region === undefined || region === "") {
    problems.add("aws:region is missing; run `pulumi config set aws:region us-east-1` with the region to deploy to");
    return { account: "", partition: "", region: "" };
  }
  let identity: aws.GetCallerIdentityResult;
  try {
    identity = await aws.getCallerIdentity();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.add(
      `AWS doesn't say whose account this is; run \`aws sts get-caller-identity\` to see why. It said: ${reason}`,
    );
    return { account: "", partition: "", region };
  }
  return { account: identity.accountId, partition: parseArn(identity.arn)?.partition ?? "aws", region };
}

function readSettings(settings: Settings, own: OwnConfig, problems: Problems): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(settings)) {
    const value = own.read(key, setting.kind) ?? setting.default;
    if (value === undefined && !setting.optional && !own.has(key)) {
      problems.add(`${key} is missing (${setting.about}); run \`${setCommand(key, setting.kind)}\``);
    }
    values[key] = guarded(setting.kind, value);
  }
  return values;
}

function readGiven(stack: StackName, own: OwnConfig, problems: Problems): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  const specs = outputSpecs(stack).filter(([, spec]) => !spec.informative);
  for (const [set, members] of grouped(specs)) {
    const names = members.map(([name]) => name);
    const values = members.map(([name, { kind }]) => guarded(kind, own.read(name, kind)));
    if (set === undefined) names.forEach((name, index) => (given[name] = values[index]));
    else if (isWhole(set, names, own, problems))
      given[set] = Object.fromEntries(names.map((name, index) => [name, values[index]]));
  }
  return given;
}

/** What of one upstream stack this run asks for, and what it leaves out. */
interface Asked {
  readonly on: string[];
  readonly off: string[];
  /** Whether the stack as a whole is left out, so that the program gets `undefined` for it. */
  readonly leftOut: boolean;
}

function askedOutputs(
  needs: readonly NeededOutputs[],
  settings: never,
  given: { has(output: string): boolean },
): Map<StackName, Asked> {
  const asked = new Map<StackName, Asked>();
  for (const stack of new Set(needs.map((need) => need.stack))) {
    const own = needs.filter((need) => need.stack === stack);
    const isOn = (need: NeededOutputs) => need.when?.(settings, given) ?? true;
    const on = [...new Set(own.filter(isOn).flatMap(({ outputs }) => outputs))];
    const off = own.flatMap(({ outputs }) => outputs).filter((output) => !on.includes(output));
    asked.set(stack, { on, off, leftOut: !own.some((need) => need.group ?? isOn(need)) });
  }
  return asked;
}

async function readNeed(
  stack: StackName,
  { on: outputs, off, leftOut }: Asked,
  own: OwnConfig,
  where: { stack: string | undefined; organization: string | undefined },
  reader: UpstreamReader,
  caller: Caller,
  problems: Problems,
): Promise<Record<string, unknown> | undefined> {
  const specs = outputs.flatMap((name): [string, OutputSpec][] => {
    const spec = outputSpec(stack, name);
    return spec ? [[name, spec]] : [];
  });
  for (const name of [...outputs, ...off, stackKey(stack)]) own.know(name);
  for (const name of off.filter((output) => own.has(output))) {
    const what = leftOut ? contract[stack].folder : `${name} of ${contract[stack].folder}`;
    problems.add(
      `${name} is set, but this stack's settings leave ${what} out; run \`pulumi config rm ${name}\` or switch it on`,
    );
  }
  if (leftOut) return undefined;
  for (const [set, members] of grouped(specs)) {
    if (set !== undefined)
      isWhole(
        set,
        members.map(([name]) => name),
        own,
        problems,
      );
  }
  const values = Object.fromEntries(specs.map(([name, { kind }]) => [name, guarded(kind, own.read(name, kind))]));
  const missing = specs.filter(([name]) => !own.has(name));
  if (missing.length > 0) {
    const full = upstreamName(stack, own, where.stack, where.organization);
    Object.assign(values, await readOutputs(stack, await reader.read(full), missing, caller, problems));
  }
  return values;
}

/** Takes the missing inputs from the upstream stack; what isn't there is told with every way to mend it. */
async function readOutputs(
  stack: StackName,
  upstream: Upstream,
  missing: [string, OutputSpec][],
  caller: Caller,
  problems: Problems,
): Promise<Record<string, unknown>> {
  const { folder } = contract[stack];
  const full = upstream.stack;
  const absent = missing.filter(([name]) => !upstream.found || !upstream.names.has(name));
  if (absent.length > 0) {
    const why = upstream.found
      ? `stack ${full} has no such output`
      : `stack ${full} can't be read (${upstream.reason})`;
    const commands = absent.map(([name, { kind }]) => `  ${setCommand(name, kind)}`).join("\n");
    problems.add(
      `${absent.map(([name]) => name).join(", ")}: not set here, and ${why}.\n` +
        `Run \`pulumi up\` in ${folder}, or name its stack with \`pulumi config set ${stackKey(stack)} organization/project/stack\`, or set by hand:\n${commands}`,
    );
  }
  const values: Record<string, unknown> = {};
  if (!upstream.found) return values;
  for (const [name, { kind }] of missing) {
    if (!upstream.names.has(name)) continue;
    // The contract, not the producer, says what is secret: an id that somebody exported as a secret is still an id.
    const details = await upstream.reference.getOutputDetails(name);
    const value: unknown = details.value ?? details.secretValue;
    const wrong = refusal(kind, value, caller);
    if (wrong === undefined) values[name] = guarded(kind, value);
    else
      problems.add(
        `${name} of stack ${full} ${wrong}; run \`pulumi up\` in ${folder}, or \`${setCommand(name, kind)}\` here`,
      );
  }
  return values;
}

/** Whether all members of a set are given; a set given in part is a problem. */
function isWhole(set: string, names: readonly string[], own: OwnConfig, problems: Problems): boolean {
  const present = names.filter((name) => own.has(name));
  const absent = names.filter((name) => !own.has(name));
  if (present.length > 0 && absent.length > 0) {
    problems.add(
      `the ${set} is half given: ${present.join(", ")} set, ${absent.join(", ")} not; set all of them, or run ` +
        present.map((name) => `\`pulumi config rm ${name}\``).join(" and "),
    );
  }
  return absent.length === 0;
}

function grouped(specs: [string, OutputSpec][]): Map<string | undefined, [string, OutputSpec][]> {
  const groups = new Map<string | undefined, [string, OutputSpec][]>();
  for (const entry of specs) groups.set(entry[1].set, [...(groups.get(entry[1].set) ?? []), entry]);
  return groups;
}

function guarded(kind: Kind<unknown>, value: unknown): unknown {
  return kind.secret && value !== undefined ? pulumi.secret(value) : value;
}
