import * as k8s from "@pulumi/kubernetes";
import { asked } from "@selfhosted/common";
import { charts } from "@selfhosted/common/images";
import { imageValues, onEveryNode } from "./charts";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { installChart } from "./installing";
import { makeNamespace } from "./namespaces";

const NAMESPACE = "log-forwarding";

/** Fluent Bit on every node, which sends what pods print to an OpenSearch or Elasticsearch of the operator's. */
export function makeLogForwarding(config: ClusterServicesConfig, cluster: Cluster): void {
  const { settings } = config;
  const chart = charts.logForwarding;
  // Privileged: the pods read the log files of the host.
  const namespace = makeNamespace(cluster, NAMESPACE, "privileged");
  const username = asked(settings.logForwardingUsername, "logForwardingUsername");
  const credentials = new k8s.core.v1.Secret(
    "log-forwarding",
    {
      metadata: { name: "log-forwarding", namespace: NAMESPACE },
      stringData: { username, password: asked(settings.logForwardingPassword, "logForwardingPassword") },
    },
    { ...cluster.objects, dependsOn: [namespace] },
  );
  const fromSecret = (name: string, key: string) => ({
    name,
    valueFrom: { secretKeyRef: { name: "log-forwarding", key } },
  });
  installChart(
    config,
    cluster,
    "log-forwarding",
    chart,
    {
      namespace: NAMESPACE,
      values: {
        image: imageValues(config, chart, "forwarder"),
        // The chart's test pod would pull an image by the tag latest.
        testFramework: { enabled: false },
        env: [fromSecret("STORE_USERNAME", "username"), fromSecret("STORE_PASSWORD", "password")],
        // A pod reads the Secret when it starts: another user or address starts them anew.
        config: { outputs: outputOf(settings) },
        ...onEveryNode(),
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    },
    [namespace, credentials],
  );
}

/** Source: https://docs.fluentbit.io/manual/data-pipeline/outputs/opensearch and …/elasticsearch */
function outputOf({ logForwardingEndpoint, logForwardingStore }: ClusterServicesConfig["settings"]): string {
  const { hostname, port } = new URL(asked(logForwardingEndpoint, "logForwardingEndpoint"));
  const output = {
    Name: logForwardingStore === "elasticsearch" ? "es" : "opensearch",
    Match: "kube.*",
    Host: hostname,
    Port: port === "" ? "443" : port,
    HTTP_User: "${STORE_USERNAME}",
    HTTP_Passwd: "${STORE_PASSWORD}",
    tls: "On",
    // An index a day, whose age the store's own policies judge.
    Logstash_Format: "On",
    Logstash_Prefix: "kubernetes",
    Replace_Dots: "On",
    Suppress_Type_Name: "On",
    Retry_Limit: "10",
  };
  const lines = Object.entries(output).map(([key, value]) => `    ${key} ${value}`);
  return ["[OUTPUT]", ...lines, ""].join("\n");
}
