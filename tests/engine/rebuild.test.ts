import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { specs } from "@selfhosted/cli/specs";
import { contract, neededOutputs, type StackName } from "@selfhosted/common";
import { bringUpAll } from "./support/chain";
import { kubectl } from "./support/kubectl";
import { inOrder, Sandbox } from "./support/sandbox";
import { failuresOf, verified } from "./support/verify";
import { watched } from "./support/watch";

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

// One story in order, as docs/blue-green.md tells it: each test goes on where the one before it ended.
describe("a second cluster beside the first (docs/blue-green.md)", () => {
  const green = () => sandbox().as("green");
  const clusterStack = "organization/selfhosted-03-cluster/green";
  const clusterServicesStack = "organization/selfhosted-04-cluster-services/green";
  const api = "https://api.pulumi.example.com/api/status";
  const position = (said: string, step: RegExp) => {
    const found = said.search(step);
    expect([step.source, found >= 0]).toEqual([step.source, true]);
    return found;
  };
  /** Those of the second cluster. */
  const associations = (namespace: string) =>
    sandbox()
      .world()
      .filter(({ type, properties }) => type === ASSOCIATION && properties["clusterName"] === "pulumi-test-green")
      .flatMap(({ id, properties }) => (properties["namespace"] === namespace ? [id] : []));
  const passwords = async () => {
    const resources = await sandbox().resources("service", { showSecrets: true });
    const made = resources.filter(({ type }) => type === "random:index/randomPassword:RandomPassword");
    return Object.fromEntries(made.map(({ urn, outputs }) => [urn, outputs?.["result"]]));
  };

  it("comes up with nodes of another kind, those of EKS Auto Mode", async () => {
    const beside = { installation: sandbox().stack, upstreamStack: sandbox().stack };
    sandbox().configure("iam", { autoMode: true });
    await sandbox().up("iam");
    await green().init("cluster", { ...beside, color: "green", autoMode: true });
    await green().up("cluster");
    await green().init("clusterServices", { ...beside, clusterStack, autoscaling: "auto-mode" });
    await green().up("clusterServices");
    for (const stack of ["cluster", "clusterServices"] as const) await green().up(stack, "--expect-no-changes");
    sandbox().configure("service", { blueGreen: true });
    await sandbox().up("service");
  });

  it("is given up when the move fails: the first one serves all the while, and nothing of it was touched", async () => {
    const [before, faults] = [join(sandbox().home, "before-move.json"), join(sandbox().home, "faults.json")];
    const ids = async () => (await sandbox().resources("service")).map(({ urn, id }) => `${urn} ${id ?? ""}`).sort();
    const there = await ids();
    await sandbox().run("service", ["stack", "export", "--file", before]);
    sandbox().configure("service", { clusterStack, clusterServicesStack });
    writeFileSync(faults, JSON.stringify([{ job: "pulumi-service/pulumi-migrations", exitCode: 1 }]));
    const { done, answers, outages } = await watched(sandbox(), api, () => sandbox().upFails("service"));
    expect(done).toMatch(/pulumi-service\/pulumi-migrations/);
    expect(answers).toBeGreaterThan(0);
    expect(outages).toEqual([]);
    rmSync(faults);

    await sandbox().run("service", ["stack", "import", "--file", before]);
    sandbox().configure("service", { clusterStack: undefined, clusterServicesStack: undefined });
    await kubectl(green(), "delete", "namespace", "pulumi-service");
    await sandbox().up("service", "--refresh");
    expect(await ids()).toEqual(there);
    await sandbox().up("service", "--expect-no-changes");
    expect(failuresOf(await verified(sandbox()))).toEqual({});
  });

  it("has the service's pods before the first one loses them, under the same names and logins, and users see nothing of it", async () => {
    // What EKS keeps outside of Kubernetes of the move that was given up.
    const [left] = associations("pulumi-service");
    await sandbox().lose(ASSOCIATION, left ?? "none");
    expect(associations("pulumi-service")).toEqual([]);
    const [before, outputs] = [await passwords(), await sandbox().outputs("service")];
    sandbox().configure("service", { clusterStack, clusterServicesStack });
    const { done: said, answers, outages } = await watched(sandbox(), api, () => sandbox().up("service"));
    expect(answers).toBeGreaterThan(0);
    expect(outages).toEqual([]);
    for (const server of ["pulumi-api", "pulumi-console"]) {
      const there = position(said, new RegExp(`:Deployment ${server} created replacement`));
      expect(position(said, new RegExp(`:Deployment ${server} deleting original`))).toBeGreaterThan(there);
      expect(position(said, new RegExp(`:TargetGroupBinding ${server} deleting original`))).toBeGreaterThan(there);
    }
    expect(Object.keys(before)).not.toEqual([]);
    expect(await passwords()).toEqual(before);
    expect(await sandbox().outputs("service")).toEqual(outputs);
    expect(failuresOf(await verified(sandbox()))).toEqual({});
  });

  it("runs them on nodes that Auto Mode made for them, and the first cluster can go", async () => {
    const listed = async (...words: string[]) =>
      (JSON.parse(await kubectl(green(), "get", ...words, "-o", "json")) as { items: Listed[] }).items;
    const nodes = await listed("nodes");
    const pods = await listed(
      "pods",
      "--namespace",
      "pulumi-service",
      "--selector",
      "app.kubernetes.io/name=pulumi-api",
    );
    const poolOf = ({ spec }: Listed) =>
      nodes.find(({ metadata }) => metadata.name === spec.nodeName)?.metadata.labels["karpenter.sh/nodepool"];
    // They tolerate the taint of their own nodes and prefer them, and take room that there is elsewhere.
    expect(pods.map(poolOf)).toContain("service");
    expect(pods.map(poolOf)).not.toContain(undefined);

    sandbox().configure("service", { blueGreen: undefined });
    await sandbox().up("service");
    await sandbox().destroy("clusterServices");
    await sandbox().destroy("cluster");
    for (const stack of ["service", "database", "dns"] as const) await sandbox().up(stack, "--expect-no-changes");
    await sandbox().run("service", ["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
  });
});

const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";

/** A pod or a node, as kubectl prints it. */
interface Listed {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly nodeName?: string };
}
