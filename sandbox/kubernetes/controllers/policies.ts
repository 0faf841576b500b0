import { withCondition, conditionsOf } from "./conditions";
import { quantity } from "./quantities";
import { intOrPercent, isActive, isReady } from "./replicas";
import { selects } from "./scheduling";
import type { Kinds, Live } from "./kinds";
import type { ClusterState } from "./state";

type Budget = Live<Kinds["PodDisruptionBudget"]>;
type Autoscaler = Live<Kinds["HorizontalPodAutoscaler"]>;

/** Disruption budgets, autoscalers and quotas: what they count, written to their status. */
export async function reportPolicies(state: ClusterState): Promise<void> {
  for (const budget of state.list("PodDisruptionBudget")) await reportBudget(state, budget);
  for (const autoscaler of state.list("HorizontalPodAutoscaler")) await autoscale(state, autoscaler);
  for (const quota of state.list("ResourceQuota")) await reportQuota(state, quota);
}

async function reportBudget(state: ClusterState, budget: Budget): Promise<void> {
  const covered = (other: Budget): string[] =>
    state
      .list("Pod")
      .filter((pod) => pod.metadata.namespace === other.metadata.namespace && isActive(pod))
      .filter((pod) => selects(other.spec.selector, pod.metadata.labels))
      .map((pod) => pod.metadata.name);
  const names = covered(budget);
  const healthy = state
    .list("Pod")
    .filter((pod) => pod.metadata.namespace === budget.metadata.namespace && names.includes(pod.metadata.name))
    .filter(isReady).length;
  const { minAvailable, maxUnavailable } = budget.spec;
  const desired =
    minAvailable === undefined
      ? Math.max(0, names.length - intOrPercent(maxUnavailable, names.length, Math.ceil))
      : intOrPercent(minAvailable, names.length, Math.ceil);
  // The eviction API refuses a pod that two budgets cover, so neither allows a disruption.
  const overlap = state
    .list("PodDisruptionBudget")
    .find(
      (other) => other !== budget && sharesPods(budget, other) && covered(other).some((name) => names.includes(name)),
    );
  const allowed = overlap ? 0 : Math.max(0, healthy - desired);
  const condition = overlap
    ? { reason: "SyncFailed", message: `pods are also covered by PodDisruptionBudget "${overlap.metadata.name}"` }
    : { reason: allowed > 0 ? "SufficientPods" : "InsufficientPods", message: "" };
  await state.writeStatus("PodDisruptionBudget", budget, {
    observedGeneration: budget.metadata.generation,
    expectedPods: names.length,
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: allowed,
    conditions: withCondition(conditionsOf(budget.status), {
      type: "DisruptionAllowed",
      status: allowed > 0 ? "True" : "False",
      ...condition,
    }),
  });
}

function sharesPods(one: Budget, other: Budget): boolean {
  return one.metadata.namespace === other.metadata.namespace;
}

/** Keeps the target between its bounds. Its load is not simulated, so it asks for no more than the minimum. */
async function autoscale(state: ClusterState, autoscaler: Autoscaler): Promise<void> {
  const { scaleTargetRef, minReplicas = 1, maxReplicas } = autoscaler.spec;
  const { namespace } = autoscaler.metadata;
  const target =
    scaleTargetRef.kind === "Deployment" || scaleTargetRef.kind === "StatefulSet"
      ? state.get(scaleTargetRef.kind, namespace, scaleTargetRef.name)
      : undefined;
  const metrics = state
    .list("Pod")
    .some((pod) => pod.metadata.labels?.["app.kubernetes.io/name"] === "metrics-server" && isReady(pod));
  let conditions = withCondition(conditionsOf(autoscaler.status), {
    type: "AbleToScale",
    status: target ? "True" : "False",
    reason: target ? "SucceededGetScale" : "FailedGetScale",
    message: target
      ? "the HPA controller was able to get the target's current scale"
      : `the HPA controller was unable to get the target's current scale: ${scaleTargetRef.kind} "${scaleTargetRef.name}" not found`,
  });
  conditions = withCondition(conditions, {
    type: "ScalingActive",
    status: target && metrics ? "True" : "False",
    reason: target && metrics ? "ValidMetricFound" : "FailedGetResourceMetric",
    message:
      target && metrics
        ? "the HPA was able to successfully calculate a replica count"
        : "the HPA was unable to compute the replica count: no metrics are served (is metrics-server installed?)",
  });
  const current = target?.spec.replicas ?? 1;
  // Scaled to nothing by hand, a target is left alone until somebody scales it up again (Kubernetes' docs, Horizontal Pod
  // Autoscaling, "implicit maintenance-mode deactivation").
  const desired = current === 0 ? 0 : Math.min(maxReplicas, Math.max(minReplicas, current));
  if (
    target &&
    desired !== current &&
    (scaleTargetRef.kind === "Deployment" || scaleTargetRef.kind === "StatefulSet")
  ) {
    await state.patch(scaleTargetRef.kind, target, { spec: { replicas: desired } }, "scale");
  }
  await state.writeStatus("HorizontalPodAutoscaler", autoscaler, {
    observedGeneration: autoscaler.metadata.generation,
    currentReplicas: target ? current : 0,
    desiredReplicas: target ? desired : 0,
    conditions,
  });
}

/** Hard limits and what is used, which admission then enforces (the resource quota controller). */
async function reportQuota(state: ClusterState, quota: Live<Kinds["ResourceQuota"]>): Promise<void> {
  const hard = quota.spec.hard ?? {};
  const { namespace } = quota.metadata;
  const pods = state.list("Pod").filter((pod) => pod.metadata.namespace === namespace && isActive(pod));
  const used = Object.fromEntries(
    Object.keys(hard).map((resource) => {
      if (resource === "pods" || resource === "count/pods") return [resource, String(pods.length)];
      const [scope, name] = resource.includes(".") ? resource.split(/\.(.*)/) : ["requests", resource];
      if (scope !== "requests" && scope !== "limits") return [resource, quota.status?.used?.[resource] ?? "0"];
      const total = pods
        .flatMap((pod) => pod.spec.containers)
        .reduce((sum, { resources }) => sum + quantity(resources?.[scope]?.[name ?? ""]), 0);
      return [resource, name === "cpu" ? `${Math.round(total * 1000)}m` : String(total)];
    }),
  );
  const before = quota.status?.used ?? {};
  const same = Object.entries(used).every(([key, value]) => quantity(value) === quantity(before[key]) && key in before);
  await state.writeStatus("ResourceQuota", quota, { hard, used: same ? before : used });
}
