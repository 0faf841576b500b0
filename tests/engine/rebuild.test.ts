import { beforeAll, describe, expect, it } from "@jest/globals";
import { specs } from "@selfhosted/cli/specs";
import { contract, neededOutputs, type StackName } from "@selfhosted/common";
import { bringUpAll } from "./support/chain";
import { inOrder, Sandbox } from "./support/sandbox";

const sandbox = Sandbox.forThisFile();

beforeAll(async () => {
  await bringUpAll(sandbox());
});

/** The stacks that read a stack, and those that read them, in the order of deployment. */
function downstream(of: StackName): StackName[] {
  const affected = new Set([of]);
  for (const stack of inOrder) {
    if (neededOutputs(specs[stack]).some((need) => affected.has(need.stack))) affected.add(stack);
  }
  return inOrder.filter((stack) => affected.has(stack) && stack !== of);
}

/** Every object that 05-database manages, by id: what must be the same before and after. */
async function dataIds(): Promise<string[]> {
  const resources = await sandbox().resources("database");
  return resources.map(({ urn, id }) => `${urn} ${id ?? ""}`).sort();
}

// From the last stack to the first, so that each story starts from a whole installation.
const rebuilt: readonly StackName[] = ["dns", "service", "insights", "clusterServices", "cluster"];

describe.each(rebuilt.map((stack) => [contract[stack].folder, stack] as const))("%s", (_folder, stack) => {
  it("is destroyed and brought up again while everything else is alive; its consumers follow, the data never notices", async () => {
    const before = await dataIds();
    await sandbox().destroy(stack);
    await sandbox().up(stack);
    for (const consumer of downstream(stack)) await sandbox().up(consumer);
    await sandbox().up("database", "--expect-no-changes");
    expect(await dataIds()).toEqual(before);
    // The consumers' state agrees with what is really there, in the cluster too.
    for (const consumer of [stack, ...downstream(stack)]) {
      await sandbox().run(consumer, ["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
    }
  });
});

describe.each(["05-database", "07-esc"] as const)("%s", (folder) => {
  const stack = folder === "05-database" ? "database" : "esc";

  it("refuses to be destroyed, and says how to lift that", async () => {
    const before = sandbox().world().length;
    const said = await sandbox().fails(stack, ["destroy", "--yes", "--skip-preview"]);
    expect(said).toMatch(/cannot be deleted[\s\S]*protect/);
    expect(said).toMatch(/remove the `protect` flag|pulumi state unprotect/);
    expect(sandbox().world()).toHaveLength(before);
  });
});

describe("07-esc", () => {
  it("once lifted is destroyed and brought up again, and 08 follows", async () => {
    sandbox().configure("esc", { protect: false });
    await sandbox().up("esc");
    await sandbox().destroy("esc");
    sandbox().configure("esc", { protect: undefined });
    await sandbox().up("esc");
    await sandbox().up("service");
  });
});

// The last story: it leaves the first cluster behind.
describe("06-insights", () => {
  it("moves from AWS into the cluster by its mode, under Pod Security, with its volumes and certificates; 08 follows; and back", async () => {
    sandbox().configure("insights", { mode: "cluster" });
    await sandbox().up("insights");
    const { searchEndpoint } = await sandbox().outputs("insights");
    expect(searchEndpoint).toBe("https://opensearch.pulumi-search.svc.cluster.local:9200");
    expect(
      sandbox()
        .world()
        .filter(({ type }) => type.startsWith("aws:opensearch/")),
    ).toEqual([]);
    await sandbox().up("insights", "--expect-no-changes");
    await sandbox().run("insights", ["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
    await sandbox().up("service");

    sandbox().configure("insights", { mode: undefined });
    await sandbox().up("insights");
    await sandbox().up("service");
  });
});

describe("a second cluster beside the first (docs/blue-green.md)", () => {
  const position = (said: string, step: RegExp) => {
    const found = said.search(step);
    expect([step.source, found >= 0]).toEqual([step.source, true]);
    return found;
  };
  const passwords = async () => {
    const resources = await sandbox().resources("service", { showSecrets: true });
    const made = resources.filter(({ type }) => type === "random:index/randomPassword:RandomPassword");
    return Object.fromEntries(made.map(({ urn, outputs }) => [urn, outputs?.["result"]]));
  };

  it("has the service's pods before the first one loses them, under the same names and logins; then the first can go", async () => {
    const blue = sandbox();
    const green = blue.as("green");
    const beside = { installation: blue.stack, upstreamStack: blue.stack };
    await green.init("cluster", { ...beside, color: "green" });
    await green.up("cluster");
    await green.init("clusterServices", {
      ...beside,
      clusterStack: `organization/selfhosted-03-cluster/${green.stack}`,
    });
    await green.up("clusterServices");
    blue.configure("service", { blueGreen: true });
    await blue.up("service");
    const [before, outputs] = [await passwords(), await blue.outputs("service")];

    blue.configure("service", {
      clusterStack: `organization/selfhosted-03-cluster/${green.stack}`,
      clusterServicesStack: `organization/selfhosted-04-cluster-services/${green.stack}`,
    });
    const said = await blue.up("service");
    for (const server of ["pulumi-api", "pulumi-console"]) {
      const there = position(said, new RegExp(`:Deployment ${server} created replacement`));
      expect(position(said, new RegExp(`:Deployment ${server} deleting original`))).toBeGreaterThan(there);
      expect(position(said, new RegExp(`:TargetGroupBinding ${server} deleting original`))).toBeGreaterThan(there);
    }
    expect(Object.keys(before)).not.toEqual([]);
    expect(await passwords()).toEqual(before);
    expect(await blue.outputs("service")).toEqual(outputs);

    blue.configure("service", { blueGreen: undefined });
    await blue.up("service");
    await blue.destroy("clusterServices");
    await blue.destroy("cluster");
    for (const stack of ["service", "database", "dns"] as const) await blue.up(stack, "--expect-no-changes");
    await blue.run("service", ["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
  });
});
