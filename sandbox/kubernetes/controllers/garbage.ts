import type { Kind } from "./kinds";
import type { ClusterState } from "./state";

/** Kinds that own others here, and kinds that are owned. */
const owners: readonly Kind[] = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "Service", "Node"];
const dependents: readonly Kind[] = ["ReplicaSet", "Pod", "EndpointSlice", "Job", "PersistentVolumeClaim"];

/** True for kinds whose deletion takes other objects along. */
export function ownsOthers(kind: string): boolean {
  return owners.includes(kind as Kind);
}

/**
 * Deletes what lost its owner, and lets owners go that wait for their dependents (the garbage collector). Owners of other
 * kinds (a custom resource, by an operator the sandbox doesn't run) are left alone.
 */
export async function collectGarbage(state: ClusterState): Promise<void> {
  const living = new Map(
    owners.flatMap((kind) => state.list(kind).map((owner) => [owner.metadata.uid, owner.metadata])),
  );
  for (const kind of dependents) {
    for (const object of state.list(kind)) {
      const references = (object.metadata.ownerReferences ?? []).filter((owner) => owners.includes(owner.kind as Kind));
      if (references.length === 0 || object.metadata.deletionTimestamp) continue;
      const waitedFor = references.some((owner) => living.get(owner.uid)?.finalizers?.includes("foregroundDeletion"));
      if (waitedFor && ownsOthers(kind)) await state.remove(kind, object, { propagationPolicy: "Foreground" });
      else if (waitedFor) await state.remove(kind, object, { gracePeriodSeconds: 0 });
      else if (references.every((owner) => !living.has(owner.uid))) await state.remove(kind, object);
    }
  }
  for (const kind of new Set([...owners, ...dependents])) {
    for (const owner of state.list(kind)) {
      const { finalizers = [], uid } = owner.metadata;
      const policy = finalizers.find((finalizer) => finalizer === "foregroundDeletion" || finalizer === "orphan");
      if (!policy) continue;
      const owned = dependents.flatMap((dependent) =>
        state
          .list(dependent)
          .filter(({ metadata }) => metadata.ownerReferences?.some((reference) => reference.uid === uid))
          .map((object) => ({ dependent, object })),
      );
      if (policy === "orphan") {
        for (const { dependent, object } of owned) {
          const ownerReferences = object.metadata.ownerReferences?.filter((reference) => reference.uid !== uid);
          await state.patch(dependent, object, { metadata: { ownerReferences } });
        }
      } else if (owned.length > 0) continue;
      await state.patch(kind, owner, { metadata: { finalizers: finalizers.filter((other) => other !== policy) } });
    }
  }
}
