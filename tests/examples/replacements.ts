/**
 * Which resources a changed key would replace: the program is run with and without the change, and the inputs that differ
 * are held against the sandbox's records, which know from the SDK's typings what AWS can't change in place. Proof limit:
 * one other value of each key, each key by itself, and one cause at a time: what is replaced replaces more.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Kind, Setting } from "@selfhosted/common";
import { Accounts } from "../../sandbox/aws/accounts";
import { AwsProvider } from "../../sandbox/aws/provider";
import { invokes, table } from "../../sandbox/aws/table";
import { Faults } from "../../sandbox/faults";
import type { Properties } from "../../sandbox/provider/types";
import { Typings } from "../../sandbox/provider/typings";
import { World } from "../../sandbox/world";
import type { Registered, Run } from "../support/mocks";

const provider = new AwsProvider({
  version: "test",
  accounts: new Accounts(new World()),
  table,
  invokes,
  typings: new Typings("aws", join(tmpdir(), "selfhosted-sandbox-typings")),
  faults: new Faults(join(tmpdir(), "no-faults-here")),
});

/** Inputs of the VPC's component that its subnets, or the VPC itself, can't change in place. */
const VPC_INPUTS = ["availabilityZoneNames", "cidrBlock", "subnetSpecs"];

const VERSIONS = new Set([
  "aws:secretsmanager/secretVersion:SecretVersion",
  "aws:ecs/taskDefinition:TaskDefinition",
  "aws:lambda/invocation:Invocation",
]);

/** `type::name` of what a change from one run to another would replace, with the inputs that force it. */
export async function replacedBetween(before: Run, after: Run): Promise<string[]> {
  const replaced: string[] = [];
  for (const resource of before.resources) {
    const { type, name } = resource;
    const twin = after.resources.find((one) => one.type === type && one.name === name);
    if (!twin || isDeepStrictEqual(resource.inputs, twin.inputs)) continue;
    const forcing = await forcingInputs(resource, twin);
    if (forcing.length > 0) replaced.push(`${type}::${name} (${forcing.join(", ")})`);
  }
  return replaced;
}

async function forcingInputs(before: Registered, after: Registered): Promise<string[]> {
  const { type, name } = before;
  if (type === "awsx:ec2:Vpc") return VPC_INPUTS.filter((key) => masks(before, key) !== masks(after, key));
  // Another version of a secret, of a task or of a run is what these are for.
  if (!table.has(type) || VERSIONS.has(type)) return [];
  const identity = { urn: `urn:pulumi:test::test::${type}::${name}`, type, name };
  const existing = { id: "id", properties: {}, inputs: before.inputs as Properties };
  const { replaces } = await provider.diff(identity, "id", existing, after.inputs as Properties);
  return replaces.filter((key) => !after.ignoreChanges.includes(key));
}

/** An input without the tags in it, which change in place. */
function masks({ inputs }: Registered, key: string): string {
  const text: unknown = JSON.stringify(inputs[key], (name, value: unknown) => (name === "tags" ? undefined : value));
  return typeof text === "string" ? text : "";
}

/** Another value of a setting than the one it has; undefined when none is known. */
export function otherValue({ kind, default: value }: Setting, shown: unknown): unknown {
  const words = (kind.schema as { options?: readonly unknown[] }).options ?? [];
  const number = typeof value === "number" ? [value + 1, value - 1] : [];
  const candidates = [...(typeof value === "boolean" ? [!value] : []), shown, ...words, ...number];
  return candidates.find((one) => one !== undefined && !isDeepStrictEqual(one, value) && fits(kind, one));
}

function fits(kind: Kind<unknown>, value: unknown): boolean {
  return kind.schema.safeParse(value).success;
}

/** The comment above a key of an EXAMPLE file, without the other keys that it also stands above. */
export function commentOf(text: string, project: string, key: string): string {
  const lines = text.split("\n");
  const isKey = (line: string) => line.replace(/^ *#? */, "").startsWith(`${project}:`);
  const end = lines.findIndex((line) => line.replace(/^ *#? */, "").startsWith(`${project}:${key}:`));
  const start = lines.findLastIndex((line, index) => index < end && (isKey(line) || !/^ *#/.test(line)));
  return lines.slice(start + 1, end).join("\n");
}
