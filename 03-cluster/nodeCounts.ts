import * as aws from "@pulumi/aws";
import { previousResources } from "@selfhosted/common";
import type { ResolvedConfig } from "./config";

/** The groups of nodes, by their logical names. */
export const groupNames = ["general", "service"] as const;
export type GroupName = (typeof groupNames)[number];

/** How many nodes a living group is to have; nothing where its count is the autoscaler's alone. */
export type NodeCounts = Readonly<Partial<Record<GroupName, number>>>;

/** A group as this stack's state has it. */
interface GroupState {
  readonly clusterName: string;
  readonly nodeGroupName: string;
  readonly scalingConfig: { readonly minSize: number; readonly maxSize: number; readonly desiredSize: number };
}

/**
 * How many nodes the groups are to have whose bounds change. The count is the autoscaler's and left alone otherwise, but EKS
 * takes new bounds only together with a count between them, and the state's is of long ago: a group that has grown since
 * would be cut back to it. So it is asked of EKS.
 * Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html
 */
export async function countsWithinBounds(settings: ResolvedConfig["settings"]): Promise<NodeCounts> {
  const resources = Object.entries(await previousResources());
  const counts = groupNames.map(async (name) => {
    const [, found] = resources.find(([urn]) => urn.endsWith(`aws:eks/nodeGroup:NodeGroup::${name}`)) ?? [];
    const group = (found as { readonly outputs: GroupState } | undefined)?.outputs;
    const [minSize, maxSize] = [settings[`${name}MinSize`], settings[`${name}MaxSize`]];
    if (!group || (group.scalingConfig.minSize === minSize && group.scalingConfig.maxSize === maxSize)) return [];
    const count = (await livingCount(group)) ?? group.scalingConfig.desiredSize;
    return [[name, Math.min(Math.max(count, minSize), maxSize)] as const];
  });
  return Object.fromEntries((await Promise.all(counts)).flat());
}

async function livingCount({ clusterName, nodeGroupName }: GroupState): Promise<number | undefined> {
  try {
    const { scalingConfigs } = await aws.eks.getNodeGroup({ clusterName, nodeGroupName });
    return scalingConfigs[0]?.desiredSize;
  } catch {
    // Somebody took it away; the state's count is all that is known.
    return undefined;
  }
}
