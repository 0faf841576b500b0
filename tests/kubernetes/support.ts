import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { binary, findPrograms } from "../../sandbox/kubernetes/binaries";
import { startCluster } from "../../sandbox/kubernetes/clusters";
import { addNodes } from "../../sandbox/kubernetes/nodes";
import { kubernetesProvider } from "../../sandbox/kubernetes/provider";
import { endHome, newHome } from "../support/homes";
import type { Configuration, Existing, Identity, Properties, Provider } from "../../sandbox/provider/types";

/** A cluster of the sandbox with three nodes, and the provider that talks to it. */
export interface TestCluster {
  readonly home: string;
  readonly name: string;
  readonly endpoint: string;
  readonly kubeconfig: string;
  readonly provider: Provider;
  readonly targetGroups: Set<string>;
  create(type: string, name: string, inputs: Properties, preview?: boolean): Promise<Existing>;
  /** `check` and then `diff` against the inputs of an object made before. */
  diff(type: string, name: string, id: string, previous: Properties, inputs: Properties): ReturnType<Provider["diff"]>;
  check(type: string, name: string, inputs: Properties): Promise<Properties>;
  update(type: string, name: string, existing: Existing, inputs: Properties): Promise<Existing>;
  read(type: string, name: string, existing: Existing, inputs: Properties): Promise<Existing | undefined>;
  remove(type: string, name: string, existing: Existing): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param autoModeZones - for a cluster in EKS Auto Mode, which has no nodes to begin with.
 * @throws NoServersError where no Kubernetes API can be had: tests that left themselves out would look as if they passed.
 */
export async function startTestCluster(name = "test", autoModeZones?: readonly string[]): Promise<TestCluster> {
  await findPrograms();
  const home = await newHome();
  const { endpoint, certificateAuthorityData } = await startCluster({ name, version: "1.34", home, autoModeZones });
  if (autoModeZones === undefined) {
    await addNodes(name, home, {
      nodeGroup: "general",
      count: 3,
      labels: {},
      taints: [],
      instanceType: "m6i.large",
      zones: ["us-west-2a", "us-west-2b", "us-west-2c"],
    });
  }
  const targetGroups = new Set<string>();
  const provider = kubernetesProvider(home, { targetGroupExists: (group) => targetGroups.has(group) });
  const configuration: Configuration = { kubeconfig: kubeconfig(name, endpoint, certificateAuthorityData) };
  const identity = (type: string, logicalName: string): Identity => ({
    urn: `urn:pulumi:test::test::kubernetes:${type}::${logicalName}`,
    type: `kubernetes:${type}`,
    name: logicalName,
  });
  const check: TestCluster["check"] = async (type, logicalName, inputs) => {
    const checked = await provider.check(
      identity(type, logicalName),
      inputs,
      undefined,
      configuration,
      Buffer.alloc(32),
    );
    if (checked.failures.length > 0) throw new Error(checked.failures.map(({ reason }) => reason).join("\n"));
    return checked.inputs;
  };
  return {
    home,
    name,
    endpoint,
    kubeconfig: kubeconfig(name, endpoint, certificateAuthorityData),
    provider,
    targetGroups,
    check,
    create: async (type, logicalName, inputs, preview = false) =>
      provider.create(identity(type, logicalName), await check(type, logicalName, inputs), preview, configuration),
    diff: async (type, logicalName, id, previous, inputs) => {
      const existing = { id, properties: {}, inputs: await check(type, logicalName, previous) };
      return provider.diff(
        identity(type, logicalName),
        id,
        existing,
        await check(type, logicalName, inputs),
        configuration,
      );
    },
    update: async (type, logicalName, { id, properties }, inputs) => {
      const checked = await check(type, logicalName, inputs);
      return provider.update(identity(type, logicalName), id, properties, checked, false, configuration);
    },
    read: async (type, logicalName, { id, properties }, inputs) => {
      const checked = await check(type, logicalName, inputs);
      return provider.read(identity(type, logicalName), id, properties, configuration, checked);
    },
    remove: (type, logicalName, { id, properties }) =>
      provider.delete(identity(type, logicalName), id, properties, configuration),
    stop: () => endHome(home),
  };
}

/** A kubeconfig as `aws eks update-kubeconfig` writes it. */
export function kubeconfig(cluster: string, server: string, certificateAuthorityData: string): string {
  const args = ["eks", "get-token", "--cluster-name", cluster, "--region", "us-west-2", "--output", "json"];
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "aws",
    clusters: [{ name: "kubernetes", cluster: { server, "certificate-authority-data": certificateAuthorityData } }],
    contexts: [{ name: "aws", context: { cluster: "kubernetes", user: "aws" } }],
    users: [
      { name: "aws", user: { exec: { apiVersion: "client.authentication.k8s.io/v1beta1", command: "aws", args } } },
    ],
  });
}

/** A Deployment of one container. */
export function deployment(name: string, container: Properties = {}, pod: Properties = {}, replicas = 2): Properties {
  return {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "main", image: "example/web:1", ...container }], ...pod },
      },
    },
  };
}

/** kubectl as a person runs it: with the kubeconfig, and the sandbox's `aws` on PATH. */
export async function kubectl(cluster: TestCluster, ...args: string[]) {
  const file = path.join(cluster.home, "kubeconfig");
  fs.writeFileSync(file, cluster.kubeconfig, { mode: 0o600 });
  const standIns = path.join(__dirname, "../../sandbox/bin");
  return promisify(execFile)(await binary("kubectl"), ["--kubeconfig", file, ...args], {
    env: { ...process.env, SELFHOSTED_SANDBOX_HOME: cluster.home, PATH: `${standIns}:${process.env["PATH"] ?? ""}` },
  });
}
