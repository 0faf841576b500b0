import { createHash } from "node:crypto";
import { UNKNOWN, type Existing, type Identity, type Properties } from "../provider/types";
import { awaitGone, awaitReady, noteWrite } from "./awaiting";
import type { Connection } from "./connection";
import { ownsOthers } from "./controllers/garbage";
import { pathOf, resourceType, type ResourceType } from "./discovery";
import { annotation, hasUnknown, idOf, metadataOf, toObject, toOutputs, type KindOf } from "./objects";
import { reconcileSoon } from "./reconcile";
import { ApiError, type KubernetesObject } from "./rest";
import { passWebhooks } from "./webhooks";

const APPLY = { contentType: "application/apply-patch+yaml" };

/** Objects in one cluster: made, changed and deleted by server-side apply, as Pulumi's provider does. */
export class Applier {
  constructor(private readonly connection: Connection) {}

  async create(resource: Identity, kind: KindOf, inputs: Properties, upsert: boolean): Promise<Existing> {
    const type = await this.typeOf(kind);
    const path = this.pathTo(type, inputs);
    const existing = await this.connection.client.find<KubernetesObject>(path);
    if (existing?.metadata.deletionTimestamp !== undefined) await awaitGone(this.connection, path);
    else if (existing && !kind.isPatch && !upsert) {
      throw new Error(
        `resource "${idOf(existing)}" (${kind.kind}) already exists; import it with 'pulumi import', or give it another name`,
      );
    } else if (!existing && kind.isPatch) {
      throw new Error(`${kind.kind} "${metadataOf(inputs).name ?? ""}" to be patched was not found`);
    }
    return this.applyAndAwait(resource, kind, path, inputs, "created");
  }

  async update(resource: Identity, kind: KindOf, inputs: Properties): Promise<Existing> {
    return this.applyAndAwait(resource, kind, this.pathTo(await this.typeOf(kind), inputs), inputs, "updated");
  }

  /** What the API would make of the inputs, as far as they are known; nothing changes. */
  async preview(kind: KindOf, inputs: Properties, isNew: boolean): Promise<Properties> {
    // What controllers will write can't be foretold.
    const guess = isNew && !kind.isPatch ? { ...inputs, status: UNKNOWN } : inputs;
    if (hasUnknown(inputs)) return guess;
    const { apiVersion, kind: name } = kind;
    const type = await resourceType(this.connection.client, apiVersion, name);
    // Its CRD may come with this very update.
    if (!type) return guess;
    try {
      const live = await this.apply(kind, this.pathTo(type, inputs), inputs, managerOf(kind), true);
      return isNew ? unallocated(toOutputs(live, inputs), inputs) : toOutputs(live, inputs);
    } catch (error) {
      // Its namespace may come with this very update too.
      if (error instanceof ApiError && error.code === 404) return guess;
      throw refused(error, inputs, "previewed");
    }
  }

  /** The API's refusal to change what can't be changed in place, or `undefined`. */
  async immutableRefusal(kind: KindOf, inputs: Properties): Promise<string | undefined> {
    const type = await resourceType(this.connection.client, kind.apiVersion, kind.kind);
    if (!type || kind.isPatch) return undefined;
    try {
      await this.apply(kind, this.pathTo(type, inputs), inputs, managerOf(kind), true);
      return undefined;
    } catch (error) {
      const refusal = error instanceof ApiError && error.code === 422 ? error.message : "";
      return /immutable|updates to .* are forbidden|may not be changed|is forbidden.*update/i.test(refusal)
        ? refusal
        : undefined;
    }
  }

  async find(kind: KindOf, id: string): Promise<KubernetesObject | undefined> {
    const type = await resourceType(this.connection.client, kind.apiVersion, kind.kind);
    return type && this.connection.client.find<KubernetesObject>(pathById(type, id));
  }

