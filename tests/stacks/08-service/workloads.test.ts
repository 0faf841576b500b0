import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { shared } from "@selfhosted/common";
import type { Run } from "../../support/mocks";
import { podOf, runService } from "./run";

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const JOB = "kubernetes:batch/v1:Job";
const SERVERS = ["pulumi-api", "pulumi-console"];
const JOBS = ["pulumi-database-user", "pulumi-migrations"];
const ALL = [...SERVERS, ...JOBS];

type Json = Record<string, unknown>;
const spec = (run: Run, type: string, name: string) => run.one(type, name).inputs["spec"] as Json;

describe("08-service: every pod", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runService();
  });

  it.each(ALL)("%s keeps to Pod Security restricted, on a read-only root", (name) => {
    const pod = podOf(run, name);
    expect(pod.spec["securityContext"]).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(pod.spec.containers[0]["securityContext"]).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it.each(ALL)("%s runs as a service account of its own, without its token (B15)", (name) => {
    expect(podOf(run, name).spec).toMatchObject({ serviceAccountName: name, automountServiceAccountToken: false });
    expect(run.one("kubernetes:core/v1:ServiceAccount", name).inputs["automountServiceAccountToken"]).toBe(false);
  });

  it.each(ALL)("%s tolerates the taint of the service's nodes and prefers them (B2)", (name) => {
    const { key, value } = shared.serviceNodes;
    const pod = podOf(run, name);
    expect(pod.spec["tolerations"]).toEqual([{ key, value, operator: "Equal", effect: "NoSchedule" }]);
    expect(JSON.stringify(pod.spec["affinity"])).toContain(`"key":"${key}","operator":"In","values":["${value}"]`);
  });

  it.each(ALL)("%s asks for CPU and memory, and is bounded", (name) => {
    const { requests, limits } = podOf(run, name).spec.containers[0]["resources"] as Record<
      string,
      Record<string, string>
    >;
    expect(Object.keys(requests ?? {}).sort()).toEqual(["cpu", "memory"]);
    expect(limits?.["memory"]).toBe(requests?.["memory"]);
  });

  it("is one of the images with the tag asked for, also from a mirror", async () => {
    const mirrored = await runService({ imagePrefix: "registry.corp.example/pulumi", imagePullSecretName: "corp" });
    expect(SERVERS.map((name) => podOf(mirrored, name).spec.containers[0].image)).toEqual([
      "registry.corp.example/pulumi/service:3.44.0",
      "registry.corp.example/pulumi/console:3.44.0",
    ]);
    expect(podOf(mirrored, "pulumi-api").spec["imagePullSecrets"]).toEqual([{ name: "corp" }]);
    expect(podOf(run, "pulumi-migrations").spec.containers[0].image).toBe("pulumi/migrations:3.44.0");
  });

  it("lives in a namespace that is there first and refuses what isn't restricted (B18)", () => {
    const namespace = run.one("kubernetes:core/v1:Namespace");
    expect(namespace.inputs["metadata"]).toMatchObject({
      name: "pulumi-service",
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
    for (const object of run.resources.filter(
      ({ type }) => type.startsWith("kubernetes:") && type !== "kubernetes:core/v1:Namespace",
    )) {
      expect([object.type, object.dependsOn.includes("kubernetes:core/v1:Namespace::service")]).toEqual([
        object.type,
        true,
      ]);
      expect((object.inputs["metadata"] as Json)["namespace"]).toBe("pulumi-service");
    }
  });
});

describe("08-service: API and console", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runService({ apiReplicas: 3, consoleReplicas: 4 });
  });

  const autoscaler = (of: Run, name: string) => spec(of, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler", name);

  it("run as many pods as asked for, two unless told otherwise (B1)", async () => {
    expect(SERVERS.map((name) => autoscaler(run, name)["minReplicas"])).toEqual([3, 4]);
    const usual = await runService();
    expect(SERVERS.map((name) => autoscaler(usual, name)["minReplicas"])).toEqual([2, 2]);
    const fixed = await runService({ autoscaling: false, apiReplicas: 3, consoleReplicas: 4 });
    // The autoscaler that was there before, or kubectl scale, would be a conflict that ends `pulumi up`.
    for (const name of SERVERS) {
      expect(fixed.one(DEPLOYMENT, name).inputs["metadata"]).toMatchObject({
        annotations: { "pulumi.com/patchForce": "true" },
      });
    }
    expect(SERVERS.map((name) => spec(fixed, DEPLOYMENT, name)["replicas"])).toEqual([3, 4]);
    expect(fixed.resources.filter(({ type }) => type.includes("HorizontalPodAutoscaler"))).toEqual([]);
  });

  it("follow the load up to four times as many, and their number is the autoscaler's alone", () => {
    expect(autoscaler(run, "pulumi-api")).toMatchObject({ minReplicas: 3, maxReplicas: 12 });
    expect(JSON.stringify(autoscaler(run, "pulumi-api")["metrics"])).toContain('"averageUtilization":55');
    for (const name of SERVERS) expect(spec(run, DEPLOYMENT, name)["replicas"]).toBeUndefined();
  });

  it.each(SERVERS)("%s's budget selects exactly its pods, and never blocks a drain (B5)", (name) => {
    const budget = spec(run, "kubernetes:policy/v1:PodDisruptionBudget", name);
    expect(budget).toMatchObject({ maxUnavailable: 1, selector: { matchLabels: { "app.kubernetes.io/name": name } } });
    expect(budget["minAvailable"]).toBeUndefined();
    const selected = ALL.filter((other) => podOf(run, other).metadata.labels["app.kubernetes.io/name"] === name);
    expect(selected).toEqual([name]);
  });

  it.each([
    ["pulumi-api", 8080, "/api/status", "2000m", "4096Mi"],
    ["pulumi-console", 3000, "/", "500m", "512Mi"],
  ])("%s listens on %d, is judged by %s, and has the vendor's size", (name, port, healthPath, cpu, memory) => {
    const [container] = podOf(run, name).spec.containers;
    expect(container["ports"]).toEqual([{ name: "http", containerPort: port, protocol: "TCP" }]);
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
      expect(container[probe]).toMatchObject({ httpGet: { path: healthPath, port: "http" } });
    }
    expect((container["resources"] as Json)["requests"]).toEqual({ cpu, memory });
  });

  it.each(SERVERS)("%s stops gracefully, is replaced pod by pod, and spreads over zones", (name) => {
    const pod = podOf(run, name);
    expect(pod.spec["terminationGracePeriodSeconds"]).toBe(130);
    expect(pod.spec.containers[0]["lifecycle"]).toEqual({ preStop: { sleep: { seconds: 10 } } });
    expect(spec(run, DEPLOYMENT, name)["strategy"]).toMatchObject({
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    });
    expect(pod.spec["topologySpreadConstraints"]).toContainEqual(
      expect.objectContaining({ topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" }),
    );
  });

  it("roll when a secret changes, by a checksum that only changes then", async () => {
    const checksum = async (config: Json) => {
      const { annotations } = podOf(await runService(config), "pulumi-api").metadata;
      return annotations?.["pulumi-selfhosted/secrets-checksum"];
    };
    const first = await checksum({});
    expect(first).toMatch(/^[0-9a-f]{12}$/);
    expect(await checksum({})).toBe(first);
    expect(await checksum({ licenseKey: "another" })).not.toBe(first);
  });
});

describe("08-service: the order of things", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runService();
  });

  it("is the database's user, then the migrations once, then the pods; no init container (B13)", () => {
    expect(run.one(JOB, "pulumi-migrations").dependsOn).toContain(`${JOB}::pulumi-database-user`);
    for (const name of SERVERS) {
      expect(run.one(DEPLOYMENT, name).dependsOn).toContain(`${JOB}::pulumi-migrations`);
      expect(podOf(run, name).spec["initContainers"]).toBeUndefined();
    }
  });

  it("runs migrations anew for another version, and not for another password", async () => {
    const name = async (config: Json, password = "Owner-Password-1") => {
      const changed = await runService(config, { upstream: { database: { databasePassword: password } } });
      return (changed.one(JOB, "pulumi-migrations").inputs["metadata"] as Json)["name"];
    };
    const first = await name({});
    expect(first).toMatch(/^pulumi-migrations-[0-9a-f]{8}$/);
    expect(await name({}, "Owner-Password-2")).toBe(first);
    expect(await name({ imageTag: "3.45.0" })).not.toBe(first);
  });

  it("names a Job by all that can't be changed in it, also what extras adds to its pods", async () => {
    const migrations = async (config: Json) => (await runService(config)).one(JOB, "pulumi-migrations").inputs;
    const name = (inputs: Json) => (inputs["metadata"] as Json)["name"];
    const podLabels = { "sidecar.istio.io/inject": "false" };
    const changed = await migrations({ extras: { migrations: { podLabels } } });
    expect((changed["spec"] as { template: { metadata: Json } }).template.metadata["labels"]).toMatchObject(podLabels);
    expect(name(changed)).not.toBe(name(await migrations({})));
    expect(name(await migrations({ resources: { migrations: { cpu: 500, memory: 512 } } }))).not.toBe(
      name(await migrations({})),
    );
  });

  it("gives jobs bounded retries and time, and keeps them, so that none runs twice", () => {
    for (const [name, activeDeadlineSeconds] of Object.entries({
      "pulumi-database-user": 600,
      "pulumi-migrations": 3600,
    })) {
      const job = spec(run, JOB, name);
      expect(job).toMatchObject({ backoffLimit: 3, activeDeadlineSeconds });
      expect(job["ttlSecondsAfterFinished"]).toBeUndefined();
    }
  });

  it("gives the API its role, and nobody else one, before it starts", () => {
    const [identity, ...others] = run.ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation");
    expect(others).toEqual([]);
    expect(identity?.inputs).toMatchObject({ namespace: "pulumi-service", serviceAccount: "pulumi-api" });
    expect(run.one(DEPLOYMENT, "pulumi-api").dependsOn).toContain(
      "aws:eks/podIdentityAssociation:PodIdentityAssociation::api",
    );
  });

  it("starts pods only when the load balancer is ready to take them", () => {
    for (const name of SERVERS) {
      const { dependsOn } = run.one(DEPLOYMENT, name);
      expect(dependsOn).toContain("aws:lb/listenerRule:ListenerRule::attach-api");
      expect(dependsOn).toContain(`kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding::${name}`);
    }
  });

  it("gives the API's user another password when asked to", async () => {
    const rotated = await runService({ apiDatabasePasswordRotation: 2 });
    const keepers = (of: Run) =>
      of.one("random:index/randomPassword:RandomPassword", "api-database-user").inputs["keepers"];
    expect(keepers(run)).toEqual({ rotation: "1" });
    expect(keepers(rotated)).toEqual({ rotation: "2" });
  });

  it("says beforehand where the logs of Jobs are that fail, also when only a run of theirs is new", async () => {
    const info = jest.spyOn(pulumi.log, "info").mockResolvedValue(undefined);
    const said = async (config: Json, published: Json) => {
      info.mockClear();
      await runService(config, { upstream: { service: published } });
      return info.mock.calls.map(([text]) => text).filter((text) => text.includes("kubectl logs"));
    };
    const living = { version: "3.44.0", schema: "3.44.0" };
    expect(await said({}, living)).toEqual([]);
    const [again] = await said({ migrationsRun: 2 }, living);
    for (const name of JOBS) {
      expect(again).toContain(`kubectl logs -n pulumi-service -l app.kubernetes.io/name=${name} --tail=-1`);
    }
    const user = { apiDatabaseUsername: "theirs", apiDatabasePassword: "Theirs-1" };
    expect((await said({ ...user, imageTag: "3.45.0" }, living)).join()).not.toContain("pulumi-database-user");
    info.mockRestore();
  });

  it("makes no user when one is given", async () => {
    const given = await runService({ apiDatabaseUsername: "theirs", apiDatabasePassword: "Theirs-1" });
    expect(given.ofType(JOB).map(({ name }) => name)).toEqual(["pulumi-migrations"]);
  });
});

