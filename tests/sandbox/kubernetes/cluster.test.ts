import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { execFile, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { binary } from "../../../sandbox/kubernetes/binaries";
import { startCluster, stopAll, stopCluster } from "../../../sandbox/kubernetes/clusters";
import { clusterDirectory, readCluster } from "../../../sandbox/kubernetes/record";
import { UNKNOWN, type Existing, type Properties } from "../../../sandbox/provider/types";
import { deployment, missing, startTestCluster, type TestCluster } from "./support";

// Unready objects fail soon: nothing else runs that could still help them.
process.env["SELFHOSTED_SANDBOX_AWAIT_SECONDS"] = "1";
// Servers start and pods run in seconds, on a machine that does other things too.
jest.setTimeout(60_000);
// The first run on a machine builds the servers.
const BUILD_MS = 15 * 60_000;

if (missing !== undefined) console.warn(`Skipped: ${missing}.`);

(missing === undefined ? describe : describe.skip)("a sandbox cluster", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster();
  }, BUILD_MS);
  afterAll(() => cluster.stop());

  describe("refuses what Kubernetes refuses", () => {
    it("a selector that doesn't match the template, in the API server's words", async () => {
      const wrong = deployment("wrong");
      (wrong["spec"] as { selector: unknown }).selector = { matchLabels: { app: "other" } };
      await expect(cluster.create("apps/v1:Deployment", "wrong", wrong, true)).rejects.toThrow(
        "`selector` does not match template `labels`",
      );
      await expect(cluster.create("apps/v1:Deployment", "wrong", wrong)).rejects.toThrow(
        "resource default/wrong was not successfully created by the Kubernetes API server",
      );
    });

    it("a field that doesn't exist, already in a preview", async () => {
      const typo = deployment("typo", { imagePulPolicy: "Always" });
      await expect(cluster.create("apps/v1:Deployment", "typo", typo, true)).rejects.toThrow(
        /imagePulPolicy.*not declared/,
      );
    });

    it("a namespace that doesn't exist", async () => {
      const inputs = { metadata: { name: "settings", namespace: "nowhere" }, data: { a: "b" } };
      await expect(cluster.create("core/v1:ConfigMap", "settings", inputs)).rejects.toThrow(
        'namespaces "nowhere" not found',
      );
    });

    it("pods that break the namespace's Pod Security level", async () => {
      const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
      await cluster.create("core/v1:Namespace", "guarded", { metadata: { name: "guarded", labels } });
      const inputs = deployment("rooted", { securityContext: { privileged: true } });
      const guarded = { ...inputs, metadata: { name: "rooted", namespace: "guarded" } };
      await expect(cluster.create("apps/v1:Deployment", "rooted", guarded)).rejects.toMatchObject({
        reasons: expect.arrayContaining([expect.stringMatching(/\[FailedCreate\].*violates PodSecurity "restricted/)]),
      });
    });

    it("a second object of one name, unless told to adopt it", async () => {
      const inputs = { metadata: { name: "taken" }, data: { a: "b" } };
      await cluster.create("core/v1:ConfigMap", "taken", inputs);
      await expect(cluster.create("core/v1:ConfigMap", "taken", inputs)).rejects.toThrow("already exists");
    });
  });

  describe("says why pods don't run", () => {
    it("a missing Secret, a missing key; and the Deployment comes up once the Secret is there", async () => {
      const env = [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "login", key: "password" } } }];
      const inputs = deployment("needy", { env });
      const failure = await cluster.create("apps/v1:Deployment", "needy", inputs).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        message: expect.stringContaining("failed to fully initialize or become live: 'needy' timed out"),
        reasons: [
          expect.stringContaining("'needy' timed out waiting to be Ready"),
          "[MinimumReplicasUnavailable] Deployment does not have minimum availability.",
          'container "main": [CreateContainerConfigError] secret "login" not found',
        ],
      });
      const existing = (failure as { existing: Existing }).existing;
      expect(existing.id).toBe("default/needy");

      const login = await cluster.create("core/v1:Secret", "login", {
        metadata: { name: "login" },
        stringData: { user: "a" },
      });
      await expect(cluster.update("apps/v1:Deployment", "needy", existing, inputs)).rejects.toMatchObject({
        reasons: expect.arrayContaining([
          expect.stringContaining("couldn't find key password in Secret default/login"),
        ]),
      });
      await cluster.update("core/v1:Secret", "login", login, {
        metadata: { name: "login" },
        stringData: { password: "b" },
      });
      const updated = await cluster.update("apps/v1:Deployment", "needy", existing, inputs);
      expect(updated.properties["status"]).toMatchObject({ readyReplicas: 2 });
    });

    it("a ServiceAccount that doesn't exist", async () => {
      await expect(
        cluster.create("apps/v1:Deployment", "nobody", deployment("nobody", {}, { serviceAccountName: "ghost" })),
      ).rejects.toMatchObject({
        reasons: expect.arrayContaining([expect.stringContaining('serviceaccount "ghost" not found')]),
      });
    });

    it("more CPU than any node has, and a selector that no node matches", async () => {
      const greedy = deployment("greedy", { resources: { requests: { cpu: "3" } } });
      await expect(cluster.create("apps/v1:Deployment", "greedy", greedy)).rejects.toMatchObject({
        reasons: expect.arrayContaining(["[Unschedulable] 0/3 nodes are available: 3 Insufficient cpu."]),
      });
      const picky = deployment("picky", {}, { nodeSelector: { disk: "gold" } });
      await expect(cluster.create("apps/v1:Deployment", "picky", picky)).rejects.toMatchObject({
        reasons: expect.arrayContaining([
          expect.stringContaining("3 node(s) didn't match Pod's node affinity/selector"),
        ]),
      });
    });

    it("a Service that selects nothing", async () => {
      const inputs = { metadata: { name: "lonely" }, spec: { selector: { app: "absent" }, ports: [{ port: 80 }] } };
      await expect(cluster.create("core/v1:Service", "lonely", inputs)).rejects.toMatchObject({
        reasons: expect.arrayContaining([expect.stringContaining("Service does not target any Pods")]),
      });
    });
  });

  describe("runs what is right", () => {
    it("a Deployment over the zones, and the Service in front of it", async () => {
      const made = await cluster.create(
        "apps/v1:Deployment",
        "web",
        deployment("web", { ports: [{ containerPort: 8080, name: "http" }] }, {}, 3),
      );
      expect(made.properties["status"]).toMatchObject({ readyReplicas: 3, updatedReplicas: 3 });
      const spec = { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }] };
      const service = await cluster.create("core/v1:Service", "web", { metadata: { name: "web" }, spec });
      expect(service.properties["spec"]).toMatchObject({ clusterIP: expect.stringMatching(/^172\.20\./) });
    });

    it("names objects as Pulumi does, and reads them back without drift", async () => {
      const inputs = deployment("auto", { resources: { requests: { cpu: "0.1", memory: "1024Mi" } } });
      const nameless = { spec: inputs["spec"] as Properties };
      const checked = await cluster.check("apps/v1:Deployment", "auto", nameless);
      expect(checked["metadata"]).toMatchObject({
        name: expect.stringMatching(/^auto-[0-9a-f]{8}$/),
        namespace: "default",
      });
      const made = await cluster.create("apps/v1:Deployment", "auto", nameless);
      const read = await cluster.read("apps/v1:Deployment", "auto", made, nameless);
      expect(read?.inputs).toEqual(checked);
      await cluster.remove("apps/v1:Deployment", "auto", made);
      expect(await cluster.read("apps/v1:Deployment", "auto", made, nameless)).toBeUndefined();
    });

    it("sees drift, and only drift", async () => {
      const inputs = { metadata: { name: "drifting" }, data: { colour: "blue" } };
      const made = await cluster.create("core/v1:ConfigMap", "drifting", inputs);
      await kubectl(
        cluster,
        "patch",
        "configmap",
        "drifting",
        "--type=merge",
        "-p",
        '{"data":{"colour":"red","size":"2"}}',
      );
      const read = await cluster.read("core/v1:ConfigMap", "drifting", made, inputs);
      expect(read?.inputs?.["data"]).toEqual({ colour: "red" });
    });

    it("a Job, and one that fails on request", async () => {
      const job = (name: string) => ({
        metadata: { name },
        spec: {
          backoffLimit: 1,
          template: { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "example/migrations:1" }] } },
        },
      });
      const done = await cluster.create("batch/v1:Job", "migrate", job("migrate"));
      expect(done.properties["status"]).toMatchObject({ succeeded: 1 });
      fs.writeFileSync(
        path.join(cluster.home, "faults.json"),
        JSON.stringify([{ job: "default/broken", exitCode: 3, message: "no such table" }]),
      );
      await expect(cluster.create("batch/v1:Job", "broken", job("broken"))).rejects.toMatchObject({
        message: expect.stringContaining("'broken' failed"),
        reasons: [
          expect.stringContaining("'broken' failed"),
          "[BackoffLimitExceeded] Job has reached the specified backoff limit",
          'container "main": [Error] exit code 3: no such table',
        ],
      });
    });

    it("a namespace, whose deletion takes all that it holds", async () => {
      const namespace = await cluster.create("core/v1:Namespace", "brief", { metadata: { name: "brief" } });
      const inputs = deployment("inside");
      await cluster.create("apps/v1:Deployment", "inside", {
        ...inputs,
        metadata: { name: "inside", namespace: "brief" },
      });
      await cluster.remove("core/v1:Namespace", "brief", namespace);
      await expect(kubectl(cluster, "get", "namespace", "brief")).rejects.toThrow('namespaces "brief" not found');
    });
  });

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

async function kubectl(cluster: TestCluster, ...args: string[]) {
  const file = path.join(cluster.home, "kubeconfig");
  fs.writeFileSync(file, cluster.kubeconfig, { mode: 0o600 });
  const standIns = path.join(__dirname, "../../../sandbox/bin");
  return promisify(execFile)(await binary("kubectl"), ["--kubeconfig", file, ...args], {
    env: { ...process.env, SELFHOSTED_SANDBOX_HOME: cluster.home, PATH: `${standIns}:${process.env["PATH"] ?? ""}` },
  });
}

/** Processes whose command line names this home. */
function processesOf(home: string): string[] {
  const { stdout } = spawnSync("ps", ["-ww", "-eo", "args="], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.includes(home) && !line.startsWith("ps "));
}
