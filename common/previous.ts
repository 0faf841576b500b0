import * as pulumi from "@pulumi/pulumi";

/**
 * What this stack published when it was brought up the last time; nothing when it is new or was destroyed. With it a
 * program can refuse a change that a living installation would not survive.
 */
export function previousOutputs(): Promise<Readonly<Record<string, unknown>>> {
  return askOf((name) => ["pulumi:pulumi:readStackOutputs", { name }]);
}

/**
 * This stack's resources with their outputs, by URN, as its state has them: also what a run made that then failed, after
 * which the published outputs are still those of the run before.
 */
export function previousResources(): Promise<Readonly<Record<string, unknown>>> {
  return askOf((stackName) => ["pulumi:pulumi:readStackResourceOutputs", { stackName }]);
}

/** Asks the engine for something of this stack's; nothing when the stack is new. */
async function askOf(question: (name: string) => [token: string, args: pulumi.Inputs]) {
  const own = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  // The legacy layout of DIY backends knows the bare name only.
  for (const name of [own, pulumi.getStack()]) {
    try {
      const answer = (await pulumi.runtime.invoke(...question(name))) as { outputs?: Record<string, unknown> };
      return answer.outputs ?? {};
    } catch {
      // No such stack, under this name.
    }
  }
  return {};
}
