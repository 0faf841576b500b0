import { beforeAll, describe, expect, it } from "@jest/globals";
import { specs } from "@selfhosted/cli/specs";
import { contract, neededOutputs, outputSpec, outputSpecs, type StackName } from "@selfhosted/common";
import { afterUpstream, bringUpAll } from "./support/chain";
import { inOrder, Sandbox, type ConfigValue, type StateResource } from "./support/sandbox";

/** The stacks that may be skipped, by what another team made. */
const skippable = inOrder.slice(0, 7);

const sandbox = Sandbox.forThisFile("theirs");

/** What the other team's stacks publish, secrets too: what a person would paste. */
const pasted = new Map<StackName, Record<string, unknown>>();
/** Type and name of each stack's resources in the full chain. */
const complete = new Map<StackName, string[]>();

/** An account has five Elastic IPs, and two installations live in it here. Source: EC2's default quotas. */
const small = { networking: { natGateways: "Single" } };

beforeAll(async () => {
  await bringUpAll(sandbox(), { configs: small });
  for (const stack of inOrder) {
    pasted.set(stack, await sandbox().outputs(stack, { showSecrets: true }));
    complete.set(stack, graph(await sandbox().resources(stack), "theirs"));
  }
});

describe.each(skippable.map((stack) => [contract[stack].folder, stack] as const))(
  "with %s skipped",
  (_folder, skipped) => {
    it("every other stack comes up from pasted ids with the same resources, and the skipped one is never initialised", async () => {
      const mine = sandbox().as(`no-${contract[skipped].folder.slice(0, 2)}`);
      const others = inOrder.filter((stack) => stack !== skipped);
      await afterUpstream(others, async (stack) => {
        const natGateways = stack === "networking" ? small.networking : {};
        await mine.init(stack, {
          ...natGateways,
          ...domainOf(stack, mine.stack),
          ...(await plainInputs(stack, skipped)),
        });
        for (const [key, value] of secretInputs(stack, skipped)) await mine.configureSecret(stack, key, value);
        await mine.up(stack);
        const resources = await mine.resources(stack);
        expect({ stack, graph: graph(resources, mine.stack) }).toEqual({ stack, graph: complete.get(stack) });
        const references = resources.filter(({ type }) => type === "pulumi:pulumi:StackReference").map(({ id }) => id);
        expect(references.join()).not.toContain(contract[skipped].project);
      });
      const stacks = JSON.parse(await sandbox().run(skipped, ["stack", "ls", "--json"])) as { name: string }[];
      expect(stacks.map(({ name }) => name)).toEqual(["theirs"]);
      for (const stack of others.reverse()) {
        if (stack === "database" || stack === "esc") {
          mine.configure(stack, { protect: false });
          await mine.up(stack);
        }
        await mine.destroy(stack);
      }
    });
  },
);

describe("ids given in the folder itself", () => {
  it.each(skippable)("%s adopts them, makes nothing and publishes them", async (stack) => {
    const mine = sandbox().as("adopting");
    const specsOf = outputSpecs(stack).filter(([, spec]) => !spec.informative);
    const given = pasted.get(stack) ?? {};
    const plain = specsOf.filter(([, { kind }]) => !kind.secret).map(([name]) => [name, given[name] as ConfigValue]);
    // EKS's add-ons have no output to bring: a team that runs its own controller switches ours off.
    const off: Record<string, ConfigValue> = stack === "clusterServices" ? { addons: [], autoscaling: "none" } : {};
    await mine.init(stack, { ...(Object.fromEntries(plain) as Record<string, ConfigValue>), ...off });
    for (const [name, { kind }] of specsOf)
      if (kind.secret) await mine.configureSecret(stack, name, String(given[name]));
    await mine.up(stack);
    const published = await mine.outputs(stack, { showSecrets: true });
    for (const [name] of specsOf) expect(published[name]).toEqual(given[name]);
    expect(graph(await mine.resources(stack), mine.stack)).toEqual([]);
  });
});

/** Type and logical name of what a stack manages, without Pulumi's own bookkeeping and whose installation it is. */
function graph(resources: readonly StateResource[], installation: string): string[] {
  return resources
    .filter(({ type, external }) => !type.startsWith("pulumi:") && !external)
    .map(({ urn }) => urn.split("::").slice(2).join("::").replaceAll(`pulumi-${installation}`, "pulumi"))
    .sort();
}

/** Two installations in one account have domains of their own. */
function domainOf(stack: StackName, installation: string): Record<string, ConfigValue> {
  return stack === "service" ? { domain: `${installation}.example.com` } : {};
}

function inputsFrom(stack: StackName, skipped: StackName): [string, unknown][] {
  const needs = neededOutputs(specs[stack]).filter((need) => need.stack === skipped);
  const names = [...new Set(needs.flatMap(({ outputs }) => outputs))];
  return names.map((name) => [name, pasted.get(skipped)?.[name]]);
}

function plainInputs(stack: StackName, skipped: StackName): Promise<Record<string, ConfigValue>> {
  const plain = inputsFrom(stack, skipped).filter(([name]) => !outputSpec(skipped, name)?.kind.secret);
  return Promise.resolve(Object.fromEntries(plain) as Record<string, ConfigValue>);
}

function secretInputs(stack: StackName, skipped: StackName): [string, string][] {
  const secret = inputsFrom(stack, skipped).filter(([name]) => outputSpec(skipped, name)?.kind.secret);
  return secret.map(([name, value]) => [name, String(value)]);
}
