import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { charts, isOci, type Chart } from "@selfhosted/common/images";
import { chartVersion, type ChartArgs } from "./charts";
import type { Files } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { IN_CLUSTER } from "./teams";

/** What other charts wait for: nodes, certificates, secrets, and the definitions of the objects that go with them. */
const first: readonly string[] = [
  charts.clusterAutoscaler,
  charts.karpenter,
  charts.certManager,
  charts.externalSecrets,
].map(({ name }) => name);

/**
 * Writes a chart as an Application of Argo CD. The release has the name that Helm would give it, so that Argo CD takes
 * over what a release of Pulumi's left; the namespace is Pulumi's, with its Pod Security.
 * Source: https://argo-cd.readthedocs.io/en/release-3.4/user-guide/helm/ (a registry is written without oci://)
 */
export function makeApplication(
  config: ClusterServicesConfig,
  files: Files,
  logicalName: string,
  chart: Chart,
  { namespace, values }: ChartArgs,
  dependsOn: pulumi.Resource[],
): pulumi.Resource {
  const stage = first.includes(chart.name) ? "base" : "services";
  const repository = config.settings.chartRegistry ?? chart.repository;
  return new k8s.apiextensions.CustomResource(
    logicalName,
    {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      // No finalizer that deletes what it deployed: a file that goes away, as on the way back, stops no pod.
      metadata: { name: chart.name, namespace: "argocd", annotations: files.annotations(stage) },
      spec: {
        project: "default",
        source: {
          repoURL: isOci(repository) ? repository.slice("oci://".length) : repository,
          chart: chart.name,
          targetRevision: chartVersion(config, chart),
          helm: { releaseName: chart.name, valuesObject: withoutSecrets(chart, values) },
        },
        destination: { server: IN_CLUSTER, namespace },
        syncPolicy: {
          automated: { prune: true, selfHeal: true },
          syncOptions: ["CreateNamespace=false", "ServerSideApply=true"],
          retry: { limit: 5, backoff: { duration: "10s", factor: 2, maxDuration: "5m" } },
        },
      },
    },
    { ...files.options(stage), dependsOn },
  );
}

/** The values, with which a file is written. @throws Error when they hold a secret. */
export async function withoutSecrets(chart: Chart, values: ChartArgs["values"]): Promise<ChartArgs["values"]> {
  if (await pulumi.isSecret(pulumi.output(values))) {
    throw new Error(
      `the values of the chart ${chart.name} hold a secret, which would be readable in its file; ` +
        "run `pulumi config set deliver apply`, and report this: a secret belongs in a Kubernetes Secret that the values name",
    );
  }
  return values;
}

/**
 * How Argo CD judges an Application among the objects of another one; without it the next wave doesn't wait.
 * Source: https://argo-cd.readthedocs.io/en/release-3.4/operator-manual/health/#argocd-app
 */
export const applicationHealth = {
  "resource.customizations.health.argoproj.io_Application": [
    "local health = (obj.status or {}).health or {}",
    'return { status = health.status or "Progressing", message = health.message or "" }',
    "",
  ].join("\n"),
};
