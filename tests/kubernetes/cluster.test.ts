import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { startCluster, stopAll, stopCluster } from "../../sandbox/kubernetes/clusters";
import { clusterDirectory, readCluster } from "../../sandbox/kubernetes/record";
import { UNKNOWN, type Existing } from "../../sandbox/provider/types";
import { deployment, kubectl, startTestCluster, type TestCluster } from "./support";

// Unready objects fail soon: nothing else runs that could still help them.
process.env["SELFHOSTED_SANDBOX_AWAIT_SECONDS"] = "1";

describe("a sandbox cluster", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster.stop());

  describe("tells replacement from update", () => {
    it("a new image changes in place; a new selector, name or ConfigMap data doesn't", async () => {
      const before = deployment("steady");
      await cluster.create("apps/v1:Deployment", "steady", before);
      const diff = (inputs: typeof before) =>
        cluster.diff("apps/v1:Deployment", "steady", "default/steady", before, inputs);
      expect(await diff(before)).toMatchObject({ changed: [], replaces: [] });
      expect(await diff(deployment("steady", { image: "example/web:2" }))).toMatchObject({
        changed: ["spec"],
        replaces: [],
      });
      expect(await diff(deployment("renamed"))).toMatchObject({ replaces: ["metadata", "spec"] });
      const data = (colour: string) => ({ metadata: { name: "plain" }, data: { colour } });
      expect(
        await cluster.diff("core/v1:ConfigMap", "plain", "default/plain", data("red"), data("blue")),
      ).toMatchObject({
        replaces: ["data"],
        deleteBeforeReplace: true,
      });
    });

    it("what the API server itself calls immutable", async () => {
      const claim = (storage: string, mode: string) => ({
        metadata: { name: "claim" },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: "gp2",
          volumeMode: mode,
          resources: { requests: { storage } },
        },
      });
      await cluster.create("core/v1:PersistentVolumeClaim", "claim", claim("1Gi", "Filesystem"));
      expect(
        await cluster.diff(
          "core/v1:PersistentVolumeClaim",
          "claim",
          "default/claim",
          claim("1Gi", "Filesystem"),
          claim("1Gi", "Block"),
        ),
      ).toMatchObject({ changed: ["spec"], replaces: ["spec"] });
    });
  });

  describe("plays what charts bring", () => {
    const group = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/api/0123456789abcdef";
    const binding = {
      apiVersion: "elbv2.k8s.aws/v1beta1",
      kind: "TargetGroupBinding",
      metadata: { name: "api" },
      spec: { targetGroupARN: group, targetType: "ip", serviceRef: { name: "web", port: 80 } },
    };
    const release = {
      chart: "aws-load-balancer-controller",
      version: "1.13.4",
      namespace: "kube-system",
      repositoryOpts: { repo: "https://aws.github.io/eks-charts" },
      values: { clusterName: "test", serviceAccount: { create: false, name: "aws-load-balancer-controller" } },
    };
    const token = "elbv2.k8s.aws/v1beta1:TargetGroupBinding";

    it("a TargetGroupBinding needs the CRD, the running controller and a target group that exists", async () => {
      await expect(cluster.create(token, "api", binding)).rejects.toThrow('no matches for kind "TargetGroupBinding"');
      const failure = await cluster.create("helm.sh/v3:Release", "lbc", release).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        reasons: expect.arrayContaining([
          expect.stringContaining('serviceaccount "aws-load-balancer-controller" not found'),
        ]),
      });
      await expect(cluster.create(token, "api", binding)).rejects.toThrow("failed calling webhook");
      await cluster.create("core/v1:ServiceAccount", "lbc", {
        metadata: { name: "aws-load-balancer-controller", namespace: "kube-system" },
      });
      const { existing } = failure as { existing: Existing };
      const upgraded = await cluster.update("helm.sh/v3:Release", "lbc", existing, release);
      expect(upgraded.properties["status"]).toMatchObject({ revision: 2, status: "deployed" });
      await expect(cluster.create(token, "api", binding)).rejects.toThrow("TargetGroupNotFound");
      cluster.targetGroups.add(group);
      await cluster.create(token, "api", binding);
      await expect(
        cluster.create(
          token,
          "bad",
          { ...binding, metadata: { name: "bad" }, spec: { ...binding.spec, targetTyp: "ip" } },
          true,
        ),
      ).rejects.toThrow("targetTyp");
    });

    it("a release needs a repository, a version and the chart's own required values", async () => {
      const bare = { chart: release.chart, namespace: release.namespace };
      await expect(cluster.create("helm.sh/v3:Release", "bare", { ...bare, values: {} })).rejects.toThrow(
        /no repository is given(.|\n)*pin it(.|\n)*valid clusterName/,
      );
    });
  });

  it("answers kubectl through the kubeconfig that runs `aws eks get-token`", async () => {
    const { stdout } = await kubectl(cluster, "get", "nodes", "-o", "name");
    expect(stdout.trim().split("\n")).toHaveLength(3);
  });

  it("answers to what people do with kubectl", async () => {
    await cluster.create("apps/v1:Deployment", "byhand", deployment("byhand", {}, {}, 1));
    await kubectl(cluster, "scale", "deployment/byhand", "--replicas=3");
    await kubectl(cluster, "rollout", "status", "deployment/byhand", "--timeout=20s");
    const { stdout } = await kubectl(cluster, "get", "deployment/byhand", "-o", "jsonpath={.status.readyReplicas}");
    expect(stdout).toBe("3");
  });

  it("previews what isn't known yet without a word to the server", async () => {
    const inputs = { metadata: { name: "later" }, data: { host: UNKNOWN } };
    const previewed = await cluster.create("core/v1:ConfigMap", "later", inputs, true);
    expect(previewed.properties["data"]).toEqual({ host: UNKNOWN });
  });

  it("starts again where its processes have ended, with all that it held; deleted, it leaves no process and no file", async () => {
    const { home } = cluster;
    await cluster.create("core/v1:ConfigMap", "taken", { metadata: { name: "taken" }, data: { a: "b" } });
    await startCluster({ name: "second", version: "1.34", home });
    const before = readCluster(home, "second");
    await stopAll(home);
    expect(processesOf(home)).toEqual([]);
    const { stdout } = await kubectl(cluster, "get", "configmap", "taken", "-o", "name").catch(async () => {
      await startCluster({ name: cluster.name, version: "1.34", home });
      return kubectl(cluster, "get", "configmap", "taken", "-o", "name");
    });
    expect(stdout.trim()).toBe("configmap/taken");
    expect(readCluster(home, "second")?.ports).toEqual(before?.ports);
    await stopCluster("second", home);
    expect(fs.existsSync(clusterDirectory(home, "second"))).toBe(false);
    await stopCluster(cluster.name, home);
    expect(processesOf(home)).toEqual([]);
    await expect(cluster.create("core/v1:ConfigMap", "x", { metadata: { name: "x" } })).rejects.toThrow("unreachable");
  });
});

/** Processes whose command line names this home. */
function processesOf(home: string): string[] {
  const { stdout } = spawnSync("ps", ["-ww", "-eo", "args="], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.includes(home) && !line.startsWith("ps "));
}
