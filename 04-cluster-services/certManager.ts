import { charts } from "@selfhosted/common/images";
import { imageValues } from "./charts";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { installChart } from "./installing";
import { makeNamespace } from "./namespaces";

/** cert-manager, for certificates inside the cluster. It has no rights in AWS: issuers are the operator's to choose. */
export function makeCertManager(config: ClusterServicesConfig, cluster: Cluster): void {
  const chart = charts.certManager;
  const namespace = makeNamespace(cluster, "cert-manager", "restricted");
  const image = (name: keyof typeof chart.images) => ({ image: imageValues(config, chart, name) });
  const twice = { replicaCount: 2, podDisruptionBudget: { enabled: true, maxUnavailable: 1 } };
  installChart(
    config,
    cluster,
    "cert-manager",
    chart,
    {
      namespace: "cert-manager",
      values: {
        // Kept when the chart goes: deleting the definitions deletes every certificate.
        crds: { enabled: true, keep: true },
        ...image("controller"),
        ...twice,
        webhook: { ...image("webhook"), ...twice },
        cainjector: image("cainjector"),
        startupapicheck: image("startupapicheck"),
        acmesolver: image("acmesolver"),
      },
    },
    [namespace],
  );
}
