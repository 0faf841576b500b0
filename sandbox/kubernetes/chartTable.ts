import * as path from "node:path";
import { renderOpenSearch } from "./opensearchChart";
import type { ReleaseRequest } from "./charts";
import type { KubernetesObject } from "./rest";

/** Values of a chart, and how to look into them. */
export type ChartValues = Readonly<Record<string, unknown>>;

/** Where the chart's custom resource definitions come from. */
export type CrdSource =
  | { readonly file: string }
  /** A folder of a published Go module; needs Go, and the module is downloaded on first use. */
  | { readonly module: string; readonly version: string; readonly folder: string };

/** Security contexts of a chart's pods and containers. */
export interface Security {
  readonly pod: Readonly<Record<string, unknown>>;
  readonly container: Readonly<Record<string, unknown>>;
}

/** What Pod Security's level `restricted` asks, and what many charts give their pods by default. */
const restricted: Security = {
  pod: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  container: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
};

/** What a chart makes, as far as the sandbox plays it: its CRDs and its controller's Deployment or DaemonSet. */
export interface ChartRecord {
  /** The chart's values file or documentation, from which the record was written. */
  readonly source: string;
  readonly crds: readonly CrdSource[];
  /** Leaves the CRDs out, as the chart's own value does. */
  readonly withoutCrds?: (values: ChartValues) => boolean;
  /** What the chart refuses to be rendered without. */
  readonly validate?: (values: ChartValues) => string | undefined;
  /** Path in the values of the Deployment's replicas, and how many there are without; none for a DaemonSet. */
  readonly replicas?: string;
  readonly defaultReplicas?: number;
  readonly image: string;
  /** Renders a chart that isn't a controller's one Deployment or DaemonSet; the rest of the record is then of no use. */
  readonly objects?: (release: ReleaseRequest) => KubernetesObject[];
  /** Path in the values of `{ registry, repository, tag }`; `image` beside the pod's other values by default. */
  readonly imageValues?: string;
  /** Security contexts without any in the values. */
  readonly security?: Security;
  /** Paths in the values of the pods' and the containers' security contexts. */
  readonly securityValues?: { readonly pod?: string; readonly container: string };
  /** Directories of the host that the pods mount. */
  readonly hostPaths?: readonly string[];
  /** Path in the values of `{ create, name, annotations }`. */
  readonly serviceAccount: string;
  /** Path in the values of nodeSelector, tolerations, affinity, resources; the top by default. */
  readonly podValues?: string;
  readonly priorityClassName?: string;
}

/** The value at a path such as `controller.resources`; `undefined` when it isn't there. */
export function valueAt(values: ChartValues, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (part, key) => (typeof part === "object" && part !== null ? (part as ChartValues)[key] : undefined),
      values,
    );
}

function required(valuePath: string, message: string): (values: ChartValues) => string | undefined {
  return (values) => (valueAt(values, valuePath) ? undefined : message);
}

