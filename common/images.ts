import * as kinds from "./kinds";
import { optional } from "./settings";

/** A Helm chart: what it is called, where it is kept, which version is installed, and the images it brings. */
export interface Chart {
  readonly name: string;
  /** Address of the chart repository; an `oci://` one is joined with the chart's name. */
  readonly repository: string;
  readonly version: string;
  /** Where version, values and images were read. */
  readonly source: string;
  /** Kubernetes versions that the project supports with this chart version, as far as it says so. */
  readonly kubernetes: { readonly from: string; readonly to?: string };
  /** Images by their job in the chart, registry first, with their tag. */
  readonly images: Readonly<Record<string, string>>;
}

/**
 * Every chart that 04-cluster-services may install, with every image that it then pulls. Read in August 2026; after a
 * change, render the chart with the stack's values (`helm template`) and compare its images with these.
 */
export const charts = {
  loadBalancerController: {
    name: "aws-load-balancer-controller",
    repository: "https://aws.github.io/eks-charts",
    version: "3.5.0",
    source: "https://github.com/aws/eks-charts/tree/master/stable/aws-load-balancer-controller",
    kubernetes: { from: "1.22" },
    images: { controller: "public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0" },
  },
  clusterAutoscaler: {
    name: "cluster-autoscaler",
    repository: "https://kubernetes.github.io/autoscaler",
    version: "9.59.0",
    source: "https://github.com/kubernetes/autoscaler/tree/master/charts/cluster-autoscaler",
    kubernetes: { from: "1.22" },
    images: { autoscaler: "registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.0" },
  },
  karpenter: {
    name: "karpenter",
    repository: "oci://public.ecr.aws/karpenter",
    version: "1.14.1",
    source: "https://karpenter.sh/v1.14/upgrading/compatibility/",
    kubernetes: { from: "1.30", to: "1.36" },
    images: { controller: "public.ecr.aws/karpenter/controller:1.14.1" },
  },
  certManager: {
    name: "cert-manager",
    repository: "https://charts.jetstack.io",
    version: "v1.21.1",
    source: "https://cert-manager.io/docs/releases/",
    kubernetes: { from: "1.33", to: "1.36" },
    images: {
      controller: "quay.io/jetstack/cert-manager-controller:v1.21.1",
      webhook: "quay.io/jetstack/cert-manager-webhook:v1.21.1",
      cainjector: "quay.io/jetstack/cert-manager-cainjector:v1.21.1",
      startupapicheck: "quay.io/jetstack/cert-manager-startupapicheck:v1.21.1",
      // Named to the controller, which starts it to answer ACME challenges.
      acmesolver: "quay.io/jetstack/cert-manager-acmesolver:v1.21.1",
    },
  },
  externalSecrets: {
    name: "external-secrets",
    repository: "https://charts.external-secrets.io",
    version: "2.9.0",
    source: "https://github.com/external-secrets/external-secrets/tree/main/deploy/charts/external-secrets",
    kubernetes: { from: "1.19" },
    images: { operator: "ghcr.io/external-secrets/external-secrets:v2.9.0" },
  },
  externalDns: {
    name: "external-dns",
    repository: "https://kubernetes-sigs.github.io/external-dns",
    version: "1.21.1",
    source: "https://github.com/kubernetes-sigs/external-dns/tree/master/charts/external-dns",
    kubernetes: { from: "1.22" },
    images: { controller: "registry.k8s.io/external-dns/external-dns:v0.21.0" },
  },
  logShipping: {
    name: "aws-for-fluent-bit",
    repository: "https://aws.github.io/eks-charts",
    version: "0.2.0",
    source: "https://github.com/aws/eks-charts/tree/master/stable/aws-for-fluent-bit",
    kubernetes: { from: "1.22" },
    images: { shipper: "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.2.1" },
  },
  logForwarding: {
    name: "fluent-bit",
    repository: "https://fluent.github.io/helm-charts",
    version: "0.58.1",
    source: "https://github.com/fluent/helm-charts/tree/main/charts/fluent-bit",
    kubernetes: { from: "1.22" },
    images: { forwarder: "cr.fluentbit.io/fluent/fluent-bit:5.1.1" },
  },
  telemetry: {
    name: "opentelemetry-collector",
    repository: "https://open-telemetry.github.io/opentelemetry-helm-charts",
    version: "0.170.0",
    source: "https://github.com/open-telemetry/opentelemetry-helm-charts/tree/main/charts/opentelemetry-collector",
    kubernetes: { from: "1.24" },
    // The distribution with AWS's exporters in it.
    images: {
      collector: "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib:0.158.0",
    },
  },
  velero: {
    name: "velero",
    repository: "https://vmware-tanzu.github.io/helm-charts",
    version: "12.1.0",
    source: "https://github.com/vmware-tanzu/helm-charts/tree/main/charts/velero",
    kubernetes: { from: "1.18" },
    images: {
      server: "docker.io/velero/velero:v1.18.1",
      // 1.14 is the plugin's line for Velero 1.18. Source: https://github.com/vmware-tanzu/velero-plugin-for-aws
      plugin: "docker.io/velero/velero-plugin-for-aws:v1.14.2",
    },
  },
  argoCd: {
    name: "argo-cd",
    repository: "https://argoproj.github.io/argo-helm",
    version: "10.1.1",
    source: "https://github.com/argoproj/argo-helm/tree/main/charts/argo-cd",
    kubernetes: { from: "1.25" },
    images: {
      argocd: "quay.io/argoproj/argocd:v3.4.4",
      redis: "ecr-public.aws.com/docker/library/redis:8.2.3-alpine",
    },
  },
  falco: {
    name: "falco",
    repository: "https://falcosecurity.github.io/charts",
    version: "9.1.0",
    source: "https://github.com/falcosecurity/charts/tree/master/charts/falco",
    kubernetes: { from: "1.25" },
    images: { falco: "docker.io/falcosecurity/falco:0.44.1" },
  },
  flagger: {
    name: "flagger",
    repository: "https://flagger.app",
    version: "1.44.0",
    source: "https://github.com/fluxcd/flagger/tree/main/charts/flagger",
    kubernetes: { from: "1.19" },
    images: { flagger: "ghcr.io/fluxcd/flagger:1.44.0" },
  },
  /** Installed by 06-insights (`mode: cluster`): the last line of OpenSearch 2, which the service asks for. */
  opensearch: {
    name: "opensearch",
    repository: "https://opensearch-project.github.io/helm-charts",
    version: "2.37.0",
    source: "https://github.com/opensearch-project/helm-charts/tree/opensearch-2.37.0/charts/opensearch",
    kubernetes: { from: "1.20" },
    images: { opensearch: "docker.io/opensearchproject/opensearch:2.19.5" },
  },
} as const satisfies Record<string, Chart>;

