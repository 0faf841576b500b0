import * as k8s from "@pulumi/kubernetes";
import type { Cluster } from "./cluster";

/**
 * A namespace for one service, in which no pod may run that asks for the host's rights.
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/ (baseline)
 */
export function makeNamespace(cluster: Cluster, name: string): k8s.core.v1.Namespace {
  return new k8s.core.v1.Namespace(
    name,
    {
      metadata: {
        name,
        labels: { "pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/warn": "restricted" },
      },
    },
    cluster.objects,
  );
}
