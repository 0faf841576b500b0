import * as k8s from "@pulumi/kubernetes";
import type { Cluster } from "./cluster";

/**
 * What pods of a namespace may ask for. Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
 * `privileged` is for what watches the nodes themselves; everything else gets the strictest level that its pods keep to.
 */
export type PodSecurity = "restricted" | "baseline" | "privileged";

/** A namespace in which Kubernetes refuses pods that ask for more than its level. */
export function makeNamespace(cluster: Cluster, name: string, level: PodSecurity): k8s.core.v1.Namespace {
  const labels = {
    "pod-security.kubernetes.io/enforce": level,
    ...(level === "baseline" && { "pod-security.kubernetes.io/warn": "restricted" }),
  };
  return new k8s.core.v1.Namespace(name, { metadata: { name, labels } }, cluster.objects);
}
