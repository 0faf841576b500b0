import * as path from "node:path";
import { version } from "@pulumi/kubernetes/package.json";
import {
  UNKNOWN,
  type Configuration,
  type DiffResult,
  type Existing,
  type Identity,
  type Properties,
  type Provider,
} from "../provider/types";
import { Faults } from "../faults";
import { Applier } from "./applying";
import { completeInputs } from "./checking";
import { otherCluster } from "./clusterChange";
import { stopAll } from "./clusters";
import { connectionOf, isEnabled, isWithoutApi, type Connection } from "./connection";
import { compareInputs, withReplacements } from "./differences";
import { HelmReleases } from "./helm";
import { liveInputs } from "./liveInputs";
import { hasUnknown, kindOf, metadataOf, toOutputs } from "./objects";
import { checkRelease, diffRelease } from "./releaseInputs";
import { UnreachableError } from "./rest";
import { setTargetGroups } from "./reconcile";
import { isRendering, Renderer } from "./rendering";
import { SchemaOnly } from "./schemaOnly";

const RELEASE = "kubernetes:helm.sh/v3:Release";

export interface KubernetesProviderOptions {
  /** Tells whether an ARN or name is a target group of the account, for TargetGroupBindings. */
  readonly targetGroupExists?: (arnOrName: string) => boolean;
}

/** The stand-in for Pulumi's Kubernetes provider: real server-side apply to the real API servers of the sandbox. */
export function kubernetesProvider(home: string, options: KubernetesProviderOptions = {}): Provider {
  if (options.targetGroupExists) setTargetGroups(options.targetGroupExists);
  return withFallback(new KubernetesProvider(home), new SchemaOnly(path.join(home, "typings")));
}

/** The same provider; for clusters without an API server, and for objects that are only written down, what can be done. */
function withFallback(real: KubernetesProvider, fallback: SchemaOnly): Provider {
  const renderer = new Renderer(fallback);
  const isWithoutServer = (configuration: Configuration) => isRendering(configuration) || isWithoutApi(configuration);
  return {
    name: real.name,
    version: real.version,
    secretsOf: (type) => real.secretsOf(type),
    diffConfiguration: (previous, configuration) => real.diffConfiguration(previous, configuration),
    stop: () => real.stop(),
    check: (resource, inputs, previous, configuration, seed) =>
      isWithoutServer(configuration)
        ? fallback.check(resource, inputs, previous, seed)
        : real.check(resource, inputs, previous, configuration, seed),
    diff: async (resource, id, previous, inputs, configuration) =>
      isWithoutServer(configuration)
        ? fallback.diff(resource, previous, inputs, configuration)
        : real.diff(resource, id, previous, inputs, configuration),
    create: async (resource, inputs, preview, configuration) => {
      if (isRendering(configuration)) return renderer.write(resource, inputs, preview, configuration);
      return isWithoutApi(configuration)
        ? fallback.record(resource, inputs)
        : real.create(resource, inputs, preview, configuration);
    },
    update: async (resource, id, previous, inputs, preview, configuration) => {
      if (isRendering(configuration)) return { ...renderer.write(resource, inputs, preview, configuration), id };
      return isWithoutApi(configuration)
        ? { ...fallback.record(resource, inputs), id }
        : real.update(resource, id, previous, inputs, preview, configuration);
    },
    read: async (resource, id, properties, configuration, inputs) =>
      isWithoutServer(configuration)
        ? properties && { id, properties, inputs }
        : real.read(resource, id, properties, configuration, inputs),
    delete: async (resource, id, properties, configuration) => {
      if (isRendering(configuration)) renderer.remove(resource, properties, configuration);
      else if (!isWithoutApi(configuration)) await real.delete(resource, id, properties, configuration);
    },
  };
}

class KubernetesProvider implements Provider {
  readonly name = "kubernetes";
  readonly version = version;

  private readonly faults: Faults;

  constructor(private readonly home: string) {
    this.faults = new Faults(home);
  }

  secretsOf(type: string): string[] {
    return type === "kubernetes:core/v1:Secret" ? ["data", "stringData"] : [];
  }

  diffConfiguration(previous: Configuration, configuration: Configuration): string[] {
    return otherCluster(previous, configuration);
  }

  async check(
    resource: Identity,
    inputs: Properties,
    previous: Properties | undefined,
    configuration: Configuration,
    randomSeed: Buffer,
  ) {
    if (resource.type === RELEASE) return checkRelease(resource, inputs, previous, configuration, randomSeed);
    const connection = await this.connectIfReachable(configuration);
    const kind = kindOf(resource, inputs);
    const completed = await completeInputs(resource, kind, inputs, previous, connection, randomSeed);
    const failures =
      kind.isPatch && metadataOf(inputs).name === undefined && inputs["metadata"] !== UNKNOWN
        ? [
            {
              property: "metadata.name",
              reason: "Patch resources must set metadata.name: it says which object to change.",
            },
          ]
        : [];
    return { inputs: completed, failures };
  }

