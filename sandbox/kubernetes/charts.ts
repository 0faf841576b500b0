import type { Properties } from "../provider/types";
import { charts, valueAt, type ChartRecord, type ChartValues } from "./chartTable";
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

export function chartRecord(chart: string): ChartRecord | undefined {
  return charts[chartName(chart)];
}

/** The objects of a release that the sandbox plays: the controller's Deployment and, where the values ask for them, its ServiceAccount
 * and disruption budget. */
export function render(release: ReleaseRequest): KubernetesObject[] {
  const record = chartRecord(release.chart);
  if (!record) return [];
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
  const deployment: KubernetesObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas: valueAt(values, record.replicas) ?? record.defaultReplicas,
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
  return [...(account.create === false ? [] : [serviceAccount]), deployment, ...(isBudgeted ? [disruptions] : [])];
}

function podSpec(record: ChartRecord, release: ReleaseRequest, container: string): Record<string, unknown> {
  const own = (record.podValues ? valueAt(release.values, record.podValues) : release.values) as
    ChartValues | undefined;
  const image = (own?.["image"] ?? {}) as { repository?: string; tag?: string };
  return {
    nodeSelector: own?.["nodeSelector"],
    tolerations: own?.["tolerations"],
    affinity: own?.["affinity"],
    topologySpreadConstraints: own?.["topologySpreadConstraints"],
    priorityClassName: own?.["priorityClassName"] ?? record.priorityClassName,
    containers: [
      {
        name: container,
        image: `${image.repository ?? record.image}:${image.tag ?? `v${release.version.replace(/^v/, "")}`}`,
        resources: own?.["resources"],
      },
    ],
  };
}

/** The name that charts made with `helm create` give: the release's, with the chart's where it isn't in it already. */
function fullName({ name, values }: ReleaseRequest, chart: string): string {
  const override = values["fullnameOverride"];
  if (typeof override === "string" && override !== "") return override;
  const suffix = typeof values["nameOverride"] === "string" ? values["nameOverride"] : chart;
  return (name.includes(suffix) ? name : `${name}-${suffix}`).slice(0, 63).replace(/-$/, "");
}
