import * as fs from "node:fs";
import * as path from "node:path";

/** What the sandbox remembers of one EKS cluster: enough to start its API server again after a reboot. */
export interface ClusterRecord {
  readonly name: string;
  /** Kubernetes version asked for, `major.minor` as EKS writes it. */
  readonly version: string;
  /** CIDR of Service addresses. */
  readonly serviceCidr: string;
  /** Loopback ports, kept over restarts so that kubeconfigs stay valid. */
  readonly ports: { readonly api: number; readonly etcd: number; readonly etcdPeer: number };
  /** Bearer token of the cluster's administrator, what `aws eks get-token` answers. */
  readonly adminToken: string;
  /** Bearer token of the sandbox's controllers. */
  readonly controllerToken: string;
  /** Process ids of the two servers, when they were last started. */
  readonly processes?: { readonly etcd: number; readonly api: number };
  readonly nodeGroups: readonly NodeGroupRecord[];
  /** Set for EKS Auto Mode: in which availability zones it makes nodes. */
  readonly autoModeZones?: readonly string[];
  /** Version of every add-on, by add-on name. */
  readonly addons: Readonly<Record<string, string>>;
}

/** One group of worker nodes; every node of it is a `Node` object in the API. */
export interface NodeGroupRecord {
  readonly nodeGroup: string;
  /** True for the nodes of one NodePool of Karpenter's, which come and go with it. */
  readonly ofPool?: true;
  readonly count: number;
  /** How many the cluster-autoscaler may make of it; `count` unless given. */
  readonly maximum?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  /** EC2 instance type, e.g. `m6i.large`: gives the node's CPU, memory and pod count. */
  readonly instanceType: string;
  /** Availability zones, filled in turn. */
  readonly zones: readonly string[];
}

export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/**
 * Host names of clusters without an API: made where no API server can be had. `.invalid` is reserved for names that
 * never resolve (RFC 2606).
 */
const WITHOUT_API = ".eks.invalid";

/** Endpoint of a cluster that exists by name alone. */
export function endpointWithoutApi(cluster: string): string {
  return `https://${cluster}${WITHOUT_API}`;
}

/** Whether an endpoint is of a cluster that exists by name alone. */
export function isEndpointWithoutApi(endpoint: string): boolean {
  return endpoint.endsWith(WITHOUT_API);
}

/** Folder of all clusters of a sandbox. */
export function clustersDirectory(home: string): string {
  return path.join(home, "clusters");
}

/** Folder of one cluster: its record, certificates and data. */
export function clusterDirectory(home: string, name: string): string {
  return path.join(clustersDirectory(home), name);
}

/** The record of a cluster; `undefined` when there is none of this name. */
export function readCluster(home: string, name: string): ClusterRecord | undefined {
  try {
    return JSON.parse(
      fs.readFileSync(path.join(clusterDirectory(home, name), "cluster.json"), "utf8"),
    ) as ClusterRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Written atomically: a reader (the `aws` stand-in) never sees half a file. Readable by its owner only: it holds tokens. */
export function writeCluster(home: string, record: ClusterRecord): void {
  const file = path.join(clusterDirectory(home, record.name), "cluster.json");
  fs.writeFileSync(`${file}.new`, JSON.stringify(record, undefined, 2), { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}

/** Writes a part of a cluster's record anew. @throws Error when there is no such cluster. */
export function changeCluster(home: string, name: string, change: Partial<ClusterRecord>): ClusterRecord {
  const record = readCluster(home, name);
  if (!record) throw new Error(`The sandbox has no EKS cluster "${name}"; create it with 'pulumi up' in 03-cluster.`);
  const changed = { ...record, ...change };
  writeCluster(home, changed);
  return changed;
}

/** Names of the clusters that have a record. */
export function clusterNames(home: string): string[] {
  try {
    return fs.readdirSync(clustersDirectory(home)).filter((name) => readCluster(home, name) !== undefined);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
