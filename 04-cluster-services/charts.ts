import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterServicesConfig } from "./config";

/** A Helm chart: what it is called, where it is kept, which version is installed, and the images it brings. */
export interface Chart {
  readonly name: string;
  /** Address of the chart repository; an `oci://` one is joined with the chart's name. */
  readonly repository: string;
  readonly version: string;
  /** Images, registry first, so that all can be mirrored. */
  readonly images: readonly string[];
}

/** Every chart that this stack may install. Versions read in August 2026 from the charts' own repositories. */
export const charts = {
  loadBalancerController: {
    name: "aws-load-balancer-controller",
    repository: "https://aws.github.io/eks-charts",
    version: "3.5.0",
    images: ["public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0"],
  },
  clusterAutoscaler: {
    name: "cluster-autoscaler",
    repository: "https://kubernetes.github.io/autoscaler",
    version: "9.59.0",
    images: ["registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.0"],
  },
  karpenter: {
    name: "karpenter",
    repository: "oci://public.ecr.aws/karpenter",
    version: "1.14.1",
    images: ["public.ecr.aws/karpenter/controller:1.14.1"],
  },
  certManager: {
    name: "cert-manager",
    repository: "https://charts.jetstack.io",
    version: "v1.21.1",
    images: [
      "quay.io/jetstack/cert-manager-controller:v1.21.1",
      "quay.io/jetstack/cert-manager-webhook:v1.21.1",
      "quay.io/jetstack/cert-manager-cainjector:v1.21.1",
      "quay.io/jetstack/cert-manager-startupapicheck:v1.21.1",
    ],
  },
  externalSecrets: {
    name: "external-secrets",
    repository: "https://charts.external-secrets.io",
    version: "2.9.0",
    images: ["ghcr.io/external-secrets/external-secrets:v2.9.0"],
  },
  logShipper: {
    name: "aws-for-fluent-bit",
    repository: "https://aws.github.io/eks-charts",
    version: "0.2.0",
    images: ["public.ecr.aws/aws-observability/aws-for-fluent-bit:3.2.1"],
  },
} as const satisfies Record<string, Chart>;

/** The version of a chart to install: the configured one, or the table's. */
export function chartVersion({ settings }: ClusterServicesConfig, chart: Chart): string {
  return settings.chartVersions[chart.name] ?? chart.version;
}

/** Repository of an image without its tag, from the mirror where one is configured: `registry.example.com/eks/…`. */
export function imageRepository({ settings }: ClusterServicesConfig, image: string): string {
  const [repository = image] = image.split(":");
  if (settings.imageRegistry === undefined) return repository;
  return `${settings.imageRegistry}/${repository.slice(repository.indexOf("/") + 1)}`;
}

/** Installs a chart and waits until what it brings is ready; what fails is rolled back. */
export function installChart(
  config: ClusterServicesConfig,
  logicalName: string,
  chart: Chart,
  args: { readonly namespace: string; readonly values: Record<string, unknown> },
  options: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
  const repository = config.settings.chartRegistry ?? chart.repository;
  const isOci = repository.startsWith("oci://");
  return new k8s.helm.v3.Release(
    logicalName,
    {
      name: chart.name,
      chart: isOci ? `${repository}/${chart.name}` : chart.name,
      repositoryOpts: isOci ? undefined : { repo: repository },
      version: chartVersion(config, chart),
      atomic: true,
      // Seconds. A first pull of the images on new nodes takes its time.
      timeout: 600,
      ...args,
    },
    options,
  );
}
