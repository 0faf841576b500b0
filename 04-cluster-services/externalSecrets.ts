import * as k8s from "@pulumi/kubernetes";
import { asked } from "@selfhosted/common";
import { charts, imageRepository, installChart } from "./charts";
import { bindRole, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { makeNamespace } from "./namespaces";

const serviceAccount = { namespace: "external-secrets", name: "external-secrets" };

/**
 * The External Secrets Operator with a store named `aws`: an ExternalSecret that names it gets a Secrets Manager secret
 * of this installation (`<baseName>/<installation>/…`) as a Kubernetes Secret; 01-iam's role reads no others.
 */
export function makeExternalSecrets(config: ClusterServicesConfig, cluster: Cluster): void {
  const { upstream, caller } = config;
  const chart = charts.externalSecrets;
  const namespace = makeNamespace(cluster, serviceAccount.namespace);
  const roleArn = asked(upstream.iam.externalSecretsRoleArn, "externalSecretsRoleArn");
  const association = bindRole(config, cluster, serviceAccount, roleArn);
  const image = { repository: imageRepository(config, chart.images[0]) };
  const release = installChart(
    config,
    "external-secrets",
    chart,
    {
      namespace: serviceAccount.namespace,
      values: {
        installCRDs: true,
        image,
        serviceAccount: { create: true, name: serviceAccount.name },
        replicaCount: 2,
        leaderElect: true,
        podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
        webhook: { image },
        certController: { image },
      },
    },
    { ...cluster.releases, dependsOn: [namespace, association] },
  );
  new k8s.apiextensions.CustomResource(
    "aws-secret-store",
    {
      apiVersion: "external-secrets.io/v1",
      kind: "ClusterSecretStore",
      metadata: { name: "aws" },
      spec: { provider: { aws: { service: "SecretsManager", region: caller.region } } },
    },
    { ...cluster.objects, dependsOn: [release] },
  );
}
