import * as aws from "@pulumi/aws";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
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

/**
 * Hands a role to the pods of one service account. Pods get it when they start, so whatever starts them depends on this.
 */
export function bindRole(
  { tags }: ClusterServicesConfig,
  cluster: Cluster,
  serviceAccount: { readonly namespace: string; readonly name: string },
  roleArn: string,
): aws.eks.PodIdentityAssociation {
  return new aws.eks.PodIdentityAssociation(
    serviceAccount.name,
    {
      clusterName: cluster.name,
      namespace: serviceAccount.namespace,
      serviceAccount: serviceAccount.name,
      roleArn,
      tags,
    },
    cluster.records,
  );
}
