import { charts } from "@selfhosted/common/images";
import { imageValues } from "./charts";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { installChart } from "./installing";
import { makeNamespace } from "./namespaces";

/**
 * Flagger, which rolls a Deployment out step by step as a Canary object says. Without a service mesh it does blue/green:
 * the new version is tested beside the old one and then takes over as a whole.
 * Source: https://docs.flagger.app/tutorials/kubernetes-blue-green
 */
export function makeFlagger(config: ClusterServicesConfig, cluster: Cluster): void {
  const chart = charts.flagger;
  const namespace = makeNamespace(cluster, "flagger-system", "restricted");
  installChart(
    config,
    cluster,
    "flagger",
    chart,
    {
      namespace: "flagger-system",
      values: {
        image: imageValues(config, chart, "flagger"),
        meshProvider: "kubernetes",
        ...(config.settings.flaggerMetricsServer && { metricsServer: config.settings.flaggerMetricsServer }),
        // A Canary rolls out what is in its own namespace, nobody else's.
        noCrossNamespaceRefs: true,
        leaderElection: { enabled: true, replicaCount: 2 },
        podDisruptionBudget: { enabled: true, minAvailable: 1 },
        securityContext: {
          enabled: true,
          context: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            runAsNonRoot: true,
            runAsUser: 10001,
            capabilities: { drop: ["ALL"] },
            seccompProfile: { type: "RuntimeDefault" },
          },
        },
      },
    },
    [namespace],
  );
}
