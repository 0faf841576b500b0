import type { Properties } from "../provider/types";
import { charts, valueAt, type ChartRecord, type ChartValues, type Security } from "./chartTable";
import type { KubernetesObject } from "./rest";

/** One release, as its inputs describe it. */
export interface ReleaseRequest {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly version: string;
  readonly values: ChartValues;
  readonly inputs: Properties;
}

/** `oci://public.ecr.aws/karpenter/karpenter` → `karpenter`. */
export function chartName(chart: string): string {
  return chart.split("/").at(-1) ?? chart;
}

/** What the sandbox knows of a chart, given as a program names it; `undefined` for one that it doesn't play. */
export function chartRecord(chart: string): ChartRecord | undefined {
  return charts[chartName(chart)];
}

/** The objects of a release that the sandbox plays: the controller's Deployment or DaemonSet and, where the values ask for them, its ServiceAccount
 * and disruption budget. */
export function render(release: ReleaseRequest): KubernetesObject[] {
  const record = chartRecord(release.chart);
  if (!record) return [];
  if (record.objects) return record.objects(release);
  const { values, namespace } = release;
  const chart = chartName(release.chart);
  const name = fullName(release, chart);
  const labels = {
    "app.kubernetes.io/name": chart,
    "app.kubernetes.io/instance": release.name,
  };
  const metadata = { name, namespace, labels: { ...labels, "app.kubernetes.io/managed-by": "Helm" } };
  const account = (valueAt(values, record.serviceAccount) ?? {}) as {
    create?: boolean;
    name?: string;
    annotations?: object;
  };
  const accountName = account.name ?? (account.create === false ? "default" : name);
  const serviceAccount: KubernetesObject = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: {
      ...metadata,
      name: accountName,
      annotations: account.annotations as Record<string, string> | undefined,
    },
  };
  const { replicas } = record;
  const workload: KubernetesObject = {
    apiVersion: "apps/v1",
    kind: replicas === undefined ? "DaemonSet" : "Deployment",
    metadata,
    spec: {
      ...(replicas !== undefined && { replicas: valueAt(values, replicas) ?? record.defaultReplicas }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, ...(values["podLabels"] as object | undefined) } },
        spec: { serviceAccountName: accountName, ...podSpec(record, release, chart) },
      },
    },
  };
  const budget = valueAt(values, "podDisruptionBudget") as Record<string, unknown> | undefined;
  const { minAvailable, maxUnavailable } = budget ?? {};
  const isBudgeted = minAvailable !== undefined || maxUnavailable !== undefined;
  const disruptions: KubernetesObject = {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata,
    spec: { minAvailable, maxUnavailable, selector: { matchLabels: labels } },
  };
  return [...(account.create === false ? [] : [serviceAccount]), workload, ...(isBudgeted ? [disruptions] : [])];
}

function podSpec(record: ChartRecord, release: ReleaseRequest, container: string): Record<string, unknown> {
  const { values } = release;
  const own = (record.podValues ? valueAt(values, record.podValues) : values) as ChartValues | undefined;
  const hostPaths = record.hostPaths ?? [];
  return {
    nodeSelector: own?.["nodeSelector"],
    tolerations: own?.["tolerations"],
    affinity: own?.["affinity"],
    topologySpreadConstraints: own?.["topologySpreadConstraints"],
    priorityClassName: own?.["priorityClassName"] ?? record.priorityClassName,
    securityContext: contextOf(record, values, "pod"),
    containers: [
      {
        name: container,
        image: imageOf(record, release, own),
        env: own?.["env"],
        resources: own?.["resources"],
        securityContext: contextOf(record, values, "container"),
        volumeMounts: hostPaths.map((path, index) => ({ name: `host-${index}`, mountPath: `/host${path}` })),
      },
    ],
    volumes: hostPaths.map((path, index) => ({ name: `host-${index}`, hostPath: { path } })),
  };
}

function imageOf(record: ChartRecord, { values, version }: ReleaseRequest, own: ChartValues | undefined): string {
  const given = record.imageValues === undefined ? own?.["image"] : valueAt(values, record.imageValues);
  const { registry, repository, tag } = (given ?? {}) as { registry?: string; repository?: string; tag?: string };
  const name = registry === undefined ? (repository ?? record.image) : `${registry}/${repository ?? record.image}`;
  return `${name}:${tag ?? `v${version.replace(/^v/, "")}`}`;
}

/** A security context: the chart's own, over which the values go. */
function contextOf({ security, securityValues }: ChartRecord, values: ChartValues, of: keyof Security): unknown {
  const path = securityValues?.[of];
  const given = path === undefined ? {} : (valueAt(values, path) ?? {});
  return { ...security?.[of], ...given };
}

/** The name that charts made with `helm create` give: the release's, with the chart's where it isn't in it already. */
function fullName({ name, values }: ReleaseRequest, chart: string): string {
  const override = values["fullnameOverride"];
  if (typeof override === "string" && override !== "") return override;
  const suffix = typeof values["nameOverride"] === "string" ? values["nameOverride"] : chart;
  return (name.includes(suffix) ? name : `${name}-${suffix}`).slice(0, 63).replace(/-$/, "");
}
