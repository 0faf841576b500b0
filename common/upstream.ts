import * as pulumi from "@pulumi/pulumi";
import { contract, type StackName } from "./contract";
import type { OwnConfig } from "./ownConfig";
import * as kinds from "./kinds";
import { reasonOf, shellQuoted, type Problems } from "./problems";

/** What an upstream stack's outputs turned out to be. */
export type Upstream =
  | {
      readonly found: true;
      readonly stack: string;
      readonly names: ReadonlySet<string>;
      readonly reference: pulumi.StackReference;
    }
  | { readonly found: false; readonly stack: string; readonly reason: string };

/**
 * Full name of the stack that publishes `upstream`'s outputs: `<upstream>Stack` when set (any form the backend takes),
 * else `<organization>/<project>/<stack>` of this stack's own organization and name unless `upstreamOrganization` or
 * `upstreamStack` say otherwise. The legacy layout of DIY backends has neither organizations nor projects, so there the
 * full name is the only way. Source: https://www.pulumi.com/docs/iac/concepts/stacks/#stackreferences
 */
export function upstreamName(upstream: StackName, own: OwnConfig, stack?: string, organization?: string): string {
  const full = own.read(stackKey(upstream), fullStackName);
  if (typeof full === "string") return full;
  return [organization ?? pulumi.getOrganization(), contract[upstream].project, stack ?? pulumi.getStack()].join("/");
}

/** A stack's name in any form that the backend takes. */
export const fullStackName = kinds.string("organization/project/stack", 300);

/** Configuration key that holds the full name of an upstream stack: `networkingStack`. */
export function stackKey(upstream: StackName): string {
  return `${upstream}Stack`;
}

/** Reads upstream stacks for one run; two inputs from one stack share one StackReference, as the engine demands. */
export class UpstreamReader {
  private readonly seen = new Map<string, Promise<Upstream>>();

  /**
   * Looks at an upstream stack. A stack that doesn't exist or can't be read is an answer here, not the end of the run:
   * a StackReference to it would stop the engine at once, before the other problems could be told. So the engine is
   * asked for the outputs' names first (its own function behind StackReference), and the reference is made only then.
   */
  read(stack: string): Promise<Upstream> {
    const upstream = this.seen.get(stack) ?? look(stack);
    this.seen.set(stack, upstream);
    return upstream;
  }
}

async function look(stack: string): Promise<Upstream> {
  let answer: { outputs?: Record<string, unknown> };
  try {
    answer = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name: stack })) as typeof answer;
  } catch (error) {
    const reason = reasonOf(error);
    return { found: false, stack, reason: reason.startsWith("unknown stack") ? "it does not exist" : reason };
  }
  const names = new Set(Object.keys(answer.outputs ?? {}));
  return { found: true, stack, names, reference: new pulumi.StackReference(stack) };
}

/** Keys of which all names are made, and the outputs of 01-iam that say what they were there. */
const namingKeys = { baseName: "baseName", installation: "installation", region: "aws:region" } as const;

/** What one stack's names are made of. */
export type Naming = Readonly<Record<keyof typeof namingKeys, string>>;

/**
 * Refuses roles that were made for other names: 01-iam grants rights on buckets, keys, secrets and queues by their
 * names, so the service would come up and then be denied its own buckets.
 */
export async function checkNaming(iam: Upstream, here: Naming, problems: Problems): Promise<void> {
  if (!iam.found) return;
  for (const [output, key] of Object.entries(namingKeys) as [keyof Naming, string][]) {
    if (!iam.names.has(output)) continue;
    const there: unknown = (await iam.reference.getOutputDetails(output)).value;
    if (typeof there !== "string" || there === here[output]) continue;
    problems.add(
      `${key} is ${here[output]} here and ${there} in stack ${iam.stack}, whose roles have rights on what is named after that; ` +
        `run \`pulumi config set ${key} ${shellQuoted(there)}\`, or name this installation's own roles with \`pulumi config set ${stackKey("iam")} organization/project/stack\``,
    );
  }
}
