import type { ClusterState } from "./controllers/state";
import { capacityOf } from "./instanceTypes";
import type { NodeGroupRecord, NodeTaint } from "./record";
import type { KubernetesObject } from "./rest";

/** `karpenter.sh/v1`, as far as nodes are made of it. Source: https://karpenter.sh/docs/concepts/nodepools/ */
export interface NodePool extends Partial<Omit<KubernetesObject, "metadata">> {
  spec: {
    template: {
      metadata?: { labels?: Record<string, string> };
      spec: {
        nodeClassRef: { group: string; kind: string; name: string };
        requirements: { key: string; operator: string; values?: string[] }[];
        taints?: NodeTaint[];
      };
    };
    limits?: { cpu?: string };
  };
}

/** Whether a controller's pods run, by a part of its Deployment's name. */
export function isRunning(state: ClusterState, name: string): boolean {
  return state
    .list("Deployment")
    .some(({ metadata, status }) => metadata.name.includes(name) && (status?.availableReplicas ?? 0) > 0);
}

/**
 * The cluster's NodePools as groups that may grow: those of EKS Auto Mode by themselves, others while Karpenter runs.
 * Pools of GPUs stay empty, since the sandbox's nodes have none.
 */
export function poolGroups(
  state: ClusterState,
  groups: readonly NodeGroupRecord[],
  autoModeZones: readonly string[] | undefined,
): NodeGroupRecord[] {
  const zones = autoModeZones ?? groups[0]?.zones ?? [];
  const karpenterRuns = isRunning(state, "karpenter");
  return state.list("NodePool").flatMap((pool): NodeGroupRecord[] => {
    const { template, limits } = pool.spec;
    const { nodeClassRef, requirements, taints = [] } = template.spec;
    const acts = nodeClassRef.group === "eks.amazonaws.com" ? autoModeZones !== undefined : karpenterRuns;
    const instanceType = instanceTypeOf(requirements);
    if (!acts || instanceType === undefined || pool.metadata.deletionTimestamp) return [];
    const nodeGroup = pool.metadata.name;
    const count = groups.find((group) => group.ofPool && group.nodeGroup === nodeGroup)?.count ?? 0;
    const maximum = Math.floor(Number(limits?.cpu ?? 1000) / capacityOf(instanceType).cpu);
    const labels = template.metadata?.labels ?? {};
    return [{ nodeGroup, ofPool: true, count, maximum, labels, taints, instanceType, zones }];
  });
}

/** An instance that a pool's requirements allow, large enough for the service's pods: Karpenter would choose by the pod. */
function instanceTypeOf(requirements: NodePool["spec"]["template"]["spec"]["requirements"]): string | undefined {
  const allowed = (label: string) => requirements.find(({ key }) => key.endsWith(label))?.values ?? [];
  const category = allowed("/instance-category").find((letter) => "mcr".includes(letter));
  if (category === undefined) return undefined;
  return allowed("/arch").includes("arm64") ? `${category}7g.xlarge` : `${category}7i.xlarge`;
}
