import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { makeNamespace } from "./namespaces";
import type { Team } from "./team";

/**
 * One AppProject a team: its Applications come from its repositories and go to its namespaces, and own nothing that
 * belongs to the whole cluster. The namespaces are made here, so that no team chooses its own Pod Security.
 * Source: https://argo-cd.readthedocs.io/en/stable/user-guide/projects/
 */
export function makeTeams({ settings }: ClusterServicesConfig, cluster: Cluster, argoCd: pulumi.Resource): void {
  for (const team of settings.teams) {
    for (const namespace of team.namespaces) makeNamespace(cluster, namespace, team.podSecurity ?? "restricted");
    new k8s.apiextensions.CustomResource(
      `team-${team.name}`,
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "AppProject",
        metadata: { name: team.name, namespace: "argocd" },
        spec: {
          sourceRepos: team.repositories,
          destinations: team.namespaces.map((namespace) => ({ server: IN_CLUSTER, namespace })),
          clusterResourceWhitelist: [],
          namespaceResourceBlacklist: forbidden,
          roles: rolesOf(team),
        },
      },
      { ...cluster.objects, dependsOn: [argoCd] },
    );
  }
}

/**
 * What no team may have in its namespaces: what bounds the team itself, and what would lend it the platform's rights in
 * AWS. External Secrets reads every secret of the installation for whoever asks, and the load balancer controller puts
 * anybody's pods before the service's users. Roles too, for Argo CD may make any: a pod that has one could make the rest.
 */
const forbidden = [
  { group: "", kind: "LimitRange" },
  { group: "", kind: "ResourceQuota" },
  { group: "rbac.authorization.k8s.io", kind: "*" },
  { group: "external-secrets.io", kind: "*" },
  { group: "generators.external-secrets.io", kind: "*" },
  { group: "elbv2.k8s.aws", kind: "*" },
];

/** The cluster that Argo CD runs in, as it names it. */
export const IN_CLUSTER = "https://kubernetes.default.svc";

/** Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/rbac/ */
function rolesOf({ name, deployers = [], viewers = [] }: Team) {
  const rule = (role: string, resource: string, action: string) =>
    `p, proj:${name}:${role}, ${resource}, ${action}, ${name}/*, allow`;
  const reading = (role: string) => [rule(role, "applications", "get"), rule(role, "logs", "get")];
  return [
    {
      name: "deployer",
      description: "changes, syncs and deletes the team's Applications",
      policies: [
        ...reading("deployer"),
        ...["create", "update", "delete", "sync", "action/*"].map((action) => rule("deployer", "applications", action)),
      ],
      groups: deployers,
    },
    {
      name: "viewer",
      description: "looks at the team's Applications and logs",
      policies: reading("viewer"),
      groups: viewers,
    },
  ];
}
