import { beforeAll, describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { charts } from "@selfhosted/common/images";
import { withoutSecrets } from "../../../04-cluster-services/applications";
import { type Run, type RunOptions } from "../../support/mocks";
import { runEverything } from "./everything";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application";
const PROVIDER = "pulumi:providers:kubernetes";

interface Application {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations: Record<string, string>;
  };
  readonly spec: {
    readonly source: {
      readonly repoURL: string;
      readonly chart: string;
      readonly targetRevision: string;
      readonly helm: { readonly releaseName: string; readonly valuesObject: unknown };
    };
    readonly destination: { readonly namespace: string };
    readonly syncPolicy: { readonly syncOptions: string[] };
  };
}

/** Applications that are written to files, by their logical name; the one of Git itself is Pulumi's. */
function written(run: Run): Map<string, Application> {
  const rendered = run.ofType(APPLICATION).filter(({ provider }) => provider.includes("gitops-"));
  return new Map(rendered.map(({ name, inputs }) => [name, inputs as unknown as Application]));
}
const releasesOf = (run: Run) => new Map(run.ofType(RELEASE).map((release) => [release.name, release]));
const keptByPulumi = ["argocd", "load-balancer-controller"];

describe.each(["cluster-autoscaler", "karpenter"])("04-cluster-services delivered by GitOps (%s)", (autoscaling) => {
  let run: Run;
  let applied: Run;
  beforeAll(async () => {
    run = await runEverything({ deliver: "gitops", autoscaling });
    applied = await runEverything({ autoscaling });
  });

  it("writes every chart but the two without which nothing from Git would come", () => {
    expect(run.error).toBeUndefined();
    expect([...releasesOf(run).keys()].sort()).toEqual(keptByPulumi);
    const charted = [...releasesOf(applied).keys()].filter((name) => !keptByPulumi.includes(name));
    expect(charted.length).toBeGreaterThan(8);
    expect([...written(run).keys()].sort()).toEqual(charted.sort());
    expect(run.outputs["delivery"]).toBe("gitops");
  });

  it("says in each file the very release that Pulumi would make, so that what runs is taken over", () => {
    for (const [name, { metadata, spec }] of written(run)) {
      const release = releasesOf(applied).get(name)?.inputs ?? {};
      const { source, destination, syncPolicy } = spec;
      const repository = (release["repositoryOpts"] as { repo?: string } | undefined)?.repo;
      expect([source.helm.releaseName, destination.namespace, source.targetRevision, source.helm.valuesObject]).toEqual(
        [...[release["name"], release["namespace"], release["version"], release["values"]]],
      );
      expect(`${repository === undefined ? "oci://" : ""}${source.repoURL}`).toBe(
        repository ?? String(release["chart"]).replace(`/${source.chart}`, ""),
      );
      expect(metadata).toMatchObject({ name: release["name"], namespace: "argocd" });
      // One that deletes what it deployed would stop pods on the way back.
      expect(metadata).not.toHaveProperty("finalizers");
      expect(syncPolicy.syncOptions).toEqual(["CreateNamespace=false", "ServerSideApply=true"]);
    }
  });

  it("brings up nodes, certificates and secrets before what needs them, and waits for each wave", () => {
    const waveOf = (name: string) => written(run).get(name)?.metadata.annotations["argocd.argoproj.io/sync-wave"];
    const early = [autoscaling, "cert-manager", "external-secrets"];
    for (const name of written(run).keys())
      expect([name, waveOf(name)]).toEqual([name, early.includes(name) ? "1" : "3"]);
    const objects = ["ClusterSecretStore", "EC2NodeClass", "NodePool"];
    const withCharts = run.resources.filter(({ inputs }) => objects.includes(String(inputs["kind"])));
    expect(withCharts).toHaveLength(autoscaling === "karpenter" ? 4 : 1);
    for (const { inputs, provider } of withCharts) {
      expect(provider).toContain("gitops-objects");
      expect(inputs["metadata"]).toMatchObject({ annotations: { "argocd.argoproj.io/sync-wave": "2" } });
    }
    const cm = (of: Run) =>
      (releasesOf(of).get("argocd")?.inputs["values"] as { configs: { cm: Record<string, string> } }).configs.cm;
    const health = "resource.customizations.health.argoproj.io_Application";
    expect(cm(run)[health]).toContain("obj.status");
    expect(cm(applied)).not.toHaveProperty([health]);
  });

  it("writes no secret and no Secret: they are Pulumi's, and named in the values", () => {
    const rendered = run.resources.filter(({ provider }) => provider.includes("gitops-"));
    expect(rendered.length).toBeGreaterThan(8);
    for (const { type, name, inputs, readable } of rendered) {
      expect([type, name, /Secret-1|\[secret\]/.exec(JSON.stringify(inputs) + readable)]).toEqual([type, name, null]);
      expect(type).not.toBe("kubernetes:core/v1:Secret");
    }
    expect(run.ofType("kubernetes:core/v1:Secret").map(({ name }) => name)).toEqual(
      applied.ofType("kubernetes:core/v1:Secret").map(({ name }) => name),
    );
    expect(JSON.stringify(written(run).get("log-forwarding"))).toContain(
      '"secretKeyRef":{"key":"password","name":"log-forwarding"}',
    );
  });

  it("leaves namespaces, roles and everything in AWS with Pulumi, unchanged", () => {
    const rest = (of: Run) =>
      of.resources
        .filter(
          ({ type }) => ![RELEASE, APPLICATION, PROVIDER].includes(type) && !/Secret|Node(?:Pool|Class)/.test(type),
        )
        .map(({ type, name, inputs }) => [type, name, inputs]);
    expect(rest(run)).toEqual(rest(applied));
  });
});

