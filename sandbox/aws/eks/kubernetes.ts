import type { NodeGroupRecord } from "../../kubernetes/record";

/** What EKS needs of the sandbox's Kubernetes half, so that the records can be tested without a server. */
export interface KubernetesHalf {
  startCluster(cluster: {
    name: string;
    version: string;
    serviceCidr: string;
    /** Set for EKS Auto Mode: in which availability zones it makes nodes. */
    autoModeZones?: readonly string[];
  }): Promise<ClusterAccess>;
  stopCluster(name: string): Promise<void>;
  setVersion(name: string, version: string): Promise<void>;
  /** Makes the group's nodes, or changes them to fit it. */
  addNodes(cluster: string, group: NodeGroupRecord): Promise<void>;
  removeNodes(cluster: string, nodeGroup: string): Promise<void>;
  /** Without a version: takes the add-on away. */
  setAddon(cluster: string, name: string, version: string | undefined): Promise<void>;
}

/** How a client reaches a cluster's API. */
export interface ClusterAccess {
  readonly endpoint: string;
  /** PEM in base64. */
  readonly certificateAuthorityData: string;
}

/** Records alone: what unit tests, and a sandbox where no API server can be had, run on. */
const none: KubernetesHalf = {
  startCluster: ({ name }) =>
    Promise.resolve({
      endpoint: `https://${name}.eks.invalid`,
      certificateAuthorityData: Buffer.from("no Kubernetes API here").toString("base64"),
    }),
  stopCluster: () => Promise.resolve(),
  setVersion: () => Promise.resolve(),
  addNodes: () => Promise.resolve(),
  removeNodes: () => Promise.resolve(),
  setAddon: () => Promise.resolve(),
};

let current: KubernetesHalf = none;

/** The Kubernetes half in use. */
export function kubernetes(): KubernetesHalf {
  return current;
}

/** Chooses the Kubernetes half; the daemon does, once. */
export function useKubernetes(half: KubernetesHalf = none): void {
  current = half;
}

/** Real API servers, one per cluster, kept under the sandbox's home. Loaded when the first cluster is made. */
export function realKubernetes(home: string): KubernetesHalf {
  const clusters = () => import("../../kubernetes/clusters");
  const nodes = () => import("../../kubernetes/nodes");
  const record = () => import("../../kubernetes/record");
  return {
    startCluster: async (cluster) => (await clusters()).startCluster({ ...cluster, home }),
    stopCluster: async (name) => (await clusters()).stopCluster(name, home),
    setVersion: async (name, version) => {
      await (await clusters()).setVersion(name, home, version);
    },
    addNodes: async (cluster, group) => (await nodes()).addNodes(cluster, home, group),
    removeNodes: async (cluster, group) => (await nodes()).removeNodes(cluster, home, group),
    setAddon: async (cluster, name, version) => {
      const { changeCluster, readCluster } = await record();
      const before = readCluster(home, cluster);
      if (!before) return;
      const others = Object.entries(before.addons).filter(([other]) => other !== name);
      const own: [string, string][] = version === undefined ? [] : [[name, version]];
      changeCluster(home, cluster, { addons: Object.fromEntries([...others, ...own]) });
      const { reconcile } = await import("../../kubernetes/reconcile");
      await reconcile(cluster, home);
    },
  };
}
