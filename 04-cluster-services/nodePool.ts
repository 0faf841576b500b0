import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Delivered } from "./cluster";
import type { ClusterServicesConfig } from "./config";

/** One condition on the instances of a pool. */
export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "Gt";
  readonly values: string[];
}

/** Which nodes a pool has, for whom, and when they may be taken away. */
export interface Pool {
  readonly requirements: readonly Requirement[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: "NoSchedule" }[];
  /** `WhenEmpty` never moves a running pod to save a node. */
  readonly consolidationPolicy: "WhenEmpty" | "WhenEmptyOrUnderutilized";
  /** How long a pool waits before it takes a node away. */
  readonly consolidateAfter: string;
  /** How many nodes may be taken away at the same time, as a number or a share. */
  readonly disrupted: string;
  /** When a node is replaced at the latest, and so gets a new image. */
  readonly expireAfter: string;
  /** What the nodes have together at most, besides processors. */
  readonly limits?: Readonly<Record<string, string>>;
}

/** Label of a pool's nodes, and the taint of those that are kept for pods which ask for them. */
export const POOL = "pulumi-selfhosted/pool";

/** The nodes have one of these. */
export const isIn = (key: string, ...values: string[]): Requirement => ({ key, operator: "In", values });

/** How nodes are bought: `on-demand`, `spot`. */
export const capacity = (...types: string[]) => isIn("karpenter.sh/capacity-type", ...types);

/**
 * Instance families, of the sixth generation and later: more work for the money than those before. Karpenter's own labels
 * and those of EKS Auto Mode differ in their domain.
 */
export const families = (domain: "karpenter.k8s.aws" | "eks.amazonaws.com", ...categories: string[]): Requirement[] => [
  isIn(`${domain}/instance-category`, ...categories),
  { key: `${domain}/instance-generation`, operator: "Gt", values: ["5"] },
];

/** What a pool makes its nodes of. */
export interface NodeClass {
  readonly reference: { readonly group: string; readonly kind: string; readonly name: string };
  readonly resource: pulumi.Resource;
  /** How pools of this class get to the cluster. */
  readonly delivered: Delivered;
}

/** One pool of nodes that Karpenter makes, ours or that of EKS Auto Mode. */
export function makeNodePool(
  { settings }: ClusterServicesConfig,
  name: string,
  pool: Pool,
  nodeClass: NodeClass,
): void {
  const { requirements, labels, taints, expireAfter, consolidationPolicy, consolidateAfter, disrupted, limits } = pool;
  new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      metadata: { name, ...nodeClass.delivered.metadata },
      spec: {
        template: {
          metadata: { labels: { [POOL]: name, ...labels } },
          spec: { nodeClassRef: nodeClass.reference, requirements, ...(taints && { taints }), expireAfter },
        },
        disruption: { consolidationPolicy, consolidateAfter, budgets: [{ nodes: disrupted }] },
        limits: { cpu: String(settings.nodePoolCpuLimit), ...limits },
      },
    },
    { ...nodeClass.delivered.options, dependsOn: [nodeClass.resource] },
  );
}