/** Images that no chart brings: the service's own, at the version that this installer was read against, and helpers. */
export const images = {
  service: "docker.io/pulumi/service:3.44.0",
  console: "docker.io/pulumi/console:3.44.0",
  migrations: "docker.io/pulumi/migrations:3.44.0",
  /** The mysql client of the Job that makes the API's database user. Source: https://gallery.ecr.aws/docker/library/mysql */
  databaseClient: "public.ecr.aws/docker/library/mysql:8.0.44",
  /** Carries the logs of Fargate tasks. Source: https://gallery.ecr.aws/aws-observability/aws-for-fluent-bit */
  logRouter: "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.14",
  /** Source: https://docs.clamav.net/manual/Installing/Docker.html (1.4 is the long-term line) */
  clamav: "docker.io/clamav/clamav-debian:1.4.3",
} as const;

/**
 * EKS add-ons pull these from AWS's own registry of the region, which an install without internet reaches through the
 * ECR endpoints: nobody mirrors them, and no setting moves them. Their tags go with the add-on's version.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/add-ons-images.html
 */
export const addonImages = {
  "vpc-cni": ["amazon-k8s-cni", "amazon-k8s-cni-init", "amazon/aws-network-policy-agent"],
  "kube-proxy": ["eks/kube-proxy"],
  coredns: ["eks/coredns"],
  "eks-pod-identity-agent": ["eks/eks-pod-identity-agent"],
  "metrics-server": ["eks/metrics-server"],
  "snapshot-controller": ["eks/snapshot-controller"],
  "aws-ebs-csi-driver": [
    "eks/aws-ebs-csi-driver",
    ...["eks/csi-attacher", "eks/csi-node-driver-registrar", "eks/csi-provisioner", "eks/csi-resizer"],
    ...["eks/csi-snapshotter", "eks/livenessprobe"],
  ],
} as const;

/** An image's name in its parts: `<registry>/<path>:<tag>`. */
export interface ImageName {
  readonly registry: string;
  readonly path: string;
  readonly tag: string;
}

/**
 * Takes an image of the tables above apart. With a mirror it is the mirror's, which keeps every image below the path that
 * it has at home.
 */
export function parseImage(image: string, mirror?: string): ImageName {
  const [, registry = "", path = "", tag = ""] = /^([^/]+)\/(.+):([^:/]+)$/.exec(image) ?? [];
  return { registry: mirror ?? registry, path, tag };
}

/** The image as a pod names it, from the mirror where there is one. */
export function imageReference(image: string, mirror: string | undefined): string {
  const { registry, path, tag } = parseImage(image, mirror);
  return `${registry}/${path}:${tag}`;
}

/** The key under which a stack is told of a mirror: one word for all that pull images. */
export const imageRegistry = optional(
  kinds.matching(
    /^[a-z0-9.-]+(?::\d+)?(?:\/[\w./-]*\w)?$/,
    "must be a registry like registry.example.com or registry.example.com/mirror",
    "registry.example.com/mirror",
  ),
  "registry that holds copies of all images",
);

/** The key under which a stack is told of copies of the charts: one word for all that install charts. */
export const chartRegistry = optional(
  kinds.matching(
    /^oci:\/\/[a-z0-9.-]+(?::\d+)?(?:\/[\w./-]+)?$/,
    "must be an address like oci://registry.example.com/charts",
    "oci://registry.example.com/charts",
  ),
  "registry that holds copies of the charts",
);

/** Where a chart is kept, as a Helm release is told: an OCI registry is part of its name, any other repository is apart. */
export function chartSource(
  { name, repository: home }: Chart,
  registry: string | undefined,
): { readonly chart: string; readonly repositoryOpts?: { readonly repo: string } } {
  const repository = registry ?? home;
  return isOci(repository) ? { chart: `${repository}/${name}` } : { chart: name, repositoryOpts: { repo: repository } };
}

/** Whether charts are kept there as OCI artifacts. */
export const isOci = (repository: string) => repository.startsWith("oci://");
