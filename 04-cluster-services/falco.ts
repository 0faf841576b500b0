import { charts } from "@selfhosted/common/images";
import { imageOf, onEveryNode } from "./charts";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { installChart } from "./installing";
import { makeNamespace } from "./namespaces";

/**
 * Falco on every node: watches system calls and prints, as JSON, those that its rules find dangerous, for the log
 * shipper to carry away. By eBPF, so nothing is compiled or loaded into the kernel; with the rules of its image, so
 * nothing is fetched when it starts.
 */
export function makeFalco(config: ClusterServicesConfig, cluster: Cluster): void {
  const chart = charts.falco;
  const { registry, path, tag } = imageOf(config, chart, "falco");
  // Privileged: the pods read the host's /proc, /sys and container runtime.
  const namespace = makeNamespace(cluster, "falco", "privileged");
  installChart(
    config,
    cluster,
    "falco",
    chart,
    {
      namespace: "falco",
      values: {
        image: { registry, repository: path, tag },
        driver: { kind: "modern_ebpf", modernEbpf: { leastPrivileged: true } },
        falcoctl: { artifact: { install: { enabled: false }, follow: { enabled: false } } },
        falco: { json_output: true, priority: "notice" },
        // Prints each alert at once, not when a buffer is full.
        tty: true,
        ...onEveryNode("podPriorityClassName"),
      },
    },
    [namespace],
  );
}