describe("08-service: network policies", () => {
  it("deny all, then let each component have what it needs and nothing else", async () => {
    const run = await runService({ smtpServer: "smtp.example.com:587", smtpGenericSender: "a@example.com" });
    const policy = (name: string) => spec(run, "kubernetes:networking.k8s.io/v1:NetworkPolicy", name);
    expect(policy("default-deny")).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
      egress: [],
    });
    const ports = (rules: unknown) =>
      (rules as { ports: { port: number }[] }[]).map((rule) => rule.ports.map(({ port }) => port));
    expect(ports(policy("pulumi-api")["ingress"])).toEqual([[8080]]);
    expect(ports(policy("pulumi-api")["egress"])).toEqual([[53, 53], [443, 3306, 587], [80]]);
    expect(ports(policy("pulumi-console")["ingress"])).toEqual([[3000]]);
    expect(ports(policy("pulumi-console")["egress"])).toEqual([[53, 53], [8080], [443]]);
    for (const name of JOBS) {
      expect(policy(name)["ingress"]).toEqual([]);
      expect(ports(policy(name)["egress"])).toEqual([[53, 53], [3306]]);
      expect(policy(name)["podSelector"]).toEqual({ matchLabels: { "app.kubernetes.io/name": name } });
    }
  });

  it("let a component reach the addresses that extras gives it, a proxy above all, and no other component", async () => {
    const proxy = (url: string) => ({ environment: { HTTPS_PROXY: url, NO_PROXY: "169.254.170.23,.svc" } });
    const run = await runService({
      extras: { api: proxy("http://proxy.example.com:3128"), migrations: proxy("http://proxy.example.com") },
    });
    const ports = (name: string) => {
      const { egress } = spec(run, "kubernetes:networking.k8s.io/v1:NetworkPolicy", name) as {
        egress: { to?: unknown; ports: { port: number }[] }[];
      };
      // The last of those that lead anywhere: what a component has besides DNS.
      return egress
        .filter(({ to }) => to === undefined)
        .at(-1)
        ?.ports.map(({ port }) => port);
    };
    expect(ports("pulumi-api")).toEqual([443, 3306, 3128]);
    expect(ports("pulumi-migrations")).toEqual([3306, 80]);
    expect(ports("pulumi-console")).toEqual([443]);
    expect(ports("pulumi-database-user")).toEqual([3306]);
  });
});
