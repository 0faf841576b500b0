import type * as aws from "@pulumi/aws";
import type * as eks from "@pulumi/eks";
import * as pulumi from "@pulumi/pulumi";

/** How `eks.Cluster` may be told to sign in (`providerCredentialOpts`). */
type Credentials = NonNullable<eks.ClusterArgs["providerCredentialOpts"]>;

/**
 * The kubeconfig `eks.Cluster` gives: `aws eks get-token` as whoever runs kubectl, or as the role given.
 * Facts: github.com/pulumi/pulumi-eks, nodejs/eks/cluster/cluster.ts, generateKubeconfig
 */
export function kubeconfigOf(cluster: aws.eks.Cluster, credentials: Credentials | undefined): pulumi.Output<object> {
  return pulumi
    .all([cluster.name, cluster.endpoint, cluster.certificateAuthority, cluster.arn, credentials])
    .apply(([name, server, authority, arn, signIn]) => {
      const region = arn.split(":")[3] ?? "";
      const role = signIn?.roleArn ? ["--role", signIn.roleArn] : [];
      const profile = signIn?.profileName ? ["--profile", signIn.profileName] : [];
      return {
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "kubernetes", cluster: { server, "certificate-authority-data": authority.data } }],
        contexts: [{ name: "aws", context: { cluster: "kubernetes", user: "aws" } }],
        "current-context": "aws",
        users: [
          {
            name: "aws",
            user: {
              exec: {
                apiVersion: "client.authentication.k8s.io/v1beta1",
                command: "aws",
                args: [
                  ...["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"],
                  ...role,
                  ...profile,
                ],
                env: [
                  { name: "KUBERNETES_EXEC_INFO", value: '{"apiVersion": "client.authentication.k8s.io/v1beta1"}' },
                ],
              },
            },
          },
        ],
      };
    });
}
