import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { asked, shared } from "@selfhosted/common";
import { clusterProvider, dyingWithCluster } from "@selfhosted/common/kubernetes";
import type { ServiceConfig } from "../config";

/** Where the service's objects go. */
export interface Place {
  readonly namespace: string;
  /** Options that send an object to the cluster, once the namespace and `resources` are there. */
  after(
    resources?: readonly pulumi.Resource[],
  ): pulumi.CustomResourceOptions & { readonly dependsOn: pulumi.Resource[] };
  /** Options of AWS's records of what is in the cluster. */
  readonly records: pulumi.CustomResourceOptions;
}

/**
 * The service's namespace. Pods that don't keep to Pod Security's `restricted` level are refused; and the load balancer
 * controller counts a pod as ready only when the load balancer reaches it, so a rollout never outruns it.
 */
export function makeNamespace({ settings, upstream }: ServiceConfig): Place {
  const { kubeconfig, clusterName } = asked(upstream.cluster, "the cluster");
  const provider = clusterProvider(kubeconfig, clusterName);
  const dying = dyingWithCluster(kubeconfig, settings.blueGreen);
  const namespace = new k8s.core.v1.Namespace(
    "service",
    {
      metadata: {
        name: shared.serviceNamespace,
        labels: {
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/audit": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
          "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled",
        },
      },
    },
    { ...dying, provider },
  );
  return {
    namespace: shared.serviceNamespace,
    after: (resources = []) => ({ ...dying, provider, dependsOn: [namespace, ...resources] }),
    records: dying,
  };
}

/** Labels of a component's objects; `selectorLabels` alone choose its pods. */
export function labels(name: string): Record<string, string> {
  return { ...selectorLabels(name), "app.kubernetes.io/part-of": "pulumi", "app.kubernetes.io/managed-by": "pulumi" };
}

/** Labels by which services, budgets and policies find exactly one component's pods. */
export function selectorLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}
