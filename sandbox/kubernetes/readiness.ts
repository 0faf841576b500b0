import { conditionsOf, isTrue } from "./controllers/conditions";
import type { Kinds, Live } from "./controllers/kinds";
import { jobRefusal } from "./controllers/jobs";
import { isReady, type Pod } from "./controllers/replicas";
import { selects } from "./controllers/scheduling";
import type { KubernetesObject, RestClient } from "./rest";

/** Whether an object does its job: yes, not yet and why, or never and why. */
export type Readiness =
  { readonly state: "ready" } | { readonly state: "waiting" | "failed"; readonly reasons: string[] };

const READY: Readiness = { state: "ready" };

/** True for kinds that need time, or others, to do their job. */
export function isAwaited(kind: string): boolean {
  return judges[kind] !== undefined;
}

/** Judges one object as Pulumi's Kubernetes provider does before it calls a resource created. */
export async function readinessOf(client: RestClient, object: KubernetesObject): Promise<Readiness> {
  const judge = judges[object.kind];
  return judge ? judge(client, object) : READY;
}

const judges: Readonly<
  Record<string, (client: RestClient, object: KubernetesObject) => Promise<Readiness> | Readiness>
> = {
  Deployment: async (client, object) => {
    const { spec, status, metadata } = as<"Deployment">(object);
    const wanted = spec.replicas ?? 1;
    const done =
      (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) &&
      (status?.updatedReplicas ?? 0) >= wanted &&
      (status?.readyReplicas ?? 0) >= wanted &&
      status?.replicas === (wanted === 0 ? undefined : status?.updatedReplicas);
    return done
      ? READY
      : waiting(conditionMessages(object), await podMessages(client, metadata.namespace, spec.selector));
  },
  StatefulSet: async (client, object) => {
    const { spec, status, metadata } = as<"StatefulSet">(object);
    const wanted = spec.replicas ?? 1;
    const done =
      (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) &&
      (status?.readyReplicas ?? 0) >= wanted &&
      (status?.updatedReplicas ?? 0) >= wanted;
    return done
      ? READY
      : waiting(conditionMessages(object), await podMessages(client, metadata.namespace, spec.selector));
  },
  DaemonSet: async (client, object) => {
    const { spec, status, metadata } = as<"DaemonSet">(object);
    const wanted = status?.desiredNumberScheduled ?? 0;
    const done =
      (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) && (status?.numberReady ?? 0) >= wanted;
    return done
      ? READY
      : waiting(conditionMessages(object), await podMessages(client, metadata.namespace, spec.selector));
  },
  Pod: (_client, object) => {
    const pod = as<"Pod">(object);
    if (pod.status?.phase === "Failed") return { state: "failed", reasons: messagesOf(pod) };
    return isReady(pod) || pod.status?.phase === "Succeeded" ? READY : waiting(messagesOf(pod));
  },
  Job: async (client, object) => {
    const { spec, status, metadata } = as<"Job">(object);
    const conditions = conditionsOf(status);
    if (spec.suspend || isTrue(conditions, "Complete")) return READY;
    const pods = await podMessages(client, metadata.namespace, spec.selector);
    const refusal = jobRefusal(metadata.uid ?? "");
    if (!isTrue(conditions, "Failed")) return waiting(refusal === undefined ? [] : [refusal], pods);
    const failed = conditions.find(({ type }) => type === "Failed");
    return { state: "failed", reasons: [`[${failed?.reason ?? "Failed"}] ${failed?.message ?? ""}`, ...pods] };
  },
  Service: async (client, object) => {
    const { spec, status, metadata } = as<"Service">(object);
    if (spec.type === "ExternalName" || !spec.selector || spec.clusterIP === "None") return READY;
    const labelSelector = `kubernetes.io/service-name=${metadata.name}`;
    const path = `/apis/discovery.k8s.io/v1/namespaces/${metadata.namespace ?? "default"}/endpointslices`;
    const { items } = await client.get<{ items: Live<Kinds["EndpointSlice"]>[] }>(path, { labelSelector });
    if (
      !items.some(({ endpoints }) =>
        (endpoints as typeof endpoints | null)?.some(({ conditions }) => conditions?.ready),
      )
    ) {
      return waiting([
        "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
      ]);
    }
    const assigned = spec.type !== "LoadBalancer" || (status?.loadBalancer?.ingress ?? []).length > 0;
    return assigned
      ? READY
      : waiting(["Service was not allocated an IP address; does your cloud provider support this?"]);
  },
  Ingress: (_client, object) => {
    const { status } = as<"Ingress">(object);
    return (status?.loadBalancer?.ingress ?? []).length > 0
      ? READY
      : waiting([
          "Ingress .status.loadBalancer field was not updated with a hostname/IP address; is an ingress controller installed?",
        ]);
  },
  PersistentVolumeClaim: async (client, object) => {
    const { spec, status } = as<"PersistentVolumeClaim">(object);
    if (status?.phase === "Bound") return READY;
    const path = `/apis/storage.k8s.io/v1/storageclasses/${spec.storageClassName ?? ""}`;
    const storageClass = spec.storageClassName ? await client.find<Kinds["StorageClass"]>(path) : undefined;
    if (storageClass?.volumeBindingMode === "WaitForFirstConsumer") return READY;
    const problem = storageClass
      ? `waiting for a volume to be created by the external provisioner "${storageClass.provisioner}"; is its EKS add-on installed?`
      : spec.storageClassName
        ? `storageclass.storage.k8s.io "${spec.storageClassName}" not found`
        : "no persistent volumes available for this claim and no storage class is set";
    return waiting([problem]);
  },
  CustomResourceDefinition: (_client, object) =>
    isTrue(conditionsOf(object["status"] as object), "Established")
      ? READY
      : waiting(["CustomResourceDefinition is not established"]),
};

function as<K extends keyof Kinds>(object: KubernetesObject): Live<Kinds[K]> {
  return object as unknown as Live<Kinds[K]>;
}

function waiting(...reasons: string[][]): Readiness {
  return { state: "waiting", reasons: reasons.flat() };
}

function conditionMessages(object: KubernetesObject): string[] {
  return conditionsOf(object["status"] as { conditions?: unknown } | undefined)
    .filter(({ type, status }) => (type === "Available" && status === "False") || type === "ReplicaFailure")
    .map(({ reason = "", message = "" }) => `[${reason}] ${message}`);
}

/** What keeps the selected pods from being ready, each reason once. */
async function podMessages(
  client: RestClient,
  namespace: string | undefined,
  selector: Parameters<typeof selects>[0],
): Promise<string[]> {
  const { items } = await client.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespace ?? "default"}/pods`);
  const unready = items.filter((pod) => selects(selector, pod.metadata.labels) && !isReady(pod));
  return [...new Set(unready.flatMap(messagesOf))];
}

function messagesOf(pod: Pod): string[] {
  const unscheduled = conditionsOf(pod.status).find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (unscheduled) return [`[${unscheduled.reason ?? ""}] ${unscheduled.message ?? ""}`];
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.flatMap(({ name, state }) => {
    const { waiting: wait, terminated } = state ?? {};
    if (wait && wait.reason !== "PodInitializing")
      return [`container "${name}": [${wait.reason ?? ""}] ${wait.message ?? ""}`];
    if (terminated && terminated.exitCode !== 0) {
      return [
        `container "${name}": [${terminated.reason ?? ""}] exit code ${terminated.exitCode}: ${terminated.message ?? "no message"}`,
      ];
    }
    return [];
  });
}
