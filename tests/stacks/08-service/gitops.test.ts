import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Run } from "../../support/mocks";
import { podOf, runService, variablesOf } from "./run";

const SECRET = "kubernetes:core/v1:Secret";
const EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret";
const PROVIDER = "pulumi:providers:kubernetes";
const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:pulumi/test/license-AbCdEf";
const gitops = { deliver: "gitops" };

type Json = Record<string, unknown>;
const annotationsOf = (inputs: Json) => (inputs["metadata"] as Json)["annotations"] as Record<string, string>;
const objectsOf = (run: Run) => run.resources.filter(({ type }) => type.startsWith("kubernetes:"));
const stageOf = (run: Run, type: string, name: string) => /gitops-([\w-]+)/.exec(run.one(type, name).provider)?.[1];

describe("08-service delivered by GitOps", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runService(
      { ...gitops, agGridLicenseKey: "Canary-grid" },
      { secrets: ["licenseKey", "agGridLicenseKey"] },
    );
  });

  it("writes every object to files, a directory for each stage, and none to the cluster", () => {
    expect(run.error).toBeUndefined();
    const directories = run.ofType(PROVIDER).map(({ inputs }) => inputs["renderYamlToDirectory"]);
    expect(directories.sort()).toEqual([
      "gitops/test/1-base",
      "gitops/test/2-database-user",
      "gitops/test/3-migrations",
      "gitops/test/4-service",
    ]);
    for (const { inputs } of run.ofType(PROVIDER)) expect(inputs["kubeconfig"]).toBe("");
    for (const { type, name, provider } of objectsOf(run))
      expect([type, name, provider]).toEqual([type, name, expect.stringContaining("gitops-")]);
  });

  it("gates the servers by the migrations, and these by the database's user: in waves, and in directories", () => {
    expect(stageOf(run, "kubernetes:core/v1:Namespace", "service")).toBe("base");
    expect(stageOf(run, "kubernetes:core/v1:ServiceAccount", "pulumi-api")).toBe("base");
    expect(stageOf(run, EXTERNAL, "pulumi-migrations")).toBe("base");
    expect(stageOf(run, "kubernetes:batch/v1:Job", "pulumi-database-user")).toBe("database-user");
    expect(stageOf(run, "kubernetes:batch/v1:Job", "pulumi-migrations")).toBe("migrations");
    expect(stageOf(run, "kubernetes:apps/v1:Deployment", "pulumi-api")).toBe("service");
    const waves = ["base", "database-user", "migrations", "service"];
    for (const { inputs, provider } of objectsOf(run)) {
      const stage = /gitops-([\w-]+)/.exec(provider)?.[1] ?? "";
      expect(annotationsOf(inputs)["argocd.argoproj.io/sync-wave"]).toBe(String(waves.indexOf(stage) + 1));
    }
  });

  it("writes no Secret: values go to Secrets Manager, files have references that outlive themselves", () => {
    expect(run.ofType(SECRET)).toEqual([]);
    const kept = run.one("aws:secretsmanager/secret:Secret", "pulumi-api");
    const external = run.one(EXTERNAL, "pulumi-api").inputs;
    expect(external["spec"]).toMatchObject({
      secretStoreRef: { kind: "ClusterSecretStore", name: "aws" },
      target: { name: "pulumi-api", creationPolicy: "Orphan", deletionPolicy: "Retain" },
    });
    expect((external["spec"] as Json)["data"]).toContainEqual({
      secretKey: "PULUMI_LICENSE_KEY",
      remoteRef: { key: kept.inputs["name"], property: "PULUMI_LICENSE_KEY" },
    });
    for (const { type, name, inputs } of objectsOf(run)) {
      expect([type, name, JSON.stringify(inputs).match(/Canary-[\w-]+|Generated-[\w-]+/g)]).toEqual([type, name, null]);
    }
    expect(run.one("aws:secretsmanager/secretVersion:SecretVersion", "pulumi-console").readable).not.toContain(
      "Canary",
    );
  });

  it("rolls pods and has the operator look again when a secret changes", async () => {
    const checksums = (of: Run) => [
      podOf(of, "pulumi-api").metadata.annotations?.["pulumi-selfhosted/secrets-checksum"],
      annotationsOf(of.one(EXTERNAL, "pulumi-api").inputs)["pulumi-selfhosted/secrets-checksum"],
    ];
    const [pod, external] = checksums(run);
    expect(pod).toMatch(/^[0-9a-f]{12}$/);
    expect(external).toBe(pod);
    expect(checksums(await runService({ ...gitops, licenseKey: "another" }))[0]).not.toBe(pod);
  });

  it("refers to secrets that are kept elsewhere, and reads none of them", async () => {
    const other = await runService({
      ...{ ...gitops, licenseKey: undefined, gitopsSecretStore: "corp", gitopsDirectory: "manifests" },
      secretSources: { licenseKey: { secretArn: ARN, jsonKey: "jwt" } },
      extras: { api: { secretEnvironment: { TOKEN: { secretName: "tokens", key: "api" } } } },
    });
    const spec = other.one(EXTERNAL, "pulumi-api").inputs["spec"] as Json;
    expect(spec["secretStoreRef"]).toEqual({ kind: "ClusterSecretStore", name: "corp" });
    expect(spec["data"]).toContainEqual({
      secretKey: "PULUMI_LICENSE_KEY",
      remoteRef: { key: ARN, property: "jwt" },
    });
    expect(variablesOf(other, "pulumi-api")).toEqual(
      expect.arrayContaining([
        { name: "PULUMI_LICENSE_KEY", valueFrom: { secretKeyRef: { name: "pulumi-api", key: "PULUMI_LICENSE_KEY" } } },
        { name: "TOKEN", valueFrom: { secretKeyRef: { name: "tokens", key: "api" } } },
      ]),
    );
    expect(other.invokes).not.toContain("aws:secretsmanager/getSecretVersion:getSecretVersion");
  });

  it("gives the very pods that Pulumi would apply, so that none is replaced by a move", async () => {
    const applied = await runService(
      { agGridLicenseKey: "Canary-grid" },
      { secrets: ["licenseKey", "agGridLicenseKey"] },
    );
    for (const name of ["pulumi-api", "pulumi-console", "pulumi-migrations", "pulumi-database-user"]) {
      expect(podOf(run, name)).toEqual(podOf(applied, name));
    }
    const job = (of: Run) =>
      (of.one("kubernetes:batch/v1:Job", "pulumi-migrations").inputs["metadata"] as Json)["name"];
    expect(job(run)).toBe(job(applied));
  });
});

