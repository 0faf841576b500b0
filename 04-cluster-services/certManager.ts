import { charts, imageRepository, installChart } from "./charts";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { makeNamespace } from "./namespaces";

/** cert-manager, for certificates inside the cluster. It has no rights in AWS: issuers are the operator's to choose. */
export function makeCertManager(config: ClusterServicesConfig, cluster: Cluster): void {
  const chart = charts.certManager;
  const namespace = makeNamespace(cluster, "cert-manager");
  const [controller, webhook, cainjector, startupapicheck] = chart.images.map((image) => ({
    image: { repository: imageRepository(config, image) },
  }));
  installChart(
    config,
    "cert-manager",
    chart,
    {
      namespace: "cert-manager",
      values: {
        // Kept when the chart goes: deleting the definitions deletes every certificate.
        crds: { enabled: true, keep: true },
        ...controller,
        replicaCount: 2,
        podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
        webhook: { ...webhook, replicaCount: 2, podDisruptionBudget: { enabled: true, maxUnavailable: 1 } },
        cainjector,
        startupapicheck,
      },
    },
    { ...cluster.releases, dependsOn: [namespace] },
  );
}
