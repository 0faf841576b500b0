import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { asked, podRole, shared } from "@selfhosted/common";
import { chartProvider, clusterProvider, dyingWithCluster } from "@selfhosted/common/kubernetes";
import type { ClusterServicesConfig } from "./config";

/** The cluster as this stack's nouns use it. */
export interface Cluster {
  readonly name: string;
  /** For Kubernetes objects. */
  readonly objects: pulumi.CustomResourceOptions & { readonly provider: k8s.Provider };
  /** For Helm releases. */
  readonly releases: { readonly provider: k8s.Provider };
  /** For AWS's records of what is in the cluster: add-ons, associations. */
  readonly records: pulumi.CustomResourceOptions;
}

export function openCluster({ upstream }: ClusterServicesConfig): Cluster {
  const { clusterName, kubeconfig } = upstream.cluster;
  const dying = dyingWithCluster(kubeconfig);
  return {
    name: clusterName,
    objects: { ...dying, provider: clusterProvider(kubeconfig, clusterName) },
    releases: { provider: chartProvider(kubeconfig) },
    records: dying,
  };
}

/** Pods with a role in AWS, as a chart needs them described. */
export interface PodsWithRole {
  readonly namespace: string;
  /** Values of the chart's service account. */
  readonly serviceAccount: {
    readonly create: true;
    readonly name: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** Pods get their role when they start, so whatever starts them depends on this. */
  readonly dependsOn: pulumi.Resource[];
}

/** Hands a role to the pods it is for. */
export function bindRole(
  { tags, upstream }: ClusterServicesConfig,
  cluster: Cluster,
  role: shared.PodRoleName & keyof ClusterServicesConfig["upstream"]["iam"],
): PodsWithRole {
  const { namespace, name } = shared.podServiceAccounts[role];
  const roleArn = asked(upstream.iam[role], role);
  const podCredentials = asked(upstream.iam.podCredentials, "podCredentials");
  const { annotations, resources } = podRole(
    name,
    { role, roleArn, podCredentials, clusterName: cluster.name, tags },
    cluster.records,
  );
  return { namespace, serviceAccount: { create: true, name, annotations }, dependsOn: [...resources] };
}

/** Component of a physical name in AWS that a second cluster of the same installation would make as well. */
export function colored({ upstream }: ClusterServicesConfig, component: string): string {
  return shared.colored(component, upstream.cluster.color);
}
