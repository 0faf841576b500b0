import { conditionsOf, withCondition } from "./conditions";
import { quantity } from "./quantities";
import type { Pod } from "./replicas";
import type { Kinds, LabelSelector, Live, NodeSelectorTerm, PodSpec, Taint, Toleration } from "./kinds";
import type { ClusterState } from "./state";

export type Node = Live<Kinds["Node"]>;

/**
 * Places pending pods on nodes, or says why none fits, in the scheduler's words. Filters as kube-scheduler's default
 * profile does (taints, node selector and affinity, requests, pod affinity, topology spread, volumes); among the nodes
 * that fit, one that it prefers wins, then the emptiest of its zone, which also serves preferred spreading.
 */
export async function schedulePods(state: ClusterState): Promise<void> {
  const nodes = state.list("Node");
  const bindings: Promise<void>[] = [];
  for (const pod of state.list("Pod")) {
    if (pod.spec.nodeName || pod.metadata.deletionTimestamp) continue;
    const blocked = claimsProblem(state, pod);
    const reasons = nodes.map((node) => ({ node, reason: blocked ?? whyNot(state, pod, node) }));
    const [best] = reasons
      .filter(({ reason }) => reason === undefined)
      .sort(
        (a, b) =>
          preference(pod, b.node) - preference(pod, a.node) || load(state, pod, a.node) - load(state, pod, b.node),
      );
    if (best) {
      bindings.push(state.bind(pod, best.node.metadata.name));
      continue;
    }
    const message = blocked
      ? `0/${nodes.length} nodes are available: ${blocked}.`
      : summary(reasons.map(({ reason }) => reason ?? ""));
    const unschedulable = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
    const conditions = withCondition(conditionsOf(pod.status), unschedulable);
    await state.writeStatus("Pod", pod, { phase: "Pending", conditions });
  }
  await Promise.all(bindings);
}

/** Node selector and required node affinity. */
export function matchesNode(spec: Pick<PodSpec, "nodeSelector" | "affinity" | "nodeName">, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return !terms || terms.some((term) => matchesTerm(term, labels, node.metadata.name));
}

/** How much a pod likes a node: the weights of the preferred affinities that it meets. */
export function preference({ spec }: Pod, node: Node): number {
  const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const met = preferred.filter((term) => matchesTerm(term.preference, node.metadata.labels ?? {}, node.metadata.name));
  return met.reduce((sum, { weight }) => sum + weight, 0);
}

/** Every taint that keeps pods off is tolerated. */
export function toleratesTaints(tolerations: readonly Toleration[], taints: readonly Taint[]): boolean {
  return untolerated(tolerations, taints) === undefined;
}

function untolerated(tolerations: readonly Toleration[], taints: readonly Taint[]): Taint | undefined {
  return taints.find(
    (taint) =>
      taint.effect !== "PreferNoSchedule" &&
      !tolerations.some(
        ({ key, operator, value, effect }) =>
          (!effect || effect === taint.effect) &&
          (key ? key === taint.key : operator === "Exists") &&
          (operator === "Exists" || (value ?? "") === (taint.value ?? "")),
      ),
  );
}

/** Label selector of pods, as services, budgets and spreading use it. */
export function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> = {}): boolean {
  if (!selector) return false;
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values }) => matches(labels[key], operator, values))
  );
}

function matchesTerm(term: NodeSelectorTerm, labels: Readonly<Record<string, string>>, name: string): boolean {
  const fields = (term.matchFields ?? []).every(({ operator, values }) => matches(name, operator, values));
  return (
    fields && (term.matchExpressions ?? []).every(({ key, operator, values }) => matches(labels[key], operator, values))
  );
}

function matches(value: string | undefined, operator: string, values: readonly string[] = []): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(values[0]);
    case "Lt":
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** Why a pod can't run on a node, in the scheduler's words; undefined when it can. */
export function whyNot(state: ClusterState, pod: Pod, node: Node): string | undefined {
  const taint = untolerated(pod.spec.tolerations ?? [], node.spec.taints ?? []);
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
  if (!matchesNode(pod.spec, node)) return "node(s) didn't match Pod's node affinity/selector";
  return lacks(state, pod, node) ?? affinityProblem(state, pod, node) ?? spreadProblem(state, pod, node);
}

function podsOn(state: ClusterState, node: Node): Pod[] {
  return state.list("Pod").filter((pod) => pod.spec.nodeName === node.metadata.name && !finished(pod));
}

function finished(pod: Pod): boolean {
  return ["Succeeded", "Failed"].includes(pod.status?.phase ?? "");
}

/** What a pod asks of its node: the containers together, or its greediest init container. */
function request(spec: PodSpec, resource: string): number {
  const of = (containers: PodSpec["containers"]): number[] =>
    containers.map((container) => quantity(container.resources?.requests?.[resource]));
  const together = of(spec.containers).reduce((sum, one) => sum + one, 0);
  return Math.max(together, ...of(spec.initContainers ?? [])) + quantity(spec.overhead?.[resource]);
}

