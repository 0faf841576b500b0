import { isActive, isReady, podFrom, templateHash, type Pod } from "./replicas";
import { matchesNode, toleratesTaints } from "./scheduling";
import type { Kinds, Live } from "./kinds";
import type { ClusterState } from "./state";

/** Pods of every StatefulSet, in order, each with its own volume claims (the stateful set controller). */
export async function runStatefulSets(state: ClusterState): Promise<void> {
  for (const set of state.list("StatefulSet")) {
    if (set.metadata.deletionTimestamp) continue;
    const hash = templateHash(set.spec.template);
    const pods = state.ownedBy("Pod", set);
    const wanted = set.spec.replicas ?? 1;
    const ordered = set.spec.podManagementPolicy !== "Parallel";
    for (let ordinal = 0; ordinal < wanted; ordinal++) {
      const name = `${set.metadata.name}-${ordinal}`;
      let pod = pods.find(({ metadata }) => metadata.name === name);
      if (pod && pod.metadata.labels?.["controller-revision-hash"] !== hash && !pod.metadata.deletionTimestamp) {
        await state.remove("Pod", pod, { gracePeriodSeconds: 0 });
        pod = undefined;
      }
      if (!pod) {
        const created = await createStatefulPod(state, set, name, ordinal, hash);
        if (typeof created === "string") break;
        pod = created;
      }
      if (ordered && !isReady(pod)) break;
    }
    for (const pod of pods) {
      const ordinal = Number(pod.metadata.name.slice(set.metadata.name.length + 1));
      if (ordinal >= wanted) await state.remove("Pod", pod, { gracePeriodSeconds: 0 });
    }
  }
}

async function createStatefulPod(
  state: ClusterState,
  set: Live<Kinds["StatefulSet"]>,
  name: string,
  ordinal: number,
  hash: string,
): Promise<Pod | string> {
  const claims = set.spec.volumeClaimTemplates ?? [];
  for (const claim of claims) {
    const claimName = `${claim.metadata?.name ?? ""}-${name}`;
    if (state.get("PersistentVolumeClaim", set.metadata.namespace, claimName)) continue;
    const created = await state.create("PersistentVolumeClaim", {
      metadata: { name: claimName, namespace: set.metadata.namespace, labels: claim.metadata?.labels },
      spec: claim.spec,
    });
    if (typeof created === "string") return created;
  }
  const volumes = claims.map(({ metadata }) => ({
    name: metadata?.name ?? "",
    persistentVolumeClaim: { claimName: `${metadata?.name ?? ""}-${name}` },
  }));
  const others = (set.spec.template.spec?.volumes ?? []).filter(
    ({ name: own }) => !volumes.some((v) => v.name === own),
  );
  return state.create(
    "Pod",
    podFrom(set.spec.template, "StatefulSet", set, {
      name,
      labels: {
        "controller-revision-hash": hash,
        "statefulset.kubernetes.io/pod-name": name,
        "apps.kubernetes.io/pod-index": String(ordinal),
      },
      spec: { hostname: name, subdomain: set.spec.serviceName, volumes: [...others, ...volumes] },
    }),
  );
}

/** Taints that every DaemonSet's pods tolerate (Kubernetes documentation, "DaemonSet", taints and tolerations). */
const DAEMON_TOLERATIONS = [
  "not-ready",
  "unreachable",
  "disk-pressure",
  "memory-pressure",
  "pid-pressure",
  "unschedulable",
].map((condition, index) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: "Exists",
  effect: index < 2 ? "NoExecute" : "NoSchedule",
}));

/** One pod of every DaemonSet on every node it fits (the daemon set controller). */
export async function runDaemonSets(state: ClusterState): Promise<void> {
  for (const set of state.list("DaemonSet")) {
    if (set.metadata.deletionTimestamp) continue;
    const hash = templateHash(set.spec.template);
    const pods = state.ownedBy("Pod", set).filter(isActive);
    const eligible = eligibleNodes(state, set);
    for (const pod of pods) {
      const stale = pod.metadata.labels?.["controller-revision-hash"] !== hash;
      if (stale || !eligible.has(targetOf(pod) ?? "")) await state.remove("Pod", pod, { gracePeriodSeconds: 0 });
    }
    const covered = new Set(state.ownedBy("Pod", set).filter(isActive).map(targetOf));
    const { spec } = set.spec.template;
    await Promise.all(
      [...eligible]
        .filter((node) => !covered.has(node))
        .map((node) => {
          const extra = {
            labels: { "controller-revision-hash": hash },
            spec: {
              affinity: { ...spec?.affinity, nodeAffinity: onNode(node) },
              tolerations: [...(spec?.tolerations ?? []), ...DAEMON_TOLERATIONS],
            },
          };
          return state.create("Pod", podFrom(set.spec.template, "DaemonSet", set, extra));
        }),
    );
  }
}

function eligibleNodes(state: ClusterState, set: Live<Kinds["DaemonSet"]>): Set<string> {
  const spec = set.spec.template.spec;
  const tolerations = [...(spec?.tolerations ?? []), ...DAEMON_TOLERATIONS];
  return new Set(
    state
      .list("Node")
      .filter((node) => !spec || (matchesNode(spec, node) && toleratesTaints(tolerations, node.spec.taints ?? [])))
      .map(({ metadata }) => metadata.name),
  );
}

function onNode(name: string): Record<string, unknown> {
  const matchFields = [{ key: "metadata.name", operator: "In", values: [name] }];
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } };
}

function targetOf(pod: Pod): string | undefined {
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0];
}

/** How many pods of each set run, written to `status`. */
export async function reportSets(state: ClusterState): Promise<void> {
  for (const set of state.list("StatefulSet")) {
    const pods = state.ownedBy("Pod", set);
    const ready = pods.filter(isReady).length;
    const hash = templateHash(set.spec.template);
    const updated = pods.filter(({ metadata }) => metadata.labels?.["controller-revision-hash"] === hash).length;
    await state.writeStatus("StatefulSet", set, {
      observedGeneration: set.metadata.generation,
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
      currentReplicas: updated,
      updatedReplicas: updated,
      currentRevision: `${set.metadata.name}-${hash}`,
      updateRevision: `${set.metadata.name}-${hash}`,
    });
  }
  for (const set of state.list("DaemonSet")) {
    const pods = state.ownedBy("Pod", set);
    const ready = pods.filter(isReady).length;
    const wanted = eligibleNodes(state, set).size;
    await state.writeStatus("DaemonSet", set, {
      observedGeneration: set.metadata.generation,
      desiredNumberScheduled: wanted,
      currentNumberScheduled: pods.length,
      updatedNumberScheduled: pods.length,
      numberReady: ready,
      numberAvailable: ready,
      numberUnavailable: Math.max(0, wanted - ready),
      numberMisscheduled: 0,
    });
  }
}
