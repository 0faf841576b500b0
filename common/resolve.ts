import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { adoptable, contract, outputSpec, type OutputSpec, type StackName } from "./contract";
import { parseArn, type Kind } from "./kinds";
import { namesOf, tagsOf } from "./names";
import { OwnConfig, refusal, setCommand, type Caller } from "./ownConfig";
import { Problems, reasonOf } from "./problems";
import { commonSettings, upstreamSettings, type Profile, type Settings } from "./settings";
import { neededOutputs, type ConfigSpec, type GivenValues, type NeededOutputs } from "./spec";
import type { SettingValues, StackConfig, UpstreamValues } from "./spec";
import { UpstreamReader, checkNaming, stackKey, upstreamName, type Naming, type Upstream } from "./upstream";

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

  const common = readSettings({ ...commonSettings, ...upstreamSettings }, "standard", own, problems);
  const profile = common["profile"] as Profile;
  const settings = readSettings(spec.settings, profile, own, problems) as SettingValues<K>;
  const given = spec.adopts ? readGiven(spec.stack, own, problems) : {};
  const upstream: Record<string, Record<string, unknown> | undefined> = {};
  const reader = new UpstreamReader();
  const baseName = common["baseName"] as string;
  const installation = (common["installation"] as string | undefined) ?? pulumi.getStack();
  const where: Where = {
    stack: common["upstreamStack"] as string | undefined,
    organization: common["upstreamOrganization"] as string | undefined,
    naming: { baseName, installation, region: caller.region },
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
    profile,
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
    problems.add(
      `AWS doesn't say whose account this is; run \`aws sts get-caller-identity\` to see why. It said: ${reasonOf(error)}`,
    );
    return { account: "", partition: "", region };
  }
  return { account: identity.accountId, partition: parseArn(identity.arn)?.partition ?? "aws", region };
}

function readSettings(
  settings: Settings,
  profile: Profile,
  own: OwnConfig,
  problems: Problems,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(settings)) {
    const fallback = profile === "small" ? (setting.small ?? setting.default) : setting.default;
    const value = own.read(key, setting.kind) ?? fallback;
    const elsewhere = setting.elsewhere === undefined ? undefined : values[setting.elsewhere];
    const isElsewhere = typeof elsewhere === "object" && elsewhere !== null && key in elsewhere;
    if (value === undefined && !setting.optional && !own.has(key) && !isElsewhere) {
      problems.add(`${key} is missing (${setting.about}); run \`${setCommand(key, setting.kind)}\``);
    }
    values[key] = guarded(setting.kind, value);
  }
  return values;
}

function readGiven(stack: StackName, own: OwnConfig, problems: Problems): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [set, members] of grouped(adoptable(stack))) {
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
  /** Those of `off` that must not be given. */
  readonly refused: string[];
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
    const leftOut = !own.some((need) => need.group ?? isOn(need));
    const exclusive = new Set(own.filter((need) => need.exclusive).flatMap(({ outputs }) => outputs));
    asked.set(stack, { on, off, refused: off.filter((output) => leftOut || exclusive.has(output)), leftOut });
  }
  return asked;
}

/** Where the upstream stacks are, and what this stack's names are made of. */
interface Where {
  readonly stack: string | undefined;
  readonly organization: string | undefined;
  readonly naming: Naming;
}

async function readNeed(
  stack: StackName,
  { on: outputs, off, refused, leftOut }: Asked,
  own: OwnConfig,
  where: Where,
  reader: UpstreamReader,
  caller: Caller,
  problems: Problems,
): Promise<Record<string, unknown> | undefined> {
  const specs = outputs.flatMap((name): [string, OutputSpec][] => {
    const spec = outputSpec(stack, name);
    return spec ? [[name, spec]] : [];
  });
  for (const name of [...outputs, ...off, stackKey(stack)]) own.know(name);
  for (const name of refused.filter((output) => own.has(output))) {
    const what = leftOut ? contract[stack].folder : `${name} of ${contract[stack].folder}`;
    problems.add(
      `${name} is set, but this stack's settings leave ${what} out; run \`pulumi config rm ${name}\` or switch it on`,
    );
  }
  if (leftOut) return undefined;
  // A part that no setting asks for today may be given all the same, as `byo` does: it is judged, and not used.
  for (const name of off) {
    const kind = outputSpec(stack, name)?.kind;
    if (kind) own.read(name, kind);
  }
  for (const [set, members] of grouped(specs)) {
    if (set !== undefined)
      isWhole(
        set,
        members.map(([name]) => name),
        own,
        problems,
      );
  }
  const values = Object.fromEntries(
    specs.map(([name, spec]) => [name, guarded(spec.kind, own.read(name, spec.kind) ?? spec.default)]),
  );
  const missing = specs.filter(([name]) => !own.has(name));
  // What has a default doesn't call a skipped stack back.
  if (missing.some(([, spec]) => spec.default === undefined)) {
    const full = upstreamName(stack, own, where.stack, where.organization);
    const source = await reader.read(full);
    Object.assign(values, await readOutputs(stack, source, missing, caller, problems));
    if (stack === "iam") await checkNaming(source, where.naming, problems);
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
  const absent = missing.filter(
    ([name, spec]) => spec.default === undefined && !(upstream.found && upstream.names.has(name)),
  );
  if (absent.length > 0) {
    const why = upstream.found
      ? `stack ${full} has no such output`
      : `stack ${full} can't be read (${upstream.reason})`;
    const commands = absent.map(([name, { kind }]) => `  ${setCommand(name, kind)}`).join("\n");
    const switches = upstream.found ? absent.flatMap(([, { madeWith }]) => madeWith ?? []) : [];
    const switched = [...new Set(switches)].map((key) => `\`pulumi config set ${key} true\` and `).join("");
    problems.add(
      `${absent.map(([name]) => name).join(", ")}: not set here, and ${why}.\n` +
        `Run ${switched}\`pulumi up\` in ${folder}, or name its stack with \`pulumi config set ${stackKey(stack)} organization/project/stack\`, or set by hand:\n${commands}`,
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
