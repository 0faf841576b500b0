import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import { charts } from "@selfhosted/common/images";
import { applicationHealth } from "./applications";
import { imageValues } from "./charts";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { releaseChart } from "./installing";
import { makeNamespace } from "./namespaces";
import { IN_CLUSTER, makeTeams } from "./teams";

const NAMESPACE = "argocd";

/**
 * Argo CD, told of one directory of one Git repository: what its kustomization names runs in the cluster, and a change
 * there is a change here. Applications that another group looks after belong to that team's AppProject.
 * Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/cluster-bootstrapping/
 */
export function makeArgoCd(config: ClusterServicesConfig, cluster: Cluster): void {
  const { settings } = config;
  const chart = charts.argoCd;
  const namespace = makeNamespace(cluster, NAMESPACE, "restricted");
  const place = { ...cluster.objects, dependsOn: [namespace] };
  const signIn = settings.argoCdOidcIssuer === undefined ? undefined : makeSignIn(config, cluster, namespace);
  const twice = { replicas: 2, pdb: { enabled: true, maxUnavailable: 1 } };
  const release = releaseChart(
    config,
    "argocd",
    chart,
    {
      namespace: NAMESPACE,
      values: {
        // As its documentation calls everything: argocd-server and so on.
        fullnameOverride: "argocd",
        global: { image: imageValues(config, chart, "argocd") },
        redis: { image: imageValues(config, chart, "redis") },
        // Kept when the chart goes: deleting the definitions deletes every Application with all that it runs.
        crds: { install: true, keep: true },
        controller: { resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { memory: "2Gi" } } },
        server: twice,
        repoServer: { ...twice, resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } } },
        applicationSet: twice,
        dex: { enabled: false },
        notifications: { enabled: false },
        configs: {
          cm: {
            "application.resourceTrackingMethod": "annotation",
            ...(cluster.files && applicationHealth),
            ...signIn?.cm,
          },
          // Without a role, signed in or not, nobody sees anything.
          rbac: { "policy.default": "", "policy.csv": adminsOf(config), scopes: "[groups]" },
        },
      },
    },
    { ...cluster.releases, dependsOn: [namespace, ...(signIn?.dependsOn ?? [])] },
  );
  const repoURL = asked(settings.gitRepository, "gitRepository");
  const credentials: Record<string, pulumi.Input<string>> = {
    ...(settings.gitSshPrivateKey && { sshPrivateKey: settings.gitSshPrivateKey }),
    ...(settings.gitPassword && { username: settings.gitUsername ?? "", password: settings.gitPassword }),
  };
  const repository = new k8s.core.v1.Secret(
    "git-repository",
    {
      metadata: {
        name: "git-repository",
        namespace: NAMESPACE,
        labels: { "argocd.argoproj.io/secret-type": "repository" },
      },
      stringData: { type: "git", url: repoURL, ...credentials },
    },
    place,
  );
  new k8s.apiextensions.CustomResource(
    "cluster",
    {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      // No finalizer that deletes what it deployed: a destroy of this stack leaves the cluster's applications running.
      metadata: { name: "cluster", namespace: NAMESPACE },
      spec: {
        project: "default",
        source: { repoURL, path: asked(settings.gitPath, "gitPath"), targetRevision: settings.gitRevision },
        destination: { server: IN_CLUSTER, namespace: NAMESPACE },
        syncPolicy: {
          automated: { prune: true, selfHeal: true },
          syncOptions: ["CreateNamespace=true", "ServerSideApply=true"],
          retry: { limit: 5, backoff: { duration: "10s", factor: 2, maxDuration: "5m" } },
        },
      },
    },
    { ...cluster.objects, dependsOn: [release, repository] },
  );
  makeTeams(config, cluster, release);
}

/** Sign-in at the operator's identity provider; Argo CD's own `admin` is then off. */
function makeSignIn({ settings }: ClusterServicesConfig, cluster: Cluster, namespace: k8s.core.v1.Namespace) {
  const secret = new k8s.core.v1.Secret(
    "argocd-oidc",
    {
      metadata: {
        name: "argocd-oidc",
        namespace: NAMESPACE,
        // Argo CD reads values only of Secrets with this label.
        labels: { "app.kubernetes.io/part-of": "argocd" },
      },
      stringData: { clientSecret: asked(settings.argoCdOidcClientSecret, "argoCdOidcClientSecret") },
    },
    { ...cluster.objects, dependsOn: [namespace] },
  );
  const oidc = {
    name: "Single sign-on",
    issuer: settings.argoCdOidcIssuer,
    clientID: settings.argoCdOidcClientId,
    clientSecret: "$argocd-oidc:clientSecret",
    requestedScopes: ["openid", "profile", "email", "groups"],
  };
  // JSON is YAML, which Argo CD expects here.
  const cm = { url: settings.argoCdUrl, "admin.enabled": "false", "oidc.config": JSON.stringify(oidc) };
  return { cm, dependsOn: [secret] };
}

function adminsOf({ settings }: ClusterServicesConfig): string {
  return settings.argoCdAdminGroups.map((group) => `g, ${JSON.stringify(group)}, role:admin`).join("\n");
}
