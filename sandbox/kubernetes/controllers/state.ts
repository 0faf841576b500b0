import { isDeepStrictEqual } from "node:util";
import { pathOf } from "../discovery";
import { ApiError, type KubernetesObject, type ObjectMeta, type OwnerReference, type RestClient } from "../rest";
import { conditionsOf, withCondition } from "./conditions";
import type { Kind, Kinds, Live } from "./kinds";

const core = (plural: string, namespaced = true): Place => ({ apiVersion: "v1", plural, namespaced });
const apps = (plural: string): Place => ({ apiVersion: "apps/v1", plural, namespaced: true });
interface Place {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const places: Record<Kind, Place> = {
  Namespace: core("namespaces", false),
  Node: core("nodes", false),
  Pod: core("pods"),
  Secret: core("secrets"),
  ConfigMap: core("configmaps"),
  ServiceAccount: core("serviceaccounts"),
  Service: core("services"),
  PersistentVolume: core("persistentvolumes", false),
  PersistentVolumeClaim: core("persistentvolumeclaims"),
  ResourceQuota: core("resourcequotas"),
  ReplicaSet: apps("replicasets"),
  Deployment: apps("deployments"),
  StatefulSet: apps("statefulsets"),
  DaemonSet: apps("daemonsets"),
  Job: { apiVersion: "batch/v1", plural: "jobs", namespaced: true },
  EndpointSlice: { apiVersion: "discovery.k8s.io/v1", plural: "endpointslices", namespaced: true },
  HorizontalPodAutoscaler: { apiVersion: "autoscaling/v2", plural: "horizontalpodautoscalers", namespaced: true },
  PodDisruptionBudget: { apiVersion: "policy/v1", plural: "poddisruptionbudgets", namespaced: true },
  StorageClass: { apiVersion: "storage.k8s.io/v1", plural: "storageclasses", namespaced: false },
  Ingress: { apiVersion: "networking.k8s.io/v1", plural: "ingresses", namespaced: true },
  NodePool: { apiVersion: "karpenter.sh/v1", plural: "nodepools", namespaced: false },
  TargetGroupBinding: { apiVersion: "elbv2.k8s.aws/v1beta1", plural: "targetgroupbindings", namespaced: true },
};

const kinds = Object.keys(places) as Kind[];

/** Collections in which people change things by hand that controllers answer to. */
export const watchedPaths = (
  ["Namespace", "Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "Service", "PersistentVolumeClaim"] as const
).map((kind) => pathOf(places[kind], undefined));

/**
 * A cluster's objects as they were when the pass of the controllers began, kept up to date with the pass's own writes,
 * so that one pass carries a Deployment all the way to ready.
 */
export class ClusterState {
  /** How many writes the pass has made; a pass without any is the last. */
  writes = 0;
  private readonly objects = new Map<Kind, Map<string, unknown>>();

  private constructor(readonly client: RestClient) {}

  static async load(client: RestClient): Promise<ClusterState> {
    const state = new ClusterState(client);
    await Promise.all(
      kinds.map(async (kind) => {
        const path = pathOf(places[kind], undefined);
        const list = await client.find<{ items: { metadata: ObjectMeta }[] }>(path);
        state.objects.set(kind, new Map((list?.items ?? []).map((item) => [key(item.metadata), item])));
      }),
    );
    return state;
  }

  list<K extends Kind>(kind: K): Live<Kinds[K]>[] {
    return [...(this.objects.get(kind)?.values() ?? [])] as Live<Kinds[K]>[];
  }

  get<K extends Kind>(kind: K, namespace: string | undefined, name: string): Live<Kinds[K]> | undefined {
    return this.objects.get(kind)?.get(key({ namespace, name })) as Live<Kinds[K]> | undefined;
  }

  /** Objects that `owner` controls. */
  ownedBy<K extends Kind>(kind: K, owner: { metadata: ObjectMeta }): Live<Kinds[K]>[] {
    return this.list(kind).filter((object) => controllerOf(object.metadata)?.uid === owner.metadata.uid);
  }

  /** @returns the message of the refusal (admission, quota, validation), or the object. */
  async create<K extends Kind>(
    kind: K,
    object: { metadata: Partial<ObjectMeta> & { generateName?: string } } & Record<string, unknown>,
  ): Promise<Live<Kinds[K]> | string> {
    const place = places[kind];
    try {
      const path = pathOf(place, object.metadata.namespace);
      const body = { apiVersion: place.apiVersion, kind, ...object };
      return this.remember(kind, await this.client.request<Live<Kinds[K]>>("POST", path, {}, body));
    } catch (error) {
      if (error instanceof ApiError) return error.message;
      throw error;
    }
  }

  /** Merge-patches the object, unless it says all that already. */
  async patch(
    kind: Kind,
    object: { metadata: ObjectMeta },
    patch: Record<string, unknown>,
    subresource?: "status" | "scale",
  ): Promise<void> {
    if (includes(object, patch)) return;
    const path = pathOf(places[kind], object.metadata.namespace, object.metadata.name);
    try {
      const patched = await this.client.request<KubernetesObject>(
        "PATCH",
        subresource ? `${path}/${subresource}` : path,
        {},
        patch,
        { contentType: "application/merge-patch+json" },
      );
      if (subresource !== "scale") this.remember(kind, patched);
      else this.writes++;
    } catch (error) {
      this.forgetIfGone(kind, object, error);
    }
  }

  async writeStatus(kind: Kind, object: { metadata: ObjectMeta }, status: Record<string, unknown>): Promise<void> {
    await this.patch(kind, object, { status }, "status");
  }

  /** Places a pod on a node, as the scheduler does: at once for the rest of this pass, and in the API when awaited. */
  async bind(pod: Live<Kinds["Pod"]>, node: string): Promise<void> {
    const path = pathOf(places.Pod, pod.metadata.namespace, pod.metadata.name);
    const { name, namespace } = pod.metadata;
    const scheduled = { type: "PodScheduled", status: "True" };
    const conditions = withCondition(conditionsOf(pod.status), scheduled);
    this.remember("Pod", {
      ...pod,
      spec: { ...pod.spec, nodeName: node },
      status: { ...pod.status, conditions },
    });
    const target = { apiVersion: "v1", kind: "Node", name: node };
    await this.client.request("POST", `${path}/binding`, {}, { metadata: { name, namespace }, target });
  }

  async remove(kind: Kind, object: { metadata: ObjectMeta }, options: Record<string, unknown> = {}): Promise<void> {
    const path = pathOf(places[kind], object.metadata.namespace, object.metadata.name);
    try {
      const answer = await this.client.request<KubernetesObject>("DELETE", path, {}, options);
      this.writes++;
      // The answer is a bare status, or the object, which finalizers or a pod's grace may still hold.
      const { finalizers = [], deletionGracePeriodSeconds = 0 } = answer.kind === kind ? answer.metadata : {};
      if (finalizers.length > 0 || deletionGracePeriodSeconds > 0) this.remember(kind, answer);
      else this.objects.get(kind)?.delete(key(object.metadata));
    } catch (error) {
      this.forgetIfGone(kind, object, error);
    }
  }

  private remember<T extends { metadata: ObjectMeta }>(kind: Kind, object: T): T {
    this.writes++;
    this.objects.get(kind)?.set(key(object.metadata), object);
    return object;
  }

  private forgetIfGone(kind: Kind, object: { metadata: ObjectMeta }, error: unknown): void {
    if (!(error instanceof ApiError) || error.code !== 404) throw error;
    this.objects.get(kind)?.delete(key(object.metadata));
  }
}

/** The owner that controls an object, if one does. */
export function controllerOf(metadata: ObjectMeta): { uid: string; kind: string; name: string } | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller);
}

/** The owner reference by which `owner` controls another object. */
export function ownerReference(kind: Kind, owner: { metadata: ObjectMeta }): OwnerReference {
  const { name, uid = "" } = owner.metadata;
  return { apiVersion: places[kind].apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

function key({ namespace, name }: { namespace?: string | undefined; name: string }): string {
  return `${namespace ?? ""}/${name}`;
}

/** True when a merge patch would change nothing. */
function includes(actual: unknown, patch: unknown): boolean {
  if (patch === null) return actual === undefined || actual === null;
  // Not given: the patch that goes out doesn't have the field either.
  if (patch === undefined) return true;
  // The API leaves zero values out of what it answers.
  if (typeof patch !== "object") return actual === patch || (actual === undefined && !patch);
  if (Array.isArray(patch)) return isDeepStrictEqual(withoutNulls(actual ?? []), withoutNulls(patch));
  return Object.entries(patch).every(([field, value]) =>
    includes((actual as Record<string, unknown> | undefined)?.[field], value),
  );
}

/** The API writes some absent fields as `null`, and a patch has none of its `undefined` ones. */
function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, field: unknown) => (field === null ? undefined : field)));
}
