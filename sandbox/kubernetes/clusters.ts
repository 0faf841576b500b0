import { X509Certificate, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findPrograms, NoServersError } from "./binaries";
import { autoModeDefinitions, prepareCluster } from "./bootstrap";
import { installCrds } from "./crds";
import { endProcess, freePorts, isAlive, isOurs, startDetached } from "./processes";
import {
  changeCluster,
  clusterDirectory,
  clusterNames,
  endpointWithoutApi,
  readCluster,
  writeCluster,
  type ClusterRecord,
} from "./record";
import { RestClient } from "./rest";
import { apiServerFlags, etcdFlags, writeCredentials } from "./servers";
import { emulatedVersion, serverVersion } from "./versions";

export interface ClusterRequest {
  readonly name: string;
  /** `major.minor`, e.g. `1.34`. */
  readonly version: string;
  /** The sandbox's home directory. */
  readonly home: string;
  /** Range of Service addresses; EKS takes 172.20.0.0/16 where the VPC doesn't lie in it. */
  readonly serviceCidr?: string;
  /** Set for EKS Auto Mode: in which availability zones it makes nodes. */
  readonly autoModeZones?: readonly string[];
}

export interface ClusterEndpoint {
  readonly endpoint: string;
  /** The certificate authority's PEM in base64, as EKS reports it. */
  readonly certificateAuthorityData: string;
}

/** How long a server may take to answer, in milliseconds. Measured: 1.3 s on two idle cores; others may be at work too. */
const START_TIMEOUT = 180_000;

const starting = new Map<string, Promise<ClusterEndpoint>>();
/** Clients in use, by token. */
const clients = new Map<string, RestClient>();

/** Makes a cluster's API server and its store, and returns when it answers. */
export async function startCluster(request: ClusterRequest): Promise<ClusterEndpoint> {
  const { name, home } = request;
  const directory = clusterDirectory(home, name);
  if (!readCluster(home, name)) {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    const [api = 0, etcd = 0, etcdPeer = 0] = await freePorts(3);
    writeCluster(home, {
      name,
      version: request.version,
      serviceCidr: request.serviceCidr ?? "172.20.0.0/16",
      ports: { api, etcd, etcdPeer },
      adminToken: randomBytes(24).toString("hex"),
      controllerToken: randomBytes(24).toString("hex"),
      nodeGroups: [],
      ...(request.autoModeZones && { autoModeZones: request.autoModeZones }),
      addons: {},
    });
  }
  try {
    return await ensureRunning(name, home);
  } catch (error) {
    if (!(error instanceof NoServersError)) throw error;
    // A cluster by name alone: the Kubernetes provider then checks schemas, and nothing runs.
    process.stderr.write(
      `${error.message}\nCluster "${name}" has no API: its objects are checked by their schemas alone.\n`,
    );
    fs.rmSync(directory, { recursive: true, force: true });
    const certificateAuthorityData = Buffer.from("no Kubernetes API on this machine").toString("base64");
    return { endpoint: endpointWithoutApi(name), certificateAuthorityData };
  }
}

/** Starts the cluster's servers again where they have ended (a reboot); returns its endpoint. */
export function ensureRunning(name: string, home: string): Promise<ClusterEndpoint> {
  const key = clusterDirectory(home, name);
  const inProgress = starting.get(key);
  if (inProgress) return inProgress;
  const attempt = start(name, home).finally(() => starting.delete(key));
  starting.set(key, attempt);
  return attempt;
}

/** A client of the cluster with the controllers' or the administrator's rights; the cluster is started if need be. */
export async function connect(name: string, home: string, as: "admin" | "controller"): Promise<RestClient> {
  const known = readCluster(home, name);
  const before = known && clients.get(tokenOf(known, as));
  // Whoever has a client knew the processes as the cluster's own; that they still live is quickly seen.
  if (before && known.processes && isAlive(known.processes.api) && isAlive(known.processes.etcd)) return before;
  const { endpoint, certificateAuthorityData } = await ensureRunning(name, home);
  const record = readCluster(home, name);
  if (!record) throw new Error(`EKS cluster "${name}" was deleted while it was being used.`);
  const token = tokenOf(record, as);
  let client = clients.get(token);
  if (!client) {
    const certificateAuthority = Buffer.from(certificateAuthorityData, "base64").toString("utf8");
    client = new RestClient({ endpoint, certificateAuthority, token });
    clients.set(token, client);
  }
  return client;
}

/** Changes the Kubernetes version that the API stands for, as an upgrade of the control plane does. */
export async function setVersion(name: string, home: string, version: string): Promise<ClusterEndpoint> {
  await endServers(name, home);
  changeCluster(home, name, { version });
  return ensureRunning(name, home);
}