  async delete(resource: Identity, kind: KindOf, id: string, properties: Properties): Promise<void> {
    const { client } = this.connection;
    const type = await resourceType(client, kind.apiVersion, kind.kind);
    // Without its CRD no object is left either.
    if (!type) return;
    const path = pathById(type, id);
    if (kind.isPatch) {
      if (!(await client.find(path))) return;
      const { name, namespace } = metadataOf(properties);
      const empty = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name, namespace } };
      await client.request("PATCH", path, { fieldManager: managerOf(kind, resource.urn), force: true }, empty, APPLY);
      return;
    }
    const policy =
      annotation(properties, "deletionPropagationPolicy") ?? (ownsOthers(type.kind) ? "Foreground" : "Background");
    const propagationPolicy = policy.charAt(0).toUpperCase() + policy.slice(1);
    let answer: { kind?: string };
    try {
      answer = await client.request("DELETE", path, {}, { propagationPolicy });
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return;
      throw error;
    }
    noteWrite(this.connection);
    // A bare status means that it's gone already; otherwise the answer is the object, held by finalizers.
    if (answer.kind === "Status" || annotation(properties, "skipAwait") === "true") {
      reconcileSoon(this.connection.cluster, this.connection.home);
    } else await awaitGone(this.connection, path);
  }

  private async applyAndAwait(
    resource: Identity,
    kind: KindOf,
    path: string,
    inputs: Properties,
    verb: "created" | "updated",
  ): Promise<Existing> {
    let applied: KubernetesObject;
    try {
      await passWebhooks(this.connection.client, toObject(inputs, kind));
      applied = await this.apply(kind, path, inputs, managerOf(kind, resource.urn), false);
    } catch (error) {
      throw refused(error, inputs, verb);
    }
    noteWrite(this.connection);
    const live = await awaitReady(this.connection, path, applied, inputs, verb);
    return { id: idOf(live), properties: toOutputs(live, inputs) };
  }

  private apply(
    kind: KindOf,
    path: string,
    inputs: Properties,
    fieldManager: string,
    dryRun: boolean,
  ): Promise<KubernetesObject> {
    const force = annotation(inputs, "patchForce") === "true";
    const query = { fieldManager, force, fieldValidation: "Strict", dryRun: dryRun ? "All" : undefined };
    return this.connection.client.request<KubernetesObject>("PATCH", path, query, toObject(inputs, kind), APPLY);
  }

  private async typeOf({ apiVersion, kind }: KindOf): Promise<ResourceType> {
    const type = await resourceType(this.connection.client, apiVersion, kind);
    if (type) return type;
    throw new Error(
      `no matches for kind "${kind}" in version "${apiVersion}": its CustomResourceDefinition is not installed in ` +
        `cluster "${this.connection.cluster}" (release the chart that brings it first), or the version is no longer served`,
    );
  }

  private pathTo(type: ResourceType, inputs: Properties): string {
    const { name, namespace } = metadataOf(inputs);
    if (name === undefined) throw new Error(`${type.kind}: metadata.name is missing`);
    return pathOf(type, namespace ?? this.connection.namespace, name);
  }
}

/** A dry run of a new object without what only its real creation gives it: status, uid, a Service's addresses and ports. */
function unallocated(outputs: Properties, inputs: Properties): Properties {
  const metadata = { ...(outputs["metadata"] as Properties), uid: UNKNOWN, creationTimestamp: UNKNOWN };
  const spec = outputs["spec"] as Properties | undefined;
  const given = (inputs["spec"] ?? {}) as Properties;
  const allocated = ["clusterIP", "clusterIPs"].filter((field) => spec?.[field] !== undefined && !(field in given));
  const guessed = { ...spec, ...Object.fromEntries(allocated.map((field) => [field, UNKNOWN])) };
  return { ...outputs, metadata, ...(spec ? { spec: guessed } : {}), status: UNKNOWN };
}

function pathById(type: ResourceType, id: string): string {
  const [name = "", namespace] = id.split("/").reverse();
  return pathOf(type, namespace ?? "default", name);
}

/** Pulumi owns its objects' fields under one name, and each patch has a name of its own, so that it can be taken back. */
function managerOf({ isPatch }: KindOf, urn = ""): string {
  if (!isPatch) return "pulumi-kubernetes";
  return `pulumi-kubernetes-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}

function refused(error: unknown, inputs: Properties, verb: string): unknown {
  if (!(error instanceof ApiError)) return error;
  const { name = "", namespace } = metadataOf(inputs);
  const id = namespace === undefined ? name : `${namespace}/${name}`;
  return new Error(`resource ${id} was not successfully ${verb} by the Kubernetes API server: ${error.message}`, {
    cause: error,
  });
}
