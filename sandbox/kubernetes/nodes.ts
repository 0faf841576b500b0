import { changeCluster, readCluster, type NodeGroupRecord } from "./record";
import { dropNodes, groupsOf, makeNodes } from "./machines";
import { reconcile } from "./reconcile";

/** Makes the nodes of a node group, or changes them to fit a changed group (size, labels, taints, instance type). */
export async function addNodes(cluster: string, home: string, group: NodeGroupRecord): Promise<void> {
  if (!readCluster(home, cluster)) return;
  await makeNodes(cluster, home, group);
  await reconcile(cluster, home);
}

/** Takes a node group's nodes away; their pods move to other nodes, or wait. */
export async function removeNodes(cluster: string, home: string, nodeGroup: string): Promise<void> {
  if (!readCluster(home, cluster)) return;
  const nodeGroups = groupsOf(cluster, home).filter((group) => group.nodeGroup !== nodeGroup);
  changeCluster(home, cluster, { nodeGroups });
  await dropNodes(cluster, home, nodeGroup);
  await reconcile(cluster, home);
}
