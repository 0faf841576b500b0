import * as aws from "@pulumi/aws";
import { charts } from "@selfhosted/common/images";
import { imageValues } from "./charts";
import { bindRole, colored, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { installChart } from "./installing";
import { makeNamespace } from "./namespaces";

/** Address of the collector's pod, which the chart hands to the collector. */
const POD_ADDRESS = "${env:MY_POD_IP}";

/**
 * The OpenTelemetry collector: takes OTLP at `http://opentelemetry-collector.opentelemetry:4317` (gRPC) and `:4318`
 * (HTTP), which 08-service's otelEndpoint may name, and hands traces to X-Ray, metrics and logs to CloudWatch.
 * Source: https://github.com/open-telemetry/opentelemetry-collector-contrib (exporters awsxray, awsemf, awscloudwatchlogs)
 */
export function makeTelemetry(config: ClusterServicesConfig, cluster: Cluster): void {
  const { settings, names, tags, caller } = config;
  const chart = charts.telemetry;
  const { namespace, serviceAccount, dependsOn } = bindRole(config, cluster, "telemetryRoleArn");
  const place = makeNamespace(cluster, namespace, "restricted");
  // Pulumi's, with their retention: a group that the collector makes would be kept for ever.
  const [logs, metrics] = ["telemetry-logs", "telemetry-metrics"].map(
    (name) =>
      new aws.cloudwatch.LogGroup(name, {
        name: names.logGroup(colored(config, name)),
        retentionInDays: settings.podLogRetentionDays,
        tags,
      }),
  );
  const { region } = caller;
  const pipeline = (exporter: string) => ({
    receivers: ["otlp"],
    processors: ["memory_limiter", "batch"],
    exporters: [exporter],
  });
  installChart(
    config,
    cluster,
    "telemetry",
    chart,
    {
      namespace,
      values: {
        mode: "deployment",
        image: imageValues(config, chart, "collector"),
        command: { name: "otelcol-contrib" },
        serviceAccount,
        replicaCount: 2,
        podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
        // The collector's memory limiter works from this limit.
        resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "512Mi" } },
        podSecurityContext: {
          runAsNonRoot: true,
          runAsUser: 10001,
          runAsGroup: 10001,
          seccompProfile: { type: "RuntimeDefault" },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        // OTLP alone is taken.
        ports: Object.fromEntries(
          ["jaeger-compact", "jaeger-thrift", "jaeger-grpc", "zipkin"].map((port) => [port, { enabled: false }]),
        ),
        // In place of the chart's configuration, which takes more than OTLP and prints what it gets.
        alternateConfig: {
          extensions: { health_check: { endpoint: `${POD_ADDRESS}:13133` } },
          receivers: {
            otlp: {
              protocols: { grpc: { endpoint: `${POD_ADDRESS}:4317` }, http: { endpoint: `${POD_ADDRESS}:4318` } },
            },
          },
          processors: {
            memory_limiter: { check_interval: "5s", limit_percentage: 80, spike_limit_percentage: 25 },
            batch: {},
          },
          exporters: {
            awsxray: { region },
            awsemf: { region, namespace: names.metricNamespace(), log_group_name: metrics?.name },
            awscloudwatchlogs: { region, log_group_name: logs?.name, log_stream_name: "otlp" },
          },
          service: {
            extensions: ["health_check"],
            pipelines: {
              traces: pipeline("awsxray"),
              metrics: pipeline("awsemf"),
              logs: pipeline("awscloudwatchlogs"),
            },
          },
        },
      },
    },
    [place, ...dependsOn],
  );
}