/** Charts by name. A chart that isn't here is recorded, and nothing of it runs. */
export const charts: Readonly<Record<string, ChartRecord>> = {
  "aws-load-balancer-controller": {
    source: "https://github.com/aws/eks-charts/tree/master/stable/aws-load-balancer-controller",
    crds: [{ file: path.join(__dirname, "crds", "aws-load-balancer-controller.yaml") }],
    validate: required("clusterName", "Chart cannot be installed without a valid clusterName!"),
    replicas: "replicaCount",
    defaultReplicas: 2,
    image: "public.ecr.aws/eks/aws-load-balancer-controller",
    serviceAccount: "serviceAccount",
    priorityClassName: "system-cluster-critical",
  },
  "metrics-server": {
    source: "https://github.com/kubernetes-sigs/metrics-server/tree/master/charts/metrics-server",
    crds: [],
    replicas: "replicas",
    defaultReplicas: 1,
    image: "registry.k8s.io/metrics-server/metrics-server",
    serviceAccount: "serviceAccount",
    priorityClassName: "system-cluster-critical",
  },
  "cluster-autoscaler": {
    source: "https://github.com/kubernetes/autoscaler/tree/master/charts/cluster-autoscaler",
    crds: [],
    validate: (values) =>
      valueAt(values, "autoDiscovery.clusterName") || valueAt(values, "autoscalingGroups")
        ? undefined
        : "cluster-autoscaler needs autoDiscovery.clusterName or autoscalingGroups",
    replicas: "replicaCount",
    defaultReplicas: 1,
    image: "registry.k8s.io/autoscaling/cluster-autoscaler",
    serviceAccount: "rbac.serviceAccount",
  },
  karpenter: {
    source: "https://github.com/aws/karpenter-provider-aws/tree/main/charts/karpenter",
    crds: [{ module: "github.com/aws/karpenter-provider-aws", version: "v1.14.1", folder: "pkg/apis/crds" }],
    validate: required("settings.clusterName", "karpenter needs settings.clusterName"),
    replicas: "replicas",
    defaultReplicas: 2,
    image: "public.ecr.aws/karpenter/controller",
    serviceAccount: "serviceAccount",
    priorityClassName: "system-cluster-critical",
  },
  "external-dns": {
    source: "https://github.com/kubernetes-sigs/external-dns/tree/master/charts/external-dns",
    crds: [],
    replicas: "replicaCount",
    defaultReplicas: 1,
    image: "registry.k8s.io/external-dns/external-dns",
    serviceAccount: "serviceAccount",
    security: restricted,
  },
  "cert-manager": {
    source: "https://github.com/cert-manager/cert-manager/tree/master/deploy/charts/cert-manager",
    crds: [{ module: "github.com/cert-manager/cert-manager", version: "v1.21.2", folder: "deploy/crds" }],
    withoutCrds: (values) => !valueAt(values, "crds.enabled") && !valueAt(values, "installCRDs"),
    replicas: "replicaCount",
    defaultReplicas: 1,
    image: "quay.io/jetstack/cert-manager-controller",
    serviceAccount: "serviceAccount",
    security: restricted,
  },
  "external-secrets": {
    source: "https://github.com/external-secrets/external-secrets/tree/main/deploy/charts/external-secrets",
    crds: [{ module: "github.com/external-secrets/external-secrets", version: "v1.3.2", folder: "config/crds/bases" }],
    withoutCrds: (values) => valueAt(values, "installCRDs") === false,
    replicas: "replicaCount",
    defaultReplicas: 1,
    image: "ghcr.io/external-secrets/external-secrets",
    serviceAccount: "serviceAccount",
    security: restricted,
  },
  "snapshot-controller": {
    source: "https://github.com/piraeusdatastore/helm-charts/tree/main/charts/snapshot-controller",
    crds: [
      { module: "github.com/kubernetes-csi/external-snapshotter/client/v8", version: "v8.7.0", folder: "config/crd" },
    ],
    replicas: "controller.replicaCount",
    defaultReplicas: 1,
    image: "registry.k8s.io/sig-storage/snapshot-controller",
    serviceAccount: "serviceAccount",
    podValues: "controller",
  },
  "argo-cd": {
    source: "https://github.com/argoproj/argo-helm/tree/main/charts/argo-cd",
    crds: [{ module: "github.com/argoproj/argo-cd/v3", version: "v3.4.4", folder: "manifests/crds" }],
    withoutCrds: (values) => valueAt(values, "crds.install") === false,
    replicas: "server.replicas",
    defaultReplicas: 1,
    image: "quay.io/argoproj/argocd",
    imageValues: "global.image",
    serviceAccount: "server.serviceAccount",
    podValues: "server",
    security: restricted,
  },
  "aws-for-fluent-bit": {
    source: "https://github.com/aws/eks-charts/tree/master/stable/aws-for-fluent-bit",
    crds: [],
    image: "public.ecr.aws/aws-observability/aws-for-fluent-bit",
    serviceAccount: "serviceAccount",
    hostPaths: ["/var/log", "/var/lib/docker/containers"],
  },
  "fluent-bit": {
    source: "https://github.com/fluent/helm-charts/tree/main/charts/fluent-bit",
    crds: [],
    image: "cr.fluentbit.io/fluent/fluent-bit",
    serviceAccount: "serviceAccount",
    securityValues: { pod: "podSecurityContext", container: "securityContext" },
    hostPaths: ["/var/log", "/var/lib/docker/containers", "/etc/machine-id"],
  },
  falco: {
    source: "https://github.com/falcosecurity/charts/tree/master/charts/falco",
    crds: [],
    image: "docker.io/falcosecurity/falco",
    serviceAccount: "serviceAccount",
    // With modern eBPF and least privilege; otherwise the container is privileged.
    security: { pod: {}, container: { capabilities: { add: ["BPF", "SYS_RESOURCE", "PERFMON", "SYS_PTRACE"] } } },
    hostPaths: ["/proc", "/etc", "/sys/kernel", "/run/containerd/containerd.sock"],
  },
  "opentelemetry-collector": {
    source: "https://github.com/open-telemetry/opentelemetry-helm-charts/tree/main/charts/opentelemetry-collector",
    crds: [],
    validate: (values) =>
      valueAt(values, "image.repository")
        ? required(
            "mode",
            "[ERROR] 'mode' must be set. See https://github.com/open-telemetry/opentelemetry-helm-charts",
          )(values)
        : "[ERROR] 'image.repository' must be set. See https://github.com/open-telemetry/opentelemetry-helm-charts",
    replicas: "replicaCount",
    defaultReplicas: 1,
    image: "",
    serviceAccount: "serviceAccount",
    securityValues: { pod: "podSecurityContext", container: "securityContext" },
  },
  velero: {
    source: "https://github.com/vmware-tanzu/helm-charts/tree/main/charts/velero",
    crds: [{ module: "github.com/vmware-tanzu/velero", version: "v1.18.1", folder: "config/crd/v1/bases" }],
    defaultReplicas: 1,
    replicas: "replicaCount",
    image: "docker.io/velero/velero",
    serviceAccount: "serviceAccount.server",
    securityValues: { pod: "podSecurityContext", container: "containerSecurityContext" },
  },
  flagger: {
    source: "https://github.com/fluxcd/flagger/tree/main/charts/flagger",
    crds: [{ module: "github.com/fluxcd/flagger", version: "v1.44.0", folder: "charts/flagger/crds" }],
    replicas: "leaderElection.replicaCount",
    defaultReplicas: 1,
    image: "ghcr.io/fluxcd/flagger",
    serviceAccount: "serviceAccount",
    securityValues: { container: "securityContext.context" },
  },
  opensearch: {
    source: "https://github.com/opensearch-project/helm-charts/tree/main/charts/opensearch",
    crds: [],
    image: "opensearchproject/opensearch",
    serviceAccount: "rbac",
    objects: renderOpenSearch,
  },
};
