import * as pulumi from "@pulumi/pulumi";

/**
 * What this stack published when it was brought up the last time; nothing when it is new or was destroyed. With it a
 * program can refuse a change that a living installation would not survive.
 */
export async function previousOutputs(): Promise<Readonly<Record<string, unknown>>> {
  const own = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  // The legacy layout of DIY backends knows the bare name only.
  return (await outputsOf(own)) ?? (await outputsOf(pulumi.getStack())) ?? {};
}

async function outputsOf(name: string): Promise<Record<string, unknown> | undefined> {
  try {
    const answer = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
      outputs?: Record<string, unknown>;
    };
    return answer.outputs ?? {};
  } catch {
    return undefined;
  }
}
