import { createHash } from "node:crypto";
import { isReady, type Pod } from "./replicas";
import type { Kinds, Live } from "./kinds";
import { ownerReference, type ClusterState } from "./state";

type Service = Live<Kinds["Service"]>;

/** The pods behind every Service, as EndpointSlices, and load balancers' names (endpoint slice and service controllers). */
export async function connectServices(state: ClusterState): Promise<void> {
  for (const service of state.list("Service")) {
    const { metadata, spec } = service;
    if (metadata.deletionTimestamp) {
      // The load balancer controllers' finalizers: what they stand for doesn't exist here.
      const finalizers = metadata.finalizers?.filter(
        (finalizer) => !/load-balancer|elbv2|service\.k8s\.aws/.test(finalizer),
      );
      await state.patch("Service", service, { metadata: { finalizers } });
      continue;
    }
    if (spec.type === "LoadBalancer") {
      const ingress = [{ hostname: loadBalancerName(metadata.uid ?? "") }];
      await state.writeStatus("Service", service, { loadBalancer: { ingress } });
    }
    if (spec.selector && spec.type !== "ExternalName") await writeSlice(state, service);
  }
  for (const ingress of state.list("Ingress")) {
    // Only a running load balancer controller gives an Ingress an address.
    if (ingress.metadata.deletionTimestamp || !hasLoadBalancerController(state)) continue;
    const hostname = loadBalancerName(ingress.metadata.uid ?? "");
    await state.writeStatus("Ingress", ingress, { loadBalancer: { ingress: [{ hostname }] } });
  }
}

/** True when the AWS Load Balancer Controller's pods are ready. */
export function hasLoadBalancerController(state: ClusterState): boolean {
  return state
    .list("Pod")
    .some((pod) => pod.metadata.labels?.["app.kubernetes.io/name"] === "aws-load-balancer-controller" && isReady(pod));
}

function selectedPods(state: ClusterState, { metadata, spec }: Service): Pod[] {
  return state
    .list("Pod")
    .filter((pod) => pod.metadata.namespace === metadata.namespace && pod.status?.podIP !== undefined)
    .filter((pod) => !["Succeeded", "Failed"].includes(pod.status?.phase ?? ""))
    .filter((pod) => Object.entries(spec.selector ?? {}).every(([key, value]) => pod.metadata.labels?.[key] === value));
}

async function writeSlice(state: ClusterState, service: Service): Promise<void> {
  const { name, namespace } = service.metadata;
  const pods = selectedPods(state, service);
  const endpoints = pods.map((pod) => ({
    addresses: [pod.status?.podIP],
    conditions: {
      ready: isReady(pod),
      serving: isReady(pod),
      terminating: pod.metadata.deletionTimestamp !== undefined,
    },
    nodeName: pod.spec.nodeName,
    targetRef: { kind: "Pod", name: pod.metadata.name, namespace, uid: pod.metadata.uid },
    zone: state.get("Node", undefined, pod.spec.nodeName ?? "")?.metadata.labels?.["topology.kubernetes.io/zone"],
  }));
  const ports = (service.spec.ports ?? []).map(({ name: portName = "", port, targetPort, protocol = "TCP" }) => ({
    name: portName,
    port: targetPortOf(pods[0], targetPort ?? port),
    protocol,
  }));
  // A name given to the target port that no pod has: the Service reaches nothing, as it would in a real cluster.
  const content = ports.some(({ port }) => port === undefined) ? { endpoints: [], ports: [] } : { endpoints, ports };
  const slice = state
    .list("EndpointSlice")
    .find(({ metadata }) => metadata.name === `${name}-sandbox` && metadata.namespace === namespace);
  if (slice) {
    const clean = JSON.parse(JSON.stringify(content)) as Record<string, unknown>;
    await state.patch("EndpointSlice", slice, clean);
    return;
  }
  await state.create("EndpointSlice", {
    metadata: {
      name: `${name}-sandbox`,
      namespace,
      labels: {
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      },
      ownerReferences: [ownerReference("Service", service)],
    },
    addressType: "IPv4",
    ...content,
  });
}

function targetPortOf(pod: Pod | undefined, target: number | string): number | undefined {
  if (typeof target === "number") return target;
  if (!pod) return undefined;
  return pod.spec.containers.flatMap(({ ports }) => ports ?? []).find(({ name }) => name === target)?.containerPort;
}

/** Shaped like the names that AWS gives: `k8s-<hash>.elb.<region>.amazonaws.com`. */
function loadBalancerName(uid: string): string {
  return `k8s-${createHash("sha256").update(uid).digest("hex").slice(0, 32)}.elb.amazonaws.com`;
}