  async diff(
    resource: Identity,
    _id: string,
    previous: Existing,
    inputs: Properties,
    configuration: Configuration,
  ): Promise<DiffResult> {
    const before = previous.inputs ?? previous.properties;
    if (resource.type === RELEASE) return diffRelease(before, inputs);
    const kind = kindOf(resource, inputs);
    const difference = compareInputs(kind, before, inputs, configuration);
    if (difference.changed.length === 0 || difference.replaces.length > 0 || hasUnknown(inputs)) return difference;
    const connection = await this.connectIfReachable(configuration);
    if (!connection) return difference;
    // The API server is the judge of what can't change in place.
    const refusal = await new Applier(connection).immutableRefusal(kind, inputs);
    return refusal ? withReplacements(difference, difference.changed, before, inputs) : difference;
  }

  async create(
    resource: Identity,
    inputs: Properties,
    preview: boolean,
    configuration: Configuration,
  ): Promise<Existing> {
    const connection = await connectionOf(configuration, this.home);
    if (!connection) return { id: "", properties: inputs };
    if (resource.type === RELEASE) return new HelmReleases(connection).install(inputs, preview);
    const kind = kindOf(resource, inputs);
    const applier = new Applier(connection);
    if (preview) return { id: "", properties: await applier.preview(kind, inputs, true) };
    const upsert = isEnabled(configuration, "upsertExistingObjects");
    return this.faulty(resource, "create", () => applier.create(resource, kind, inputs, upsert));
  }

  async update(
    resource: Identity,
    id: string,
    previous: Properties,
    inputs: Properties,
    preview: boolean,
    configuration: Configuration,
  ): Promise<Existing> {
    const connection = await connectionOf(configuration, this.home);
    if (!connection) return { id, properties: inputs };
    if (resource.type === RELEASE) return new HelmReleases(connection).upgrade(id, previous, inputs, preview);
    const kind = kindOf(resource, inputs);
    const applier = new Applier(connection);
    if (preview) return { id, properties: await applier.preview(kind, inputs, false) };
    return this.faulty(resource, "update", () => applier.update(resource, kind, inputs));
  }

  async read(
    resource: Identity,
    id: string,
    properties: Properties | undefined,
    configuration: Configuration,
    inputs?: Properties,
  ): Promise<Existing | undefined> {
    const connection = await this.connectUnlessDeleted(configuration);
    if (!connection) return undefined;
    if (resource.type === RELEASE) return new HelmReleases(connection).read(id, properties, inputs);
    const live = await new Applier(connection).find(kindOf(resource, inputs ?? properties), id);
    if (!live) return undefined;
    const outputs = toOutputs(live, inputs);
    return { id, properties: outputs, inputs: liveInputs(live, inputs) };
  }

  async delete(resource: Identity, id: string, properties: Properties, configuration: Configuration): Promise<void> {
    const connection = await this.connectUnlessDeleted(configuration);
    if (!connection) return;
    if (resource.type === RELEASE) await new HelmReleases(connection).uninstall(id);
    else {
      const applier = new Applier(connection);
      const kind = kindOf(resource, properties);
      await this.faulty(resource, "delete", () => applier.delete(resource, kind, id, properties));
    }
  }

  stop(): Promise<void> {
    return stopAll(this.home);
  }

  /** Runs an operation with the fault that `faults.json` plans for it, if any. */
  private async faulty<T>(resource: Identity, name: "create" | "update" | "delete", run: () => Promise<T>): Promise<T> {
    this.faults.before(resource, name);
    const result = await run();
    await this.faults.after(resource, name);
    return result;
  }

  private async connectIfReachable(configuration: Configuration): Promise<Connection | undefined> {
    try {
      return await connectionOf(configuration, this.home);
    } catch (error) {
      if (error instanceof UnreachableError) return undefined;
      throw error;
    }
  }

  /** `undefined` when the cluster is gone and the provider was told to take its objects for gone too. */
  private async connectUnlessDeleted(configuration: Configuration): Promise<Connection | undefined> {
    try {
      return await connectionOf(configuration, this.home);
    } catch (error) {
      const deleteUnreachable =
        isEnabled(configuration, "deleteUnreachable") || process.env["PULUMI_K8S_DELETE_UNREACHABLE"] === "true";
      if (!(error instanceof UnreachableError)) throw error;
      if (deleteUnreachable) return undefined;
      throw new Error(
        `${error.message}. If the cluster was deleted, set PULUMI_K8S_DELETE_UNREACHABLE=true or the provider's ` +
          "deleteUnreachable, and run this again.",
        { cause: error },
      );
    }
  }
}
