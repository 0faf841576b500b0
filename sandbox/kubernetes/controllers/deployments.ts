import { conditionsOf, withCondition, type Condition } from "./conditions";
import { intOrPercent, isReady, scalePods, templateHash } from "./replicas";
import type { Kinds, Live } from "./kinds";
import { ownerReference, type ClusterState } from "./state";

type Deployment = Live<Kinds["Deployment"]>;
type ReplicaSet = Live<Kinds["ReplicaSet"]>;

/** Rolls every Deployment out over ReplicaSets (the deployment controller). */
export async function rollOutDeployments(state: ClusterState): Promise<void> {
  for (const deployment of state.list("Deployment")) {
    if (deployment.metadata.deletionTimestamp || deployment.spec.paused) continue;
    const hash = templateHash(deployment.spec.template);
    const sets = state.ownedBy("ReplicaSet", deployment);
    let current = sets.find((set) => set.metadata.labels?.["pod-template-hash"] === hash);
    if (!current) {
      const created = await createReplicaSet(state, deployment, hash, sets.length + 1);
      if (typeof created === "string") continue;
      current = created;
    }
    await scaleSets(
      state,
      deployment,
      current,
      sets.filter((set) => set !== current),
    );
  }
}

/** Pods of every ReplicaSet (the replica set controller). */
export async function fillReplicaSets(state: ClusterState): Promise<void> {
  for (const set of state.list("ReplicaSet")) {
    if (set.metadata.deletionTimestamp) continue;
    const template = set.spec.template ?? {};
    const refusal = await scalePods(state, "ReplicaSet", set, template, set.spec.replicas ?? 1);
    const conditions = conditionsOf(set.status).filter(({ type }) => type !== "ReplicaFailure");
    const failure: Condition = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: refusal };
    const next = refusal === undefined ? conditions : withCondition(conditionsOf(set.status), failure);
    if (refusal !== undefined || set.status?.conditions) {
      await state.writeStatus("ReplicaSet", set, { replicas: set.status?.replicas ?? 0, conditions: next });
    }
  }
}

/** How far each rollout has come, written to `status`. */
export async function reportDeployments(state: ClusterState): Promise<void> {
  for (const set of state.list("ReplicaSet")) {
    const pods = state.ownedBy("Pod", set);
    const ready = pods.filter(isReady).length;
    await state.writeStatus("ReplicaSet", set, {
      replicas: pods.length,
      fullyLabeledReplicas: pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
      observedGeneration: set.metadata.generation,
    });
  }
  for (const deployment of state.list("Deployment")) await reportDeployment(state, deployment);
}

async function createReplicaSet(
  state: ClusterState,
  deployment: Deployment,
  hash: string,
  revision: number,
): Promise<ReplicaSet | string> {
  const labels = { ...deployment.spec.template.metadata?.labels, "pod-template-hash": hash };
  const { template, selector } = deployment.spec;
  return state.create("ReplicaSet", {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: { "deployment.kubernetes.io/revision": String(revision) },
      ownerReferences: [ownerReference("Deployment", deployment)],
    },
    spec: {
      replicas: 0,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, "pod-template-hash": hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  });
}

/** One step of the rollout, within maxSurge and maxUnavailable. */
async function scaleSets(
  state: ClusterState,
  { spec }: Deployment,
  current: ReplicaSet,
  others: ReplicaSet[],
): Promise<void> {
  const wanted = spec.replicas ?? 1;
  const size = (set: ReplicaSet): number => set.spec.replicas ?? 0;
  const ready = (set: ReplicaSet): number => state.ownedBy("Pod", set).filter(isReady).length;
  const old = others.filter((set) => size(set) > 0 || state.ownedBy("Pod", set).length > 0);
  const recreate = spec.strategy?.type === "Recreate";
  const rolling = spec.strategy?.rollingUpdate;
  const surge = recreate ? 0 : intOrPercent(rolling?.maxSurge ?? "25%", wanted, Math.ceil);
  const unavailable = recreate ? wanted : intOrPercent(rolling?.maxUnavailable ?? "25%", wanted, Math.floor);

  const oldPods = old.reduce((sum, set) => sum + size(set), 0);
  const gone = recreate && old.some((set) => state.ownedBy("Pod", set).length > 0);
  const room = gone ? 0 : Math.max(0, wanted + surge - oldPods - size(current));
  const target = size(current) > wanted ? wanted : Math.min(wanted, size(current) + room);
  await state.patch("ReplicaSet", current, { spec: { replicas: target } });

  // Old pods that never became ready may go at once; ready ones as far as the new ones stand in for them.
  let spare = ready(current) + old.reduce((sum, set) => sum + ready(set), 0) - (wanted - unavailable);
  for (const set of old) {
    const unready = size(set) - ready(set);
    const removable = recreate ? size(set) : Math.min(size(set), unready + Math.max(0, spare));
    spare -= Math.max(0, removable - unready);
    await state.patch("ReplicaSet", set, { spec: { replicas: size(set) - removable } });
  }
}

async function reportDeployment(state: ClusterState, deployment: Deployment): Promise<void> {
  const hash = templateHash(deployment.spec.template);
  const sets = state.ownedBy("ReplicaSet", deployment);
  const current = sets.find((set) => set.metadata.labels?.["pod-template-hash"] === hash);
  const pods = sets.flatMap((set) => state.ownedBy("Pod", set));
  const updated = current ? state.ownedBy("Pod", current) : [];
  const wanted = deployment.spec.replicas ?? 1;
  const ready = pods.filter(isReady).length;
  const unavailable = intOrPercent(
    deployment.spec.strategy?.rollingUpdate?.maxUnavailable ?? "25%",
    wanted,
    Math.floor,
  );
  const enough = ready >= wanted - unavailable;
  const complete = updated.filter(isReady).length >= wanted && pods.length === updated.length;
  const failure = conditionsOf(current?.status).find(({ type }) => type === "ReplicaFailure");

  let conditions = withCondition(conditionsOf(deployment.status), {
    type: "Available",
    status: enough ? "True" : "False",
    reason: enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
  });
  conditions = withCondition(conditions, {
    type: "Progressing",
    status: "True",
    reason: complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
    message: `ReplicaSet "${current?.metadata.name ?? ""}" ${complete ? "has successfully progressed" : "is progressing"}.`,
  });
  conditions = conditions.filter(({ type }) => type !== "ReplicaFailure");
  if (failure) conditions = withCondition(conditions, failure);

  await state.writeStatus("Deployment", deployment, {
    observedGeneration: deployment.metadata.generation,
    replicas: pods.length,
    updatedReplicas: updated.length,
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: Math.max(0, wanted - ready),
    conditions,
  });
}