describe("08-service: from Pulumi to GitOps", () => {
  const living = (delivery: string | undefined) => ({
    upstream: { service: { version: "3.44.0", ...(delivery !== undefined && { delivery }) } },
  });

  it("goes by a handover: without it Pulumi would delete what it applied", async () => {
    for (const before of [undefined, "apply"]) {
      const { error, resources } = await runService(gitops, living(before));
      expect(error?.message).toContain(
        "would delete them with deliver gitops; run `pulumi config set deliver handover",
      );
      expect(resources).toEqual([]);
    }
    const back = await runService({}, living("gitops"));
    expect(back.error?.message).toContain("Pulumi can't make twice; run `pulumi config set deliver handover");
    expect((await runService({ deliver: "handover" }, living("gitops"))).error).toBeUndefined();
    expect((await runService(gitops, living("handover"))).error).toBeUndefined();
    expect((await runService(gitops)).error).toBeUndefined();
  });

  it("hands over everything in the cluster, and nothing else; and takes what is there", async () => {
    const handed = await runService({ deliver: "handover" });
    const takes = (of: Run) => of.one(PROVIDER, "cluster").inputs["upsertExistingObjects"];
    expect([takes(handed), takes(await runService())]).toEqual(["true", undefined]);
    const kept = handed.resources.filter(({ retainOnDelete }) => retainOnDelete).map(({ type }) => type);
    expect(kept.sort()).toEqual(
      objectsOf(handed)
        .map(({ type }) => type)
        .sort(),
    );
    expect((await runService()).resources.filter(({ retainOnDelete }) => retainOnDelete)).toEqual([]);
  });

  it("is refused on Fargate, which has no objects", async () => {
    const { error } = await runService({ ...gitops, platform: "fargate" });
    expect(error?.message).toContain("deliver means nothing on fargate");
  });
});
