import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "../../sandbox/kubernetes/clusters";
import type { Kinds, Live } from "../../sandbox/kubernetes/controllers/kinds";
import { addNodes, removeNodes } from "../../sandbox/kubernetes/nodes";
import { changeCluster } from "../../sandbox/kubernetes/record";
import { reconcile } from "../../sandbox/kubernetes/reconcile";
import type { Properties } from "../../sandbox/provider/types";
import { deployment, startTestCluster, type TestCluster } from "./support";

process.env["SELFHOSTED_SANDBOX_AWAIT_SECONDS"] = "0.5";

describe("the sandbox's controllers", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster("controllers");
  });
  afterAll(() => cluster.stop());

  const get = async <T>(path: string): Promise<T> => (await connect(cluster.name, cluster.home, "admin")).get<T>(path);
  const podsOf = async (app: string): Promise<Live<Kinds["Pod"]>[]> =>
    (await get<{ items: Live<Kinds["Pod"]>[] }>(`/api/v1/namespaces/default/pods?labelSelector=app%3D${app}`)).items;
  const reasonsOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => "no error",
      (error: unknown) => (error as { reasons?: string[] }).reasons?.join("\n") ?? String(error),
    );

  it("puts pods on tainted nodes only where they tolerate it", async () => {
    await addNodes(cluster.name, cluster.home, {
      nodeGroup: "service",
      count: 1,
      labels: { role: "service" },
      taints: [{ key: "dedicated", value: "service", effect: "NoSchedule" }],
      instanceType: "m6i.large",
      zones: ["us-west-2a"],
    });
    const nodeSelector = { role: "service" };
    const tolerations = [{ key: "dedicated", operator: "Equal", value: "service", effect: "NoSchedule" }];
    expect(
      await reasonsOf(cluster.create("apps/v1:Deployment", "shy", deployment("shy", {}, { nodeSelector }))),
    ).toContain(
      "1 node(s) had untolerated taint {dedicated: service}, 3 node(s) didn't match Pod's node affinity/selector",
    );
    await cluster.create("apps/v1:Deployment", "bold", deployment("bold", {}, { nodeSelector, tolerations }));
    await removeNodes(cluster.name, cluster.home, "service");
    expect((await podsOf("bold")).map(({ status }) => status?.phase)).toEqual(["Pending", "Pending"]);
  });

  it("grows a group for pods that wait, up to its maximum and only where a cluster-autoscaler runs", async () => {
    const group = { nodeGroup: "growing", count: 1, maximum: 2, labels: { role: "growing" }, taints: [] };
    await addNodes(cluster.name, cluster.home, { ...group, instanceType: "m6i.large", zones: ["us-west-2a"] });
    const pod = { nodeSelector: { role: "growing" } };
    const large = deployment("large", { resources: { requests: { cpu: "1500m" } } }, pod, 2);
    expect(await reasonsOf(cluster.create("apps/v1:Deployment", "large", large))).toContain("Insufficient cpu");

    await cluster.create("apps/v1:Deployment", "cluster-autoscaler", deployment("cluster-autoscaler"));
    const wide = deployment("wide", { resources: { requests: { cpu: "1500m" } } }, pod, 1);
    // The second node takes the pod that waited; there is no third for one more.
    expect(await reasonsOf(cluster.create("apps/v1:Deployment", "wide", wide))).toContain("Insufficient cpu");
    expect((await podsOf("large")).map(({ status }) => status?.phase)).toEqual(["Running", "Running"]);
    await removeNodes(cluster.name, cluster.home, "growing");
  });

  it("spreads replicas over zones, and no further than it may", async () => {
    const topologySpreadConstraints = [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: { app: "spread" } },
      },
    ];
    await cluster.create("apps/v1:Deployment", "spread", deployment("spread", {}, { topologySpreadConstraints }, 3));
    expect(new Set((await podsOf("spread")).map(({ spec }) => spec.nodeName)).size).toBe(3);

    const podAntiAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "apart" } } },
      ],
    };
    const four = deployment("apart", {}, { affinity: { podAntiAffinity } }, 4);
    expect(await reasonsOf(cluster.create("apps/v1:Deployment", "apart", four))).toContain(
      "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules",
    );
  });

  it("rolls a Deployment out within its surge: without room for one more pod it stands still, and says why", async () => {
    const half = { resources: { requests: { cpu: "1100m" } } };
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    const inputs = (image: string): Properties => {
      const made = deployment("tight", { ...half, image }, {}, 3);
      return { ...made, spec: { ...(made["spec"] as Properties), strategy } };
    };
    const made = await cluster.create("apps/v1:Deployment", "tight", inputs("example/web:1"));
    expect(await reasonsOf(cluster.update("apps/v1:Deployment", "tight", made, inputs("example/web:2")))).toContain(
      "Insufficient cpu",
    );
    expect((await podsOf("tight")).filter(({ status }) => status?.phase === "Running")).toHaveLength(3);
    const yielding = inputs("example/web:2");
    (yielding["spec"] as Properties)["strategy"] = {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    };
    await cluster.update("apps/v1:Deployment", "tight", made, yielding);
    expect((await podsOf("tight")).map(({ spec }) => spec.containers[0]?.image)).toEqual(
      Array(3).fill("example/web:2"),
    );
    await cluster.remove("apps/v1:Deployment", "tight", made);
    expect(await podsOf("tight")).toEqual([]);
  });

  it("gives StatefulSets volumes once the driver's add-on is there", async () => {
    const storage = {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "gp3" },
      provisioner: "ebs.csi.aws.com",
      volumeBindingMode: "Immediate",
    };
    await cluster.create("storage.k8s.io/v1:StorageClass", "gp3", storage);
    const spec = {
      serviceName: "data",
      replicas: 2,
      selector: { matchLabels: { app: "data" } },
      template: {
        metadata: { labels: { app: "data" } },
        spec: {
          containers: [{ name: "main", image: "example/data:1", volumeMounts: [{ name: "disk", mountPath: "/disk" }] }],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: "disk" },
          spec: {
            accessModes: ["ReadWriteOnce"],
            storageClassName: "gp3",
            resources: { requests: { storage: "1Gi" } },
          },
        },
      ],
    };
    const inputs = { metadata: { name: "data" }, spec };
    expect(await reasonsOf(cluster.create("apps/v1:StatefulSet", "data", inputs))).toContain(
      "unbound immediate PersistentVolumeClaims",
    );
    changeCluster(cluster.home, cluster.name, { addons: { "aws-ebs-csi-driver": "v1.40.0-eksbuild.1" } });
    await reconcile(cluster.name, cluster.home);
    expect((await podsOf("data")).map(({ metadata, status }) => [metadata.name, status?.phase])).toEqual([
      ["data-0", "Running"],
      ["data-1", "Running"],
    ]);
  });

  it("allows no disruption where two budgets cover one pod", async () => {
    await cluster.create("apps/v1:Deployment", "budgeted", deployment("budgeted"));
    const budget = (name: string) => ({
      metadata: { name },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: "budgeted" } } },
    });
    const allowed = async (name: string): Promise<unknown> => {
      await reconcile(cluster.name, cluster.home);
      const { status } = await get<Kinds["PodDisruptionBudget"]>(
        `/apis/policy/v1/namespaces/default/poddisruptionbudgets/${name}`,
      );
      return status?.disruptionsAllowed;
    };
    await cluster.create("policy/v1:PodDisruptionBudget", "one", budget("one"));
    expect(await allowed("one")).toBe(1);
    await cluster.create("policy/v1:PodDisruptionBudget", "two", budget("two"));
    expect(await allowed("one")).toBe(0);
  });

  it("scales a Deployment up to its autoscaler's minimum", async () => {
    await cluster.create("apps/v1:Deployment", "scaled", deployment("scaled", {}, {}, 1));
    const spec = {
      minReplicas: 3,
      maxReplicas: 5,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "scaled" },
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
      ],
    };
    await cluster.create("autoscaling/v2:HorizontalPodAutoscaler", "scaled", { metadata: { name: "scaled" }, spec });
    await reconcile(cluster.name, cluster.home);
    expect(await podsOf("scaled")).toHaveLength(3);
  });

  it("leaves a Deployment alone that was scaled to nothing, as Kubernetes' autoscaler does", async () => {
    await cluster.create("apps/v1:Deployment", "parked", deployment("parked", {}, {}, 0));
    const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "parked" };
    const spec = { minReplicas: 3, maxReplicas: 5, scaleTargetRef };
    await cluster.create("autoscaling/v2:HorizontalPodAutoscaler", "parked", { metadata: { name: "parked" }, spec });
    await reconcile(cluster.name, cluster.home);
    expect(await podsOf("parked")).toHaveLength(0);
  });

  it("keeps to a namespace's quota", async () => {
    await cluster.create("core/v1:Namespace", "small", { metadata: { name: "small" } });
    const quota = { metadata: { name: "pods", namespace: "small" }, spec: { hard: { pods: "1" } } };
    await cluster.create("core/v1:ResourceQuota", "pods", quota);
    await reconcile(cluster.name, cluster.home);
    const inputs = { ...deployment("many"), metadata: { name: "many", namespace: "small" } };
    expect(await reasonsOf(cluster.create("apps/v1:Deployment", "many", inputs))).toContain("exceeded quota: pods");
  });

  it("patches what others made, and takes only its own fields back", async () => {
    const label = async (): Promise<unknown> =>
      (await get<Kinds["Namespace"]>("/api/v1/namespaces/kube-system")).metadata?.labels?.["team"];
    const patch = await cluster.create("core/v1:NamespacePatch", "team", {
      metadata: { name: "kube-system", labels: { team: "a" } },
    });
    expect(await label()).toBe("a");
    await cluster.remove("core/v1:NamespacePatch", "team", patch);
    expect(await label()).toBeUndefined();
    await expect(cluster.create("core/v1:NamespacePatch", "none", { metadata: { name: "absent" } })).rejects.toThrow(
      "not found",
    );
  });

  it("undoes a release that is all or nothing, and downloads other projects' CRDs with their charts", async () => {
    const release = {
      chart: "oci://public.ecr.aws/karpenter/karpenter",
      version: "1.14.1",
      namespace: "karpenter",
      name: "karpenter",
      atomic: true,
      values: { settings: { clusterName: "controllers" } },
    };
    await expect(cluster.create("helm.sh/v3:Release", "karpenter", release)).rejects.toThrow(
      'namespaces "karpenter" not found',
    );
    const picky = { ...release, createNamespace: true, values: { ...release.values, nodeSelector: { none: "such" } } };
    await expect(cluster.create("helm.sh/v3:Release", "karpenter", picky)).rejects.toThrow(
      "has been uninstalled due to atomic",
    );
    const made = await cluster.create("helm.sh/v3:Release", "karpenter", release);
    expect(made.properties["status"]).toMatchObject({ status: "deployed", revision: 1 });
    const nodePool = { metadata: { name: "general" }, spec: { template: { spec: {} } } };
    await expect(
      cluster.create("karpenter.sh/v1:NodePool", "general", {
        ...nodePool,
        apiVersion: "karpenter.sh/v1",
        kind: "NodePool",
      }),
    ).rejects.toThrow("spec.template.spec.nodeClassRef: Required value");
    await cluster.remove("helm.sh/v3:Release", "karpenter", made);
    expect(await cluster.read("helm.sh/v3:Release", "karpenter", made, release)).toBeUndefined();
  });
});