describe("04-cluster-services delivered by GitOps", () => {
  it("names the registry of copies as Argo CD wants it, and the version that was asked for", async () => {
    const run = await runEverything({
      ...{ deliver: "gitops", gitopsDirectory: "manifests", chartRegistry: "oci://registry.example.com/charts" },
      chartVersions: { flagger: "1.43.0" },
    });
    expect(written(run).get("flagger")?.spec.source).toMatchObject({
      repoURL: "registry.example.com/charts",
      chart: "flagger",
      targetRevision: "1.43.0",
    });
    const directories = run.ofType(PROVIDER).flatMap(({ inputs }) => inputs["renderYamlToDirectory"] ?? []);
    expect(directories.sort()).toEqual(["manifests/1-base", "manifests/2-objects", "manifests/3-services"]);
  });

  it("is refused without Argo CD", async () => {
    const { error, resources } = await runEverything({ deliver: "gitops", services: ["falco"] });
    expect(error?.message).toContain("deliver gitops writes Applications for Argo CD, which is not in services");
    expect(resources).toEqual([]);
  });

  it("ends rather than write a secret that a chart's values hold, however deep", async () => {
    const values = (password: pulumi.Input<string>) => ({ deep: [{ password }] });
    await expect(withoutSecrets(charts.falco, values(pulumi.output("plain")))).resolves.toBeDefined();
    await expect(withoutSecrets(charts.falco, values(pulumi.secret("Canary-1")))).rejects.toThrow(
      "the values of the chart falco hold a secret",
    );
  });
});

describe("04-cluster-services: from Pulumi to GitOps", () => {
  const living = (delivery: string | undefined): RunOptions => ({
    upstream: { clusterServices: { loadBalancerControllerVersion: "3.5.0", delivery } },
  });

  it("goes by a handover: without it Pulumi would uninstall what it installed", async () => {
    for (const before of [undefined, "apply"]) {
      const { error, resources } = await runEverything({ deliver: "gitops" }, living(before));
      expect(error?.message).toContain(
        "would delete them with deliver gitops; run `pulumi config set deliver handover",
      );
      expect(resources).toEqual([]);
    }
    expect((await runEverything({}, living("gitops"))).error?.message).toContain("Pulumi can't make twice");
    expect((await runEverything({ deliver: "handover" }, living("apply"))).error).toBeUndefined();
    expect((await runEverything({ deliver: "gitops" }, living("handover"))).error).toBeUndefined();
  });

  it("hands over what moves, and nothing that stays", async () => {
    const handed = await runEverything({ deliver: "handover", autoscaling: "karpenter" });
    const moving = written(await runEverything({ deliver: "gitops", autoscaling: "karpenter" }));
    const kept = handed.resources.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name);
    expect(kept.sort()).toEqual([...moving.keys(), "aws-secret-store", "default", "stateful", "stateless"].sort());
    expect(handed.one(PROVIDER, "cluster").inputs["upsertExistingObjects"]).toBe("true");
    const applied = await runEverything();
    expect(applied.resources.filter(({ retainOnDelete }) => retainOnDelete)).toEqual([]);
    expect(applied.one(PROVIDER, "cluster").inputs["upsertExistingObjects"]).toBeUndefined();
  });
});
