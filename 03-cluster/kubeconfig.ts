import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "./config";

/**
 * A kubeconfig that signs in with `aws eks get-token` as whoever runs it: it names the region and no profile, so it works
 * for a colleague and on a runner as well. JSON, which kubectl reads too.
 */
export function kubeconfigOf({ caller }: ClusterConfig, cluster: aws.eks.Cluster): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.all([cluster.name, cluster.endpoint, cluster.certificateAuthority.data]).apply(([name, server, ca]) =>
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": name,
        clusters: [{ name, cluster: { server, "certificate-authority-data": ca } }],
        contexts: [{ name, context: { cluster: name, user: name } }],
        users: [
          {
            name,
            user: {
              exec: {
                apiVersion: "client.authentication.k8s.io/v1beta1",
                command: "aws",
                args: ["eks", "get-token", "--cluster-name", name, "--region", caller.region, "--output", "json"],
                interactiveMode: "Never",
              },
            },
          },
        ],
      }),
    ),
  );
}
