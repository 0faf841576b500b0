import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { shared } from "@selfhosted/common";

/** TCP ports of OpenSearch: for clients, and among nodes. */
export const ports = { http: 9200, transport: 9300 } as const;

/** Admits the service's namespace on the clients' port and nodes among themselves; lets nodes ask for names, and no more. */
export function makeNetworkPolicy(
  namespace: string,
  options: pulumi.CustomResourceOptions,
): k8s.networking.v1.NetworkPolicy {
  const nodes = { podSelector: {} };
  const port = (number: number, protocol = "TCP") => ({ port: number, protocol });
  const ofNamespace = (name: string) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
  });
  return new k8s.networking.v1.NetworkPolicy(
    "search",
    {
      metadata: { name: "search", namespace },
      spec: {
        podSelector: {},
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          { from: [ofNamespace(shared.serviceNamespace)], ports: [port(ports.http)] },
          { from: [nodes], ports: [port(ports.http), port(ports.transport)] },
        ],
        egress: [
          { to: [nodes], ports: [port(ports.http), port(ports.transport)] },
          // Wherever names are answered: by pods of kube-system, with EKS Auto Mode and a cache on nodes by no pod at all.
          { ports: [port(53), port(53, "UDP")] },
        ],
      },
    },
    options,
  );
}
