import type * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import { clusterProvider, dyingWithCluster, renderedTo } from "@selfhosted/common/kubernetes";
import type { ServiceConfig } from "../config";

/** The order in which the service's objects come up: what a stage needs is there once the one before it is healthy. */
const stages = ["base", "database-user", "migrations", "service"] as const;
/** One of the stages. */
export type Stage = (typeof stages)[number];

/** How Kubernetes objects get to the cluster. */
export interface Delivery {
  /** Options of an object of a stage. */
  options(stage: Stage): pulumi.CustomResourceOptions;
  /** Annotations of an object of a stage. */
  annotations(stage: Stage): Readonly<Record<string, string>>;
  /** Options of AWS's records of what is in the cluster. */
  readonly records: pulumi.CustomResourceOptions;
}

/** Delivers as `deliver` says: applied by Pulumi, or written to files that a GitOps tool applies. */
export function deliveryOf(config: ServiceConfig): Delivery {
  const { settings, upstream } = config;
  const { kubeconfig, clusterName } = asked(upstream.cluster, "the cluster");
  const records = dyingWithCluster(kubeconfig, settings.blueGreen);
  if (settings.deliver === "gitops") return { ...renderedTo(settings.gitopsDirectory, stages), records };
  // What is handed over stays in the cluster when it leaves the state, and is taken as it is when it comes back.
  const handover = settings.deliver === "handover";
  const provider = clusterProvider(kubeconfig, clusterName, handover);
  const options = { ...records, provider, ...(handover && { retainOnDelete: true }) };
  return { options: () => options, annotations: () => ({}), records };
}
