import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { asked, podRole, shared } from "@selfhosted/common";
import {
  chartProvider,
  clusterProvider,
  dyingWithCluster,
  renderedTo,
  type Rendered,
} from "@selfhosted/common/kubernetes";
import type { ClusterServicesConfig } from "./config";

/** The order in which Argo CD brings up what is its business: the next begins when the one before is healthy. */
const stages = ["base", "objects", "services"] as const;

/** The files that Argo CD takes from Git. */
export type Files = Rendered<(typeof stages)[number]>;

/** The cluster as this stack's nouns use it. */
export interface Cluster {
  readonly name: string;
  /** For Kubernetes objects. */
  readonly objects: pulumi.CustomResourceOptions & { readonly provider: k8s.Provider };
  /** For Helm releases. */
  readonly releases: { readonly provider: k8s.Provider };
  /** With `deliver: gitops`, what is written in place of releases and of the objects whose kind a chart defines. */
  readonly files: Files | undefined;
  /** With `deliver: handover`, options of what stays in the cluster when it leaves the state. */
  readonly handedOver: { readonly retainOnDelete?: true };
  /** How objects get there whose kind a chart defines: they go with the chart. */
  readonly withCharts: Delivered;
  /** For AWS's records of what is in the cluster: add-ons, associations. */
  readonly records: pulumi.CustomResourceOptions;
}

/** 03-cluster's cluster, and how objects get to it as `deliver` says. */
export function openCluster({ settings, upstream }: ClusterServicesConfig): Cluster {
  const { clusterName, kubeconfig } = upstream.cluster;
  const dying = dyingWithCluster(kubeconfig);
  const handover = settings.deliver === "handover";
  const handedOver = handover ? ({ retainOnDelete: true } as const) : {};
  const objects = { ...dying, provider: clusterProvider(kubeconfig, clusterName, handover) };
  const files = settings.deliver === "gitops" ? renderedTo(settings.gitopsDirectory, stages) : undefined;
  return {
    name: clusterName,
    objects,
    releases: { provider: chartProvider(kubeconfig) },
    files,
    handedOver,
    withCharts: files
      ? { options: files.options("objects"), metadata: { annotations: files.annotations("objects") } }
      : { options: { ...objects, ...handedOver }, metadata: {} },
    records: dying,
  };
}

/** How an object gets to the cluster. */
export interface Delivered {
  readonly options: pulumi.CustomResourceOptions;
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
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
