import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Run } from "../../support/mocks";
import { runEverything } from "./everything";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const SECRET = "kubernetes:core/v1:Secret";
const PROJECT = "kubernetes:argoproj.io/v1alpha1:AppProject";
const APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application";

describe("04-cluster-services with Argo CD", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runEverything();
  });

  it("deploys the cluster's directory of the repository, and keeps the cluster to it", () => {
    expect(run.error).toBeUndefined();
    const application = run.one(APPLICATION);
    expect(application.inputs["spec"]).toMatchObject({
      project: "default",
      source: {
        repoURL: "https://github.com/example/clusters.git",
        path: "clusters/prod",
        targetRevision: "HEAD",
      },
      destination: { server: "https://kubernetes.default.svc" },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    });
    // Definitions come with the chart; and without the Secret the first sync would fail.
    expect(application.dependsOn).toEqual(expect.arrayContaining([`${RELEASE}::argocd`, `${SECRET}::git-repository`]));
  });

  it("leaves what Git deployed running when this stack goes", () => {
    expect(run.one(APPLICATION).inputs["metadata"]).toEqual({ name: "cluster", namespace: "argocd" });
  });

  it("opens the repository with a Secret that Argo CD recognises", () => {
    const { metadata, stringData } = run.one(SECRET, "git-repository").inputs;
    expect(metadata).toMatchObject({
      namespace: "argocd",
      labels: { "argocd.argoproj.io/secret-type": "repository" },
    });
    expect(stringData).toEqual({
      type: "git",
      url: "https://github.com/example/clusters.git",
      username: "deploy",
      password: "Git-Secret-1",
    });
  });

  it("gives each team a project of its repositories and namespaces, and nothing of the whole cluster", () => {
    const projects = run.ofType(PROJECT).map(({ inputs }) => inputs);
    expect(projects.map(({ metadata }) => metadata)).toEqual([
      { name: "payments", namespace: "argocd" },
      { name: "search", namespace: "argocd" },
    ]);
    expect(projects[1]?.["spec"]).toMatchObject({
      sourceRepos: ["https://github.com/example/search.git"],
      destinations: [
        { server: "https://kubernetes.default.svc", namespace: "search" },
        { server: "https://kubernetes.default.svc", namespace: "search-jobs" },
      ],
      clusterResourceWhitelist: [],
    });
  });

  it("lends no team the platform's rights: neither its secrets, nor its load balancer's targets, nor a Role to get there", () => {
    for (const { inputs } of run.ofType(PROJECT)) {
      const { namespaceResourceBlacklist: list } = inputs["spec"] as { namespaceResourceBlacklist: Forbidden[] };
      const isForbidden = (group: string, kind: string) =>
        list.some((one) => one.group === group && ["*", kind].includes(one.kind));
      expect(isForbidden("external-secrets.io", "ExternalSecret")).toBe(true);
      // One without credentials of its own uses the operator's.
      expect(isForbidden("external-secrets.io", "SecretStore")).toBe(true);
      expect(isForbidden("elbv2.k8s.aws", "TargetGroupBinding")).toBe(true);
      expect(isForbidden("rbac.authorization.k8s.io", "RoleBinding")).toBe(true);
      expect(isForbidden("", "ResourceQuota")).toBe(true);
      expect(isForbidden("apps", "Deployment")).toBe(false);
    }
  });

  it("lets a team's groups do what they were given, within the team's project", () => {
    const spec = (name: string) => run.one(PROJECT, `team-${name}`).inputs["spec"] as { roles: Role[] };
    const [deployer, viewer] = spec("payments").roles;
    expect(deployer?.groups).toEqual(["payments-developers"]);
    expect(deployer?.policies).toContain("p, proj:payments:deployer, applications, sync, payments/*, allow");
    expect(viewer).toMatchObject({ groups: [] });
    expect(viewer?.policies).toEqual([
      "p, proj:payments:viewer, applications, get, payments/*, allow",
      "p, proj:payments:viewer, logs, get, payments/*, allow",
    ]);
    const all = ["payments", "search"].flatMap((name) =>
      spec(name).roles.flatMap(({ policies }) => policies.map((policy) => [name, policy] as const)),
    );
    expect(all.filter(([name, policy]) => !policy.endsWith(`, ${name}/*, allow`))).toEqual([]);
  });

  it("signs people in by groups, and nobody else sees anything", () => {
    const { configs } = run.one(RELEASE, "argocd").inputs["values"] as { configs: Configs };
    expect(configs.rbac).toEqual({
      "policy.default": "",
      "policy.csv": 'g, "platform-admins", role:admin',
      scopes: "[groups]",
    });
    expect(configs.cm["admin.enabled"]).toBe("false");
    expect(JSON.parse(configs.cm["oidc.config"] ?? "")).toMatchObject({
      issuer: "https://id.example.com",
      clientID: "argocd",
      clientSecret: "$argocd-oidc:clientSecret",
    });
    expect(run.one(SECRET, "argocd-oidc").inputs["metadata"]).toMatchObject({
      labels: { "app.kubernetes.io/part-of": "argocd" },
    });
    expect(run.one(RELEASE, "argocd").dependsOn).toContain(`${SECRET}::argocd-oidc`);
  });

  it("keeps the definitions, and with them all Applications, when the chart goes", () => {
    expect(run.one(RELEASE, "argocd").inputs["values"]).toMatchObject({ crds: { install: true, keep: true } });
  });

  it("reads a repository over SSH with a key", async () => {
    const ssh = await runEverything({
      gitRepository: "git@github.com:example/clusters.git",
      gitUsername: "",
      gitPassword: "",
      gitSshPrivateKey: "Ssh-Key-1",
    });
    expect(ssh.error).toBeUndefined();
    expect(ssh.one(SECRET, "git-repository").inputs["stringData"]).toEqual({
      type: "git",
      url: "git@github.com:example/clusters.git",
      sshPrivateKey: "Ssh-Key-1",
    });
  });
});

interface Role {
  readonly groups: string[];
  readonly policies: string[];
}

interface Configs {
  readonly cm: Readonly<Record<string, string>>;
  readonly rbac: unknown;
}

interface Forbidden {
  readonly group: string;
  readonly kind: string;
}
