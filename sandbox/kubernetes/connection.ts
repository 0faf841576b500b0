import * as fs from "node:fs";
import * as YAML from "yaml";
import { UNKNOWN, type Configuration } from "../provider/types";
import { connect } from "./clusters";
import { text } from "./objects";
import { clusterNames, isEndpointWithoutApi, readCluster } from "./record";
import { UnreachableError, type RestClient } from "./rest";

/** A cluster as one configured provider reaches it. */
export interface Connection {
  readonly cluster: string;
  readonly home: string;
  readonly client: RestClient;
  /** Namespace of objects that give none. */
  readonly namespace: string;
}

interface Kubeconfig {
  "current-context"?: string;
  contexts?: { name: string; context: { cluster: string; user: string; namespace?: string } }[];
  clusters?: { name: string; cluster: { server: string } }[];
  users?: { name: string; user: { token?: string; exec?: { command: string; args?: string[] } } }[];
}

/** A provider option, which the engine hands over as text. */
export function isEnabled(configuration: Configuration, option: string): boolean {
  return configuration[option] === true || configuration[option] === "true";
}

/**
 * Connects to the cluster that the provider's `kubeconfig` names.
 * @returns `undefined` while the kubeconfig is not known (a preview, before the cluster exists).
 * @throws {UnreachableError} when no cluster of the sandbox answers there.
 */
export async function connectionOf(configuration: Configuration, home: string): Promise<Connection | undefined> {
  const given = configuration["kubeconfig"];
  if (given === UNKNOWN) return undefined;
  if (given === undefined || given === null || given === "") {
    throw new Error(
      "The Kubernetes provider has no kubeconfig; give it the one that 03-cluster exports: " +
        "new kubernetes.Provider(name, { kubeconfig }).",
    );
  }
  const { kubeconfig, context, server } = parse(configuration);
  const cluster = clusterNames(home).find((name) => server === addressOf(name, home));
  if (cluster === undefined) throw unreachable(server);
  authenticate(kubeconfig, context.user, cluster, home);
  const namespace = configuration["namespace"] ?? context.namespace ?? "default";
  return { cluster, home, client: await connect(cluster, home, "admin"), namespace: text(namespace) };
}

/** True when the provider is configured for a cluster that exists by name alone. */
export function isWithoutApi(configuration: Configuration): boolean {
  const given = configuration["kubeconfig"];
  return (
    typeof given === "string" && given !== UNKNOWN && given !== "" && isEndpointWithoutApi(parse(configuration).server)
  );
}

function parse(configuration: Configuration) {
  const given = configuration["kubeconfig"];
  const kubeconfig = typeof given === "string" ? read(given) : (given as Kubeconfig);
  const wanted = configuration["context"] ?? kubeconfig["current-context"];
  const context = kubeconfig.contexts?.find(({ name }) => name === wanted)?.context;
  const server = kubeconfig.clusters?.find(({ name }) => name === context?.cluster)?.cluster.server;
  if (!context || server === undefined) {
    throw new Error(`The kubeconfig has no context "${text(wanted)}" with a cluster and its server.`);
  }
  return { kubeconfig, context, server };
}

/** Kubeconfigs as they were parsed: every operation of a provider asks for the same one again. */
const parsed = new Map<string, Kubeconfig>();

/** The option holds a kubeconfig's contents or, in one line, the path of a file with them. */
function read(given: string): Kubeconfig {
  const contents = /[{\n]/.test(given) ? given : fs.readFileSync(given, "utf8");
  const kubeconfig = parsed.get(contents) ?? (YAML.parse(contents) as Kubeconfig);
  parsed.set(contents, kubeconfig);
  return kubeconfig;
}

function addressOf(cluster: string, home: string): string {
  return `https://127.0.0.1:${readCluster(home, cluster)?.ports.api ?? 0}`;
}

function unreachable(server: string): UnreachableError {
  return new UnreachableError(
    "configured Kubernetes cluster is unreachable",
    new Error(`no cluster of the sandbox answers at ${server}; it was destroyed, or run 'pulumi up' in 03-cluster`),
  );
}

/** The user must be one whom the cluster would let in: its token, or `aws eks get-token` for this very cluster. */
function authenticate(kubeconfig: Kubeconfig, userName: string, cluster: string, home: string): void {
  const user = kubeconfig.users?.find(({ name }) => name === userName)?.user;
  const { command = "", args = [] } = user?.exec ?? {};
  const named = args[args.findIndex((arg) => arg === "--cluster-name" || arg === "-i") + 1];
  const byExec = /(^|\/)aws$/.test(command) && args.includes("get-token") && named === cluster;
  const byToken = user?.token !== undefined && user.token === readCluster(home, cluster)?.adminToken;
  if (byExec || byToken) return;
  throw new Error(
    `the server has asked for the client to provide credentials: the kubeconfig's user "${userName}" must run ` +
      `'aws eks get-token --cluster-name ${cluster}'`,
  );
}
