import * as k8s from "@pulumi/kubernetes";
import { charts } from "@selfhosted/common/images";
import { imageValues } from "./charts";
import { bindRole, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { installChart } from "./installing";
import { makeNamespace } from "./namespaces";

/**
 * The External Secrets Operator with a store named `aws`: an ExternalSecret that names it gets a Secrets Manager secret
 * of this installation (`<baseName>/<installation>/…`) as a Kubernetes Secret; 01-iam's role reads no others.
 */
export function makeExternalSecrets(config: ClusterServicesConfig, cluster: Cluster): void {
  const chart = charts.externalSecrets;
  const { namespace, serviceAccount, dependsOn } = bindRole(config, cluster, "externalSecretsRoleArn");
  const place = makeNamespace(cluster, namespace, "restricted");
  const image = imageValues(config, chart, "operator");
  const release = installChart(
    config,
    cluster,
    "external-secrets",
    chart,
    {
      namespace,
      values: {
        installCRDs: true,
        image,
        serviceAccount,
        replicaCount: 2,
        leaderElect: true,
        podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
        webhook: { image },
        certController: { image },
      },
    },
    [place, ...dependsOn],
  );
  new k8s.apiextensions.CustomResource(
    "aws-secret-store",
    {
      apiVersion: "external-secrets.io/v1",
      kind: "ClusterSecretStore",
      metadata: { name: "aws", ...cluster.withCharts.metadata },
      spec: { provider: { aws: { service: "SecretsManager", region: config.caller.region } } },
    },
    { ...cluster.withCharts.options, dependsOn: [release] },
  );
}
