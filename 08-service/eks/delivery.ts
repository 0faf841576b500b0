import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import { clusterProvider, dyingWithCluster } from "@selfhosted/common/kubernetes";
import type { ServiceConfig } from "../config";

/** The order in which the service's objects come up: what a stage needs is there once the one before it is healthy. */
const stages = ["base", "database-user", "migrations", "service"] as const;
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
  if (settings.deliver === "gitops")
    return { ...rendered(settings.gitopsDirectory ?? `gitops/${pulumi.getStack()}`), records };
  // What is handed over stays in the cluster when it leaves the state, and is taken as it is when it comes back.
  const handover = settings.deliver === "handover";
  const provider = clusterProvider(kubeconfig, clusterName, handover);
  const options = { ...records, provider, ...(handover && { retainOnDelete: true }) };
  return { options: () => options, annotations: () => ({}), records };
}

/** A directory for each stage: Argo CD goes by the waves, Flux by one Kustomization for each directory. */
function rendered(directory: string): Pick<Delivery, "options" | "annotations"> {
  const providers = new Map<Stage, k8s.Provider>();
  const numberOf = (stage: Stage) => stages.indexOf(stage) + 1;
  return {
    options: (stage) => {
      const renderYamlToDirectory = `${directory}/${numberOf(stage)}-${stage}`;
      // Nor the shell's: the SDK would take $KUBECONFIG, and each shell would be another provider.
      const kubeconfig = "";
      const provider =
        providers.get(stage) ?? new k8s.Provider(`gitops-${stage}`, { renderYamlToDirectory, kubeconfig });
      providers.set(stage, provider);
      return { provider };
    },
    // Source: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
    annotations: (stage) => ({ "argocd.argoproj.io/sync-wave": String(numberOf(stage)) }),
  };
}
