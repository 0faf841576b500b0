import { createHash } from "node:crypto";
import { connect } from "./clusters";
import { now } from "./controllers/conditions";
import { preference, whyNot, type Node } from "./controllers/scheduling";
import type { ClusterState } from "./controllers/state";
import { allocatable, capacityOf } from "./instanceTypes";
import { isRunning, poolGroups } from "./nodePools";
import { changeCluster, readCluster, type NodeGroupRecord } from "./record";
import { ApiError, type RestClient } from "./rest";

/**
 * What the cluster-autoscaler, Karpenter and EKS Auto Mode do when pods wait: one more node in a group or pool that would
 * take one of them and has room left, the one that they prefer. Source: github.com/kubernetes/autoscaler, cluster-autoscaler FAQ, "How
 * does scale-up work?", and https://karpenter.sh/docs/concepts/
 * @returns whether a node was added.
 */
export async function growNodes(cluster: string, home: string, state: ClusterState): Promise<boolean> {
  const groups = groupsOf(cluster, home);
  const pools = poolGroups(state, groups, readCluster(home, cluster)?.autoModeZones);
  // A pool's nodes go with it.
  for (const { nodeGroup } of groups.filter(({ ofPool }) => ofPool)) {
    if (state.list("NodePool").some(({ metadata }) => metadata.name === nodeGroup)) continue;
    await dropNodes(cluster, home, nodeGroup, POOL);
    changeCluster(home, cluster, { nodeGroups: groups.filter((one) => one.nodeGroup !== nodeGroup) });
    return true;
  }
  const resized = isRunning(state, "cluster-autoscaler") ? groups.filter(({ ofPool }) => !ofPool) : [];
  const waiting = state.list("Pod").filter((pod) => !pod.spec.nodeName && !pod.metadata.deletionTimestamp);
  const helpful = [...resized, ...pools].flatMap((group) => {
    if (group.count >= (group.maximum ?? group.count)) return [];
    const next = node(group, group.count, "") as unknown as Node;
    const served = waiting.filter((pod) => whyNot(state, pod, next) === undefined);
    return served.length === 0 ? [] : [{ group, liking: Math.max(...served.map((pod) => preference(pod, next))) }];
  });
  const [best] = helpful.sort((a, b) => b.liking - a.liking);
  if (!best) return false;
  await makeNodes(cluster, home, { ...best.group, count: best.group.count + 1 });
  return true;
}

/** Makes a group's nodes, or changes them to fit it. */
export async function makeNodes(cluster: string, home: string, group: NodeGroupRecord): Promise<void> {
  capacityOf(group.instanceType);
  const client = await connect(cluster, home, "controller");
  const others = groupsOf(cluster, home).filter(({ nodeGroup }) => nodeGroup !== group.nodeGroup);
  changeCluster(home, cluster, { nodeGroups: [...others, group] });
  const version = `v${readCluster(home, cluster)?.version ?? ""}.0`;
  const wanted = Array.from({ length: group.count }, (_, index) => node(group, index, version));
  for (const object of wanted) await apply(client, object);
  for (const name of await namesOf(client, group.nodeGroup, groupLabel(group))) {
    if (!wanted.some(({ metadata }) => metadata.name === name)) await deleteNode(client, name);
  }
}

/** Takes the nodes of a group out of the cluster. */
export async function dropNodes(
  cluster: string,
  home: string,
  nodeGroup: string,
  label: string = GROUP,
): Promise<void> {
  const client = await connect(cluster, home, "controller");
  for (const name of await namesOf(client, nodeGroup, label)) await deleteNode(client, name);
}

/** The node groups of a cluster, as they are now. */
export function groupsOf(cluster: string, home: string): readonly NodeGroupRecord[] {
  return readCluster(home, cluster)?.nodeGroups ?? [];
}

/** Labels by which EKS and Karpenter know their nodes. */
const GROUP = "eks.amazonaws.com/nodegroup";
const POOL = "karpenter.sh/nodepool";

function groupLabel({ ofPool }: NodeGroupRecord): string {
  return ofPool ? POOL : GROUP;
}

async function namesOf(client: RestClient, nodeGroup: string, label: string): Promise<string[]> {
  const labelSelector = `${label}=${nodeGroup}`;
  const list = await client.get<{ items: { metadata: { name: string } }[] }>("/api/v1/nodes", { labelSelector });
  return list.items.map(({ metadata }) => metadata.name);
}

async function deleteNode(client: RestClient, name: string): Promise<void> {
  try {
    await client.request("DELETE", `/api/v1/nodes/${name}`);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error;
  }
}

type NodeObject = ReturnType<typeof node>;

async function apply(client: RestClient, object: NodeObject): Promise<void> {
  const path = `/api/v1/nodes/${object.metadata.name}`;
  const query = { fieldManager: "kubelet", force: true };
  const options = { contentType: "application/apply-patch+yaml" };
  const { status, ...rest } = object;
  await client.request("PATCH", path, query, rest, options);
  // Admission marks every new node as not ready; the node controller takes the mark off once it is.
  await client.request(
    "PATCH",
    path,
    {},
    { spec: { taints: rest.spec.taints } },
    { contentType: "application/merge-patch+json" },
  );
  const { apiVersion, kind, metadata } = object;
  await client.request(
    "PATCH",
    `${path}/status`,
    query,
    { apiVersion, kind, metadata: { name: metadata.name }, status },
    options,
  );
}

/** The `Node` that the n-th machine of a group registers as. */
function node(group: NodeGroupRecord, index: number, kubeletVersion: string) {
  const bytes = createHash("sha256").update(`${group.nodeGroup}/${index}`).digest();
  const address = `10.0.${bytes[0] ?? 0}.${bytes[1] ?? 0}`;
  const zone = group.zones[index % Math.max(1, group.zones.length)] ?? "us-east-1a";
  const region = zone.replace(/[a-z]$/, "");
  const domain = region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
  const name = `ip-${address.replaceAll(".", "-")}.${domain}`;
  const capacity = capacityOf(group.instanceType);
  const ready = { lastHeartbeatTime: now(), lastTransitionTime: now() };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": capacity.architecture,
        "node.kubernetes.io/instance-type": group.instanceType,
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": zone,
        [groupLabel(group)]: group.nodeGroup,
        ...(group.ofPool
          ? { "karpenter.sh/capacity-type": "on-demand" }
          : { "eks.amazonaws.com/capacityType": "ON_DEMAND" }),
        ...group.labels,
      },
    },
    spec: {
      providerID: `aws:///${zone}/i-${bytes.toString("hex").slice(0, 17)}`,
      taints: group.taints.map((taint) => ({ ...taint })),
    },
    status: {
      capacity: { cpu: String(capacity.cpu), memory: `${capacity.memoryMi}Mi`, pods: String(capacity.pods) },
      allocatable: allocatable(capacity),
      addresses: [
        { type: "InternalIP", address },
        { type: "Hostname", address: name },
      ],
      conditions: [
        { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status", ...ready },
      ],
      nodeInfo: {
        architecture: capacity.architecture,
        operatingSystem: "linux",
        kubeletVersion,
        osImage: "Amazon Linux 2023",
        kernelVersion: "6.12",
        containerRuntimeVersion: "containerd://2.1",
        bootID: "",
        machineID: "",
        systemUUID: "",
        kubeProxyVersion: "",
      },
    },
  };
}