function lacks(state: ClusterState, pod: Pod, node: Node): string | undefined {
  const placed = podsOn(state, node);
  const allocatable = node.status?.allocatable ?? {};
  if (placed.length + 1 > quantity(allocatable["pods"])) return "Too many pods";
  const asked = new Set(pod.spec.containers.flatMap(({ resources }) => Object.keys(resources?.requests ?? {})));
  for (const resource of asked) {
    const used = placed.reduce((sum, other) => sum + request(other.spec, resource), 0);
    if (used + request(pod.spec, resource) > quantity(allocatable[resource])) return `Insufficient ${resource}`;
  }
  return undefined;
}

function affinityProblem(state: ClusterState, pod: Pod, node: Node): string | undefined {
  const near = (
    topologyKey: string,
    selector: LabelSelector | undefined,
    namespaces: string[] | undefined,
  ): boolean => {
    const domain = node.metadata.labels?.[topologyKey];
    return state
      .list("Node")
      .some(
        (other) =>
          other.metadata.labels?.[topologyKey] === domain &&
          podsOn(state, other).some(
            ({ metadata }) =>
              (namespaces ?? [pod.metadata.namespace]).includes(metadata.namespace) &&
              selects(selector, metadata.labels),
          ),
      );
  };
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  for (const term of podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    if (near(term.topologyKey, term.labelSelector, term.namespaces))
      return "node(s) didn't match pod anti-affinity rules";
  }
  for (const term of podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    const first = selects(term.labelSelector, pod.metadata.labels);
    const found = near(term.topologyKey, term.labelSelector, term.namespaces);
    if (!found && !first) return "node(s) didn't match pod affinity rules";
  }
  return undefined;
}

function spreadProblem(state: ClusterState, pod: Pod, node: Node): string | undefined {
  for (const rule of pod.spec.topologySpreadConstraints ?? []) {
    if (rule.whenUnsatisfiable !== "DoNotSchedule") continue;
    const domain = node.metadata.labels?.[rule.topologyKey];
    if (domain === undefined) return `node(s) didn't match pod topology spread constraints (missing required label)`;
    const counts = domainCounts(state, pod, rule.topologyKey, rule.labelSelector);
    const own = selects(rule.labelSelector, pod.metadata.labels) ? 1 : 0;
    if ((counts.get(domain) ?? 0) + own - Math.min(...counts.values()) > rule.maxSkew) {
      return "node(s) didn't match pod topology spread constraints";
    }
  }
  return undefined;
}

/** Matching pods by topology domain, over the nodes that the pod's selector and affinity allow. */
function domainCounts(
  state: ClusterState,
  pod: Pod,
  topologyKey: string,
  selector: LabelSelector | undefined,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of state.list("Node")) {
    const domain = node.metadata.labels?.[topologyKey];
    if (domain === undefined || !matchesNode(pod.spec, node)) continue;
    const matching = podsOn(state, node).filter(
      ({ metadata }) =>
        metadata.namespace === pod.metadata.namespace &&
        metadata.deletionTimestamp === undefined &&
        selects(selector, metadata.labels),
    );
    counts.set(domain, (counts.get(domain) ?? 0) + matching.length);
  }
  return counts;
}

function claimsProblem(state: ClusterState, pod: Pod): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const name = volume.persistentVolumeClaim?.claimName;
    if (name === undefined) continue;
    const claim = state.get("PersistentVolumeClaim", pod.metadata.namespace, name);
    if (!claim) return `persistentvolumeclaim "${name}" not found`;
    if (claim.status?.phase === "Bound") continue;
    const storageClass = state.get("StorageClass", undefined, claim.spec.storageClassName ?? "");
    if (storageClass?.volumeBindingMode === "WaitForFirstConsumer" && storageClass.provisioner) continue;
    return "pod has unbound immediate PersistentVolumeClaims";
  }
  return undefined;
}

/** How full a node is for this pod: like pods in its zone weigh most, then like pods on it, then any. */
function load(state: ClusterState, pod: Pod, node: Node): number {
  const zoneKey = "topology.kubernetes.io/zone";
  const alike = (other: Pod): boolean =>
    other.metadata.namespace === pod.metadata.namespace &&
    Object.entries(pod.metadata.labels ?? {}).every(([key, value]) => other.metadata.labels?.[key] === value);
  const zone = state
    .list("Node")
    .filter(({ metadata }) => metadata.labels?.[zoneKey] === node.metadata.labels?.[zoneKey])
    .flatMap((neighbour) => podsOn(state, neighbour));
  const here = podsOn(state, node);
  return zone.filter(alike).length * 1e6 + here.filter(alike).length * 1e3 + here.length;
}

function summary(reasons: readonly string[]): string {
  if (reasons.length === 0) return "no nodes available to schedule pods";
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${reasons.length} nodes are available: ${parts.join(", ")}.`;
}
