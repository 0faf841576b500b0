import { contract, outputSpec, type OutputSpec, type StackName } from "./contract";
import { keptSecret, refusal, setCommand, type Caller, type OwnConfig } from "./ownConfig";
import type { Problems } from "./problems";
import { grouped, isWhole } from "./sets";
import type { NeededOutputs } from "./spec";
import { UpstreamReader, checkNaming, stackKey, upstreamName, type Naming, type Upstream } from "./upstream";

/** Where the upstream stacks are, and what this stack's names are made of. */
export interface Where {
  readonly stack: string | undefined;
  readonly organization: string | undefined;
  readonly naming: Naming;
}

/** What one run reads with, and where it says what is wrong. */
export interface Reading {
  readonly own: OwnConfig;
  readonly caller: Caller;
  readonly problems: Problems;
}

/**
 * The values of everything a stack needs of the stacks before it, by stack and output: given here, or the upstream
 * stack's. A stack that the settings leave out is `undefined`; what is missing or wrong goes to `problems`.
 * @param settings The stack's own, which its needs' `when` judges by.
 */
export async function readNeeds(
  needs: readonly NeededOutputs[],
  settings: never,
  where: Where,
  reading: Reading,
): Promise<Record<string, Record<string, unknown> | undefined>> {
  const reader = new UpstreamReader();
  const asked = askedOutputs(needs, settings, { has: (output) => reading.own.has(output) });
  const read = [...asked].map(
    async ([stack, outputs]) => [stack, await readNeed(stack, outputs, where, reader, reading)] as const,
  );
  return Object.fromEntries(await Promise.all(read));
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

/** Which outputs the settings ask for, by stack; a stack is read once, whatever needs name it. */
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

async function readNeed(
  stack: StackName,
  { on: outputs, off, refused, leftOut }: Asked,
  where: Where,
  reader: UpstreamReader,
  reading: Reading,
): Promise<Record<string, unknown> | undefined> {
  const { own, problems } = reading;
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
    specs.map(([name, spec]) => [name, keptSecret(spec.kind, own.read(name, spec.kind) ?? spec.default)]),
  );
  const missing = specs.filter(([name]) => !own.has(name));
  // What has a default doesn't call a skipped stack back.
  if (missing.some(([, spec]) => spec.default === undefined)) {
    const full = upstreamName(stack, own, where.stack, where.organization);
    const source = await reader.read(full);
    Object.assign(values, await readOutputs(stack, source, missing, reading));
    if (stack === "iam") await checkNaming(source, where.naming, problems);
  }
  return values;
}

/** Takes the missing inputs from the upstream stack; what isn't there is told with every way to mend it. */
async function readOutputs(
  stack: StackName,
  upstream: Upstream,
  missing: [string, OutputSpec][],
  { caller, problems }: Reading,
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
    if (wrong === undefined) values[name] = keptSecret(kind, value);
    else
      problems.add(
        `${name} of stack ${full} ${wrong}; run \`pulumi up\` in ${folder}, or \`${setCommand(name, kind)}\` here`,
      );
  }
  return values;
}