/** Ends the cluster and forgets all that it held. */
export async function stopCluster(name: string, home: string): Promise<void> {
  await endServers(name, home);
  fs.rmSync(clusterDirectory(home, name), { recursive: true, force: true });
}

/** Ends the servers of every cluster; what they hold stays on disk, and the next use starts them again. */
export async function stopAll(home: string): Promise<void> {
  await Promise.all(clusterNames(home).map((name) => endServers(name, home)));
}

async function endServers(name: string, home: string): Promise<void> {
  await starting.get(clusterDirectory(home, name))?.catch(() => undefined);
  const record = readCluster(home, name);
  if (!record?.processes) return;
  closeClients(record);
  const mark = clusterDirectory(home, name);
  // The API server first: it would only log the loss of its store. Neither needs time: nothing of worth is in flight.
  await endProcess(record.processes.api, mark, 500);
  await endProcess(record.processes.etcd, mark, 500);
}

function tokenOf(record: ClusterRecord, as: "admin" | "controller"): string {
  return as === "admin" ? record.adminToken : record.controllerToken;
}

function closeClients({ adminToken, controllerToken }: ClusterRecord): void {
  for (const token of [adminToken, controllerToken]) {
    clients.get(token)?.close();
    clients.delete(token);
  }
}

async function start(name: string, home: string): Promise<ClusterEndpoint> {
  let record = readCluster(home, name);
  if (!record) throw new Error(`The sandbox has no EKS cluster "${name}"; run 'pulumi up' in 03-cluster.`);
  const directory = clusterDirectory(home, name);
  const { processes } = record;
  if (processes && (await isOurs(processes.api, directory)) && (await isOurs(processes.etcd, directory))) {
    return endpointOf(record, directory);
  }
  if (processes) await Promise.all([processes.api, processes.etcd].map((pid) => endProcess(pid, directory, 500)));
  closeClients(record);

  const { etcd, "kube-apiserver": apiServer } = await findPrograms();
  const emulated = emulatedVersion(record.version, await serverVersion(apiServer));
  writeCredentials(record, directory);
  const etcdPid = startDetached(etcd, etcdFlags(record, directory), path.join(directory, "etcd.log"));
  const apiPid = startDetached(
    apiServer,
    apiServerFlags(record, directory, emulated),
    path.join(directory, "kube-apiserver.log"),
  );
  record = changeCluster(home, name, { processes: { etcd: etcdPid, api: apiPid } });
  const endpoint = await untilReady(record, directory);
  const client = new RestClient({
    endpoint: endpoint.endpoint,
    certificateAuthority: Buffer.from(endpoint.certificateAuthorityData, "base64").toString("utf8"),
    token: record.controllerToken,
  });
  await prepareCluster(client);
  if (record.autoModeZones) await installCrds(client, autoModeDefinitions);
  client.close();
  return endpoint;
}

/** Waits until the server says it is ready, or tells why it ended. */
async function untilReady(record: ClusterRecord, directory: string): Promise<ClusterEndpoint> {
  const deadline = Date.now() + START_TIMEOUT;
  for (;;) {
    if (fs.existsSync(certificateFile(directory))) {
      const endpoint = endpointOf(record, directory);
      const client = new RestClient({
        endpoint: endpoint.endpoint,
        certificateAuthority: Buffer.from(endpoint.certificateAuthorityData, "base64").toString("utf8"),
        token: record.controllerToken,
      });
      const answer = await client.get<string>("/readyz").catch(() => "");
      client.close();
      if (answer === "ok") return endpoint;
    }
    const alive = record.processes && (await isOurs(record.processes.api, directory));
    if (!alive || Date.now() > deadline) {
      throw new Error(
        `The Kubernetes API server of cluster "${record.name}" ${alive ? "gave no answer" : "ended at once"}; ` +
          `look at ${path.join(directory, "kube-apiserver.log")} and etcd.log beside it.`,
      );
    }
    await sleep(50);
  }
}

function certificateFile(directory: string): string {
  return path.join(directory, "certificates", "apiserver.crt");
}

function endpointOf(record: ClusterRecord, directory: string): ClusterEndpoint {
  // The server signs its own certificate by an authority of its own and writes both into one file, authority last.
  const pem =
    fs.readFileSync(certificateFile(directory), "utf8").match(/-----BEGIN[^]+?END CERTIFICATE-----\n?/g) ?? [];
  const authority = pem.find((certificate) => new X509Certificate(certificate).ca) ?? "";
  return {
    endpoint: `https://127.0.0.1:${record.ports.api}`,
    certificateAuthorityData: Buffer.from(authority).toString("base64"),
  };
}
