import { asked } from "@selfhosted/common";
import { charts } from "@selfhosted/common/images";
import { imageValues } from "./charts";
import { bindRole, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { installChart } from "./installing";
import { makeNamespace } from "./namespaces";

/**
 * external-dns, which writes the names that Services and Ingresses of the cluster ask for. It marks each record as its
 * own with a TXT record and takes away no other; the service's own names are 09-dns's.
 */
export function makeExternalDns(config: ClusterServicesConfig, cluster: Cluster): void {
  const { settings, caller } = config;
  const chart = charts.externalDns;
  const { namespace, serviceAccount, dependsOn } = bindRole(config, cluster, "externalDnsRoleArn");
  const place = makeNamespace(cluster, namespace, "restricted");
  installChart(
    config,
    cluster,
    "external-dns",
    chart,
    {
      namespace,
      values: {
        image: imageValues(config, chart, "controller"),
        serviceAccount,
        provider: { name: "aws" },
        // Pods can't ask the node's metadata service for it (one hop only).
        env: [{ name: "AWS_DEFAULT_REGION", value: caller.region }],
        domainFilters: asked(settings.externalDnsDomains, "externalDnsDomains"),
        policy: "sync",
        registry: "txt",
        txtOwnerId: cluster.name,
        resources: { requests: { cpu: "25m", memory: "64Mi" }, limits: { memory: "256Mi" } },
      },
    },
    [place, ...dependsOn],
  );
}
