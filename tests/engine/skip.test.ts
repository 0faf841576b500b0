import { beforeAll, describe, expect, it } from "@jest/globals";
import { specs } from "@selfhosted/cli/specs";
import { contract, neededOutputs, outputSpec, outputSpecs, type StackName } from "@selfhosted/common";
import { afterUpstream, bringUpAll, destroyAll } from "./support/chain";
import { everything } from "../stacks/04-cluster-services/everything";
import { inOrder, Sandbox, type ConfigValue, type StateResource } from "./support/sandbox";

/** The stacks that may be skipped. */
const skippable = inOrder.slice(0, 7);

const sandbox = Sandbox.forThisFile("theirs");

/** What the other team's stacks publish, secrets too: what a person would paste. */
const pasted = new Map<StackName, Record<string, unknown>>();
/** Type and name of each stack's resources, as the first story saw them; with another stack skipped they are the same. */
const seen = new Map<StackName, string[]>();

/** An account has five Elastic IPs, and two installations live in it here. Source: EC2's default quotas. */
const small = {
  networking: { natGateways: "Single" },
  // Nodes that take a pod of every service.
  cluster: { generalInstanceTypes: ["m6a.xlarge"], serviceInstanceTypes: ["m6a.xlarge"] },
};

beforeAll(async () => {
  // A bare cluster: one cluster holds one load balancer controller and one service, and those are ours.
  const theirs = skippable.filter((stack) => stack !== "clusterServices");
  await bringUpAll(sandbox(), { stacks: theirs, configs: small });
  for (const stack of theirs) pasted.set(stack, await sandbox().outputs(stack, { showSecrets: true }));
  pasted.set("clusterServices", { loadBalancerControllerVersion: "2.13.4", storageClassName: "their-gp3" });
});

describe.each(skippable.map((stack) => [contract[stack].folder, stack] as const))(
  "with %s skipped",
  (_folder, skipped) => {
    it("every other stack comes up from pasted ids with the same resources, and the skipped one is never initialised", async () => {
      const mine = sandbox().as(`no-${contract[skipped].folder.slice(0, 2)}`);
      const others = inOrder.filter((stack) => stack !== skipped);
      await afterUpstream(others, async (stack) => {
        const natGateways = stack === "networking" ? small.networking : {};
        await mine.init(stack, { ...natGateways, ...domainOf(stack, mine.stack), ...plainInputs(stack, skipped) });
        for (const [key, value] of secretInputs(stack, skipped)) await mine.configureSecret(stack, key, value);
        if (stack === "service" && skipped === "clusterServices") await installTheirController(mine);
        await mine.up(stack);
        const resources = await mine.resources(stack);
        const made = graph(resources, mine.stack);
        seen.set(stack, seen.get(stack) ?? made);
        expect({ stack, made }).toEqual({ stack, made: seen.get(stack) });
        const references = resources.filter(({ type }) => type === "pulumi:pulumi:StackReference").map(({ id }) => id);
        expect(references.join()).not.toContain(contract[skipped].project);
      });
      const stacks = JSON.parse(await mine.run(skipped, ["stack", "ls", "--json"])) as { name: string }[];
      expect(stacks.map(({ name }) => name)).not.toContain(mine.stack);
      // A controller goes after what it looks after: it alone takes its finalizers off.
      await destroyAll(mine, ["service", "dns"]);
      if (skipped === "clusterServices") await mine.as(CONTROLLER).destroy("clusterServices");
      await destroyAll(
        mine,
        others.filter((stack) => stack !== "service" && stack !== "dns"),
      );
    });
  },
);

/** Name of the other team's stack that puts a controller into our cluster. */
const CONTROLLER = "their-controller";

/** Another team looks after what runs in the cluster: here by the same program, in a stack that ours don't know. */
async function installTheirController(mine: Sandbox): Promise<void> {
  const theirs = mine.as(CONTROLLER);
  await theirs.init("clusterServices", { upstreamStack: mine.stack });
  await theirs.up("clusterServices");
}

describe("ids given in the folder itself", () => {
  it.each(skippable)("%s adopts them, makes nothing and publishes them", async (stack) => {
    const mine = sandbox().as("adopting");
    const given = pasted.get(stack) ?? {};
    // A part that is off has no id to give.
    const specsOf = outputSpecs(stack).filter(
      ([name, spec]) => !spec.informative && spec.default === undefined && given[name] !== undefined,
    );
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

describe("a cluster that was bare so far", () => {
  it("takes 04-cluster-services with everything on: real Kubernetes accepts it all, nothing changes by itself, nothing is left", async () => {
    const before = idsOf(sandbox());
    const config = Object.entries(everything).filter(([key]) => !secrets.some((secret) => secret === key));
    await sandbox().init("clusterServices", {
      ...(Object.fromEntries(config) as Record<string, ConfigValue>),
      autoscaling: "karpenter",
      nodePools: ["stateful", "stateless", "gpu"],
    });
    for (const key of secrets) await sandbox().configureSecret("clusterServices", key, everything[key]);
    await sandbox().up("clusterServices");
    await sandbox().up("clusterServices", "--expect-no-changes");
    await sandbox().run("clusterServices", ["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
    await sandbox().destroy("clusterServices");
    expect(idsOf(sandbox())).toEqual(before);
  });
});

const secrets = ["logForwardingPassword", "gitPassword", "argoCdOidcClientSecret"] as const;

/** Everything that is in the account. */
function idsOf(one: Sandbox): string[] {
  return one
    .world()
    .map(({ type, id }) => `${type} ${id}`)
    .sort();
}

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
  const theirs = pasted.get(skipped) ?? {};
  return names.filter((name) => theirs[name] !== undefined).map((name) => [name, theirs[name]]);
}

function plainInputs(stack: StackName, skipped: StackName): Record<string, ConfigValue> {
  const plain = inputsFrom(stack, skipped).filter(([name]) => !outputSpec(skipped, name)?.kind.secret);
  return Object.fromEntries(plain) as Record<string, ConfigValue>;
}

function secretInputs(stack: StackName, skipped: StackName): [string, string][] {
  const secret = inputsFrom(stack, skipped).filter(([name]) => outputSpec(skipped, name)?.kind.secret);
  return secret.map(([name, value]) => [name, String(value)]);
}
