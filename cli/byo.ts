import { constants, copyFileSync } from "node:fs";
import path from "node:path";
import { LocalWorkspace, type ConfigMap } from "@pulumi/pulumi/automation";
import { contract, neededOutputs, outputSpec, outputSpecs, stackNames, type StackName } from "@selfhosted/common";
import { specs } from "./specs";

/** Values for one stack folder's configuration. */
export interface Assignment {
  /** Folder of the consumer, e.g. `03-cluster`. */
  readonly folder: string;
  readonly project: string;
  readonly values: ConfigMap;
}

/**
 * Finds the stack that a person means by `02-networking`, `02` or `networking`.
 * @throws Error listing the folders when there is none.
 */
export function stackOf(word: string): StackName {
  const wanted = word.replace(/\/+$/, "");
  const found = stackNames.find((name) => {
    const { folder } = contract[name];
    return [name, folder, folder.slice(0, 2)].includes(wanted);
  });
  if (found) return found;
  throw new Error(`${word} is no stack; name one of ${stackNames.map((name) => contract[name].folder).join(", ")}`);
}

/**
 * Reads `key=value` words against the contract. Lists may be written with commas or as JSON.
 * @throws Error with everything wrong: keys the stack doesn't publish, values not of their kind, sets given in part.
 */
export function parseValues(stack: StackName, words: readonly string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  const bringable = outputSpecs(stack).filter(([, spec]) => !spec.informative);
  for (const word of words) {
    const at = word.indexOf("=");
    const [key, text] = at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
    const spec = outputSpec(stack, key);
    if (!spec || spec.informative) {
      const known = bringable.map(([name]) => name).join(", ");
      problems.push(`${key} is no output of ${contract[stack].folder}; it has ${known}`);
      continue;
    }
    const value = spec.kind.written === "json" ? parseJson(text) : text;
    const parsed = spec.kind.schema.safeParse(value);
    if (parsed.success) values[key] = value;
    else problems.push(`${key} ${parsed.error.issues[0]?.message ?? `must be ${spec.kind.form}`}`);
  }
  for (const set of new Set(bringable.flatMap(([, spec]) => spec.set ?? []))) {
    const members = bringable.filter(([, spec]) => spec.set === set).map(([name]) => name);
    const absent = members.filter((name) => !words.some((word) => word.split("=")[0] === name));
    if (absent.length > 0 && absent.length < members.length) {
      problems.push(`the ${set} is half given: add ${absent.map((name) => `${name}=…`).join(" ")}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.map((problem) => `- ${problem}`).join("\n"));
  return values;
}

/** Which consumer reads which of the values. Each gets only the keys that it reads; more would be refused there. */
export function assignments(stack: StackName, values: Readonly<Record<string, unknown>>): Assignment[] {
  return stackNames.flatMap((consumer) => {
    const needs = neededOutputs(specs[consumer]).filter((need) => need.stack === stack);
    const keys = [...new Set(needs.flatMap((need) => need.outputs))].filter((key) => key in values);
    if (keys.length === 0) return [];
    const { folder, project } = contract[consumer];
    const entries = keys.map((key) => {
      const value = values[key];
      const secret = outputSpec(stack, key)?.kind.secret ?? false;
      return [`${project}:${key}`, { value: typeof value === "string" ? value : JSON.stringify(value), secret }];
    });
    return [{ folder, project, values: Object.fromEntries(entries) as ConfigMap }];
  });
}

/**
 * Writes brought ids into every consumer's stack configuration, as `pulumi config set` in each folder would; a stack
 * that isn't there yet is made.
 */
export async function writeAssignment(root: string, stackName: string, { folder, values }: Assignment): Promise<void> {
  const workDir = path.join(root, folder);
  startFile(workDir, stackName);
  const stack = await LocalWorkspace.createOrSelectStack({ stackName, workDir });
  await stack.setAllConfig(values);
}

/**
 * Begins a stack's file, where there is none, as a person would: as a copy of the folder's EXAMPLE. Whoever copied it
 * later would lose the values and, of a passphrase, the salt.
 */
export function startFile(folder: string, stackName: string): void {
  const file = path.join(folder, `Pulumi.${stackName.split("/").at(-1) ?? stackName}.yaml`);
  try {
    copyFileSync(path.join(folder, "Pulumi.EXAMPLE.yaml"), file, constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text.includes(",") ? text.split(",").map((item) => item.trim()) : text;
  }
}
