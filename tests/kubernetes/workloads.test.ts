import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Existing, Properties } from "../../sandbox/provider/types";
import { deployment, kubectl, startTestCluster, type TestCluster } from "./support";

// Unready objects fail soon: nothing else runs that could still help them.
process.env["SELFHOSTED_SANDBOX_AWAIT_SECONDS"] = "1";

describe("a sandbox cluster's API", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster("workloads");
  });
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
});
