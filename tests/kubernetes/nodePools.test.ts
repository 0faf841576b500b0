import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "../../sandbox/kubernetes/clusters";
import { reconcile } from "../../sandbox/kubernetes/reconcile";
import type { Properties } from "../../sandbox/provider/types";
import { deployment, startTestCluster, type TestCluster } from "./support";

// Unready objects fail soon: nothing else runs that could still help them.
process.env["SELFHOSTED_SANDBOX_AWAIT_SECONDS"] = "1";

interface Node {
  readonly metadata: { readonly labels: Record<string, string> };
}

const nodeClass = {
  apiVersion: "eks.amazonaws.com/v1",
  kind: "NodeClass",
  metadata: { name: "own" },
  spec: {
    role: "node",
    subnetSelectorTerms: [{ id: "subnet-0123456789abcdef0" }],
    securityGroupSelectorTerms: [{ id: "sg-0123456789abcdef0" }],
  },
};

function nodePool(name: string, more: Properties = {}): Properties {
  return {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name },
    spec: {
      template: {
        metadata: { labels: { pool: name } },
        spec: {
          nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "own" },
          requirements: [
            { key: "eks.amazonaws.com/instance-category", operator: "In", values: ["m"] },
            { key: "kubernetes.io/arch", operator: "In", values: ["arm64"] },
          ],
          ...more,
        },
      },
      limits: { cpu: "8" },
    },
  };
}

describe("a sandbox cluster in EKS Auto Mode", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster("auto", ["us-west-2a", "us-west-2b"]);
  });
  afterAll(() => cluster.stop());

  const nodes = async (): Promise<Node[]> => {
    const client = await connect("auto", cluster.home, "controller");
    return (await client.get<{ items: Node[] }>("/api/v1/nodes")).items;
  };

  it("makes nodes of a pool for pods that fit it, up to its limit, and takes them away with it", async () => {
    await cluster.create("eks.amazonaws.com/v1:NodeClass", "own", nodeClass);
    const pool = await cluster.create("karpenter.sh/v1:NodePool", "general", nodePool("general"));
    expect(await nodes()).toEqual([]);
    // Two pods that need a node each: a node of the pool has four processors.
    const inputs = deployment("web", { resources: { requests: { cpu: "3" } } }, { nodeSelector: { pool: "general" } });
    await cluster.create("apps/v1:Deployment", "web", inputs);
    const labels = (await nodes()).map(({ metadata }) => metadata.labels);
    const common = { "karpenter.sh/nodepool": "general", "kubernetes.io/arch": "arm64", pool: "general" };
    expect(labels).toMatchObject([common, common]);
    expect(new Set(labels.map((own) => own["topology.kubernetes.io/zone"])).size).toBe(2);
    const third = deployment("third", { resources: { requests: { cpu: "3" } } }, {}, 1);
    await expect(cluster.create("apps/v1:Deployment", "third", third)).rejects.toThrow("timed out waiting to be Ready");
    await cluster.remove("karpenter.sh/v1:NodePool", "general", pool);
    await reconcile("auto", cluster.home);
    expect(await nodes()).toEqual([]);
  });

  it("makes a node of the pool that a pod prefers, though another fits", async () => {
    const [key, effect] = ["choosy", "NoSchedule"];
    const create = (name: string) =>
      cluster.create("karpenter.sh/v1:NodePool", name, nodePool(name, { taints: [{ key, effect }] }));
    const pools = [await create("another"), await create("preferred")];
    const preference = { matchExpressions: [{ key: "pool", operator: "In", values: ["preferred"] }] };
    const affinity = {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] },
    };
    await cluster.create(
      "apps/v1:Deployment",
      "choosy",
      deployment("choosy", {}, { affinity, tolerations: [{ key, operator: "Exists" }] }, 1),
    );
    expect((await nodes()).map(({ metadata }) => metadata.labels["pool"])).toEqual(["preferred"]);
    for (const pool of pools) await cluster.remove("karpenter.sh/v1:NodePool", "pool", pool);
    await reconcile("auto", cluster.home);
    expect(await nodes()).toEqual([]);
  });

  it("keeps a pool's taint, and a class to what it must have", async () => {
    const taints = [{ key: "kept", value: "yes", effect: "NoSchedule" }];
    await cluster.create("karpenter.sh/v1:NodePool", "kept", nodePool("kept", { taints }));
    await expect(cluster.create("apps/v1:Deployment", "stranger", deployment("stranger", {}, {}, 1))).rejects.toThrow(
      "timed out waiting to be Ready",
    );
    expect(await nodes()).toEqual([]);
    const { subnetSelectorTerms, securityGroupSelectorTerms } = nodeClass.spec;
    const spec = { subnetSelectorTerms, securityGroupSelectorTerms };
    await expect(
      cluster.create("eks.amazonaws.com/v1:NodeClass", "bare", { ...nodeClass, metadata: { name: "bare" }, spec }),
    ).rejects.toThrow("expected exactly one of role or instanceProfile");
  });
});
