import { execFile } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { specs } from "@selfhosted/cli/specs";
import { contract, neededOutputs, outputSpec, outputSpecs, type StackName } from "@selfhosted/common";
import { afterUpstream, bringUpAll, destroyAll } from "./support/chain";
import { everything } from "../stacks/04-cluster-services/everything";
import { kubectl } from "./support/kubectl";
import { folderOf, inOrder, Sandbox, type ConfigValue, type StateResource } from "./support/sandbox";

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
  for (const stack of theirs) {
    pasted.set(stack, await sandbox().outputs(stack, { showSecrets: true }));
    seen.set(stack, graph(await sandbox().resources(stack), sandbox().stack));
  }
  pasted.set("clusterServices", { loadBalancerControllerVersion: "2.13.4", storageClassName: "their-gp3" });
});

/** Each is skipped with neighbours that aren't; one by one, under mocks: tests/stacks/skipped.test.ts. */
const groups: readonly (readonly StackName[])[] = [
  ["iam", "cluster", "database", "esc"],
  ["networking", "clusterServices", "insights"],
];

describe.each(groups.map((group) => [group.map((stack) => contract[stack].folder).join(", "), group] as const))(
  "with %s skipped",
  (_folders, skipped) => {
    it("every other stack comes up from pasted ids with the same resources, and the skipped ones are never initialised", async () => {
      const mine = sandbox().as(`without-${contract[skipped[0] ?? "iam"].folder.slice(0, 2)}`);
      const others = inOrder.filter((stack) => !skipped.includes(stack));
      await afterUpstream(others, async (stack) => {
        const natGateways = stack === "networking" ? small.networking : {};
        await mine.init(stack, { ...natGateways, ...domainOf(stack, mine.stack), ...plainInputs(stack, skipped) });
        for (const [key, value] of secretInputs(stack, skipped)) await mine.configureSecret(stack, key, value);
        if (stack === "service" && skipped.includes("clusterServices")) await installTheirController(mine);
        await mine.up(stack);
        const resources = await mine.resources(stack);
        const made = graph(resources, mine.stack);
        seen.set(stack, seen.get(stack) ?? made);
        expect({ stack, made }).toEqual({ stack, made: seen.get(stack) });
        const references = resources.filter(({ type }) => type === "pulumi:pulumi:StackReference").map(({ id }) => id);
        for (const other of skipped) expect(references.join()).not.toContain(contract[other].project);
      });
      for (const other of skipped) {
        const stacks = JSON.parse(await mine.run(other, ["stack", "ls", "--json"])) as { name: string }[];
        expect(stacks.map(({ name }) => name)).not.toContain(mine.stack);
      }
      // A controller goes after what it looks after: it alone takes its finalizers off.
      await destroyAll(mine, ["service", "dns"]);
      if (skipped.includes("clusterServices")) await mine.as(CONTROLLER).destroy("clusterServices");
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
  await theirs.init("clusterServices", {
    upstreamStack: mine.stack,
    // 01's roles have rights on what is named after our installation.
    installation: mine.stack,
    networkingStack: `organization/${contract.networking.project}/${sandbox().stack}`,
  });
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

// One story in order: each test goes on where the one before it ended.
describe("a cluster that was bare so far", () => {
  let before: string[] = [];
  const files = () => join(sandbox().home, "manifests");

  it("takes 04-cluster-services with everything on: real Kubernetes accepts it all, nothing changes by itself", async () => {
    before = idsOf(sandbox());
    const config = Object.entries(everything).filter(([key]) => !secrets.some((secret) => secret === key));
    await sandbox().init("clusterServices", {
      ...(Object.fromEntries(config) as Record<string, ConfigValue>),
      autoscaling: "karpenter",
      nodePools: ["stateful", "stateless", "gpu"],
      gitopsDirectory: relative(folderOf("clusterServices").path, files()),
    });
    for (const key of secrets) await sandbox().configureSecret("clusterServices", key, everything[key]);
    await sandbox().up("clusterServices");
    await sandbox().up("clusterServices", "--expect-no-changes");
    await sandbox().run("clusterServices", ["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("hands it over to GitOps only after a handover that came to its end", async () => {
    const faults = join(sandbox().home, "faults.json");
    const type = "aws:cloudwatch/logGroup:LogGroup";
    writeFileSync(faults, JSON.stringify([{ type, operation: "update", error: "AccessDenied" }]));
    sandbox().configure("clusterServices", { deliver: "handover", podLogRetentionDays: 14 });
    expect(await sandbox().upFails("clusterServices")).toContain("AccessDenied");
    rmSync(faults);
    expect((await sandbox().outputs("clusterServices"))["delivery"]).toBe("apply");
    sandbox().configure("clusterServices", { deliver: "gitops" });
    expect(await sandbox().upFails("clusterServices")).toContain(
      "run `pulumi config set deliver handover && pulumi up` first",
    );
  });

  it("goes to GitOps and back by the commands of docs/gitops.md, and every object outlives both", async () => {
    const identities = await uids();
    expect(identities.length).toBeGreaterThan(30);
    for (const deliver of ["handover", "gitops"]) {
      sandbox().configure("clusterServices", { deliver });
      await sandbox().up("clusterServices");
    }
    expect(await uids()).toEqual(identities);
    const written = readdirSync(files(), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".yaml"),
    );
    expect(written.length).toBeGreaterThan(10);

    await importReleases();
    for (const deliver of ["handover", "apply"]) {
      sandbox().configure("clusterServices", { deliver });
      await sandbox().up("clusterServices");
    }
    expect(await uids()).toEqual(identities);
    expect(
      readdirSync(files(), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".yaml")),
    ).toEqual([]);
    await sandbox().up("clusterServices", "--expect-no-changes");
  });

  it("is left as it was", async () => {
    await sandbox().destroy("clusterServices");
    expect(idsOf(sandbox())).toEqual(before);
  });
});

/** Kubernetes' own identity of what charts install: another one would be another object, and other pods. */
async function uids(): Promise<string[]> {
  const kinds = "deployments,daemonsets,statefulsets,serviceaccounts,ec2nodeclasses,nodepools,clustersecretstores";
  const path = "{range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.uid}{'\\n'}{end}";
  const printed = await kubectl(sandbox(), "get", kinds, "--all-namespaces", "--output", `jsonpath=${path}`);
  return printed.trim().split("\n").sort();
}

/** Has Pulumi take Helm's releases over again, by the commands that docs/gitops.md has for it. */
async function importReleases(): Promise<void> {
  const text = readFileSync(join(__dirname, "..", "..", "docs", "gitops.md"), "utf8");
  const commands = /^pulumi stack export \| node -e '([^']+)' > releases\.json\npulumi (import .+)$/m.exec(text);
  const [, script = "", words = ""] = commands ?? [];
  const node = promisify(execFile)(process.execPath, ["-e", script]);
  node.child.stdin?.end(await sandbox().run("clusterServices", ["stack", "export"]));
  const file = join(sandbox().home, "releases.json");
  writeFileSync(file, (await node).stdout);
  await sandbox().run("clusterServices", [...words.replace("releases.json", file).split(" "), "--yes"]);
}

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

/** What a stack reads of those that are skipped: name, value, and whether it is secret. */
function inputsFrom(stack: StackName, skipped: readonly StackName[]): [string, unknown, boolean][] {
  return skipped.flatMap((other) => {
    const needs = neededOutputs(specs[stack]).filter((need) => need.stack === other);
    const theirs = pasted.get(other) ?? {};
    return [...new Set(needs.flatMap(({ outputs }) => outputs))]
      .filter((name) => theirs[name] !== undefined)
      .map((name): [string, unknown, boolean] => [name, theirs[name], outputSpec(other, name)?.kind.secret ?? false]);
  });
}

function plainInputs(stack: StackName, skipped: readonly StackName[]): Record<string, ConfigValue> {
  const plain = inputsFrom(stack, skipped).filter(([, , secret]) => !secret);
  return Object.fromEntries(plain) as Record<string, ConfigValue>;
}

function secretInputs(stack: StackName, skipped: readonly StackName[]): [string, string][] {
  const secret = inputsFrom(stack, skipped).filter(([, , isSecret]) => isSecret);
  return secret.map(([name, value]) => [name, String(value)]);
}
