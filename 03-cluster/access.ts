import * as aws from "@pulumi/aws";
import type { ClusterConfig } from "./config";

/**
 * Who gets into the cluster, by access entry: no aws-auth ConfigMap, which one wrong edit locks everybody out.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 */
export function makeAccessEntries(config: ClusterConfig, cluster: aws.eks.Cluster, nodeRoleArn: string): void {
  const { settings } = config;
  for (const arn of settings.admins) makeEntry(config, cluster, arn, "AmazonEKSClusterAdminPolicy");
  for (const arn of settings.viewers) makeEntry(config, cluster, arn, "AmazonEKSAdminViewPolicy");
  // EKS makes this entry for the nodes of its own pools and of node groups, but not for node classes of ours.
  if (settings.autoMode) makeEntry(config, cluster, nodeRoleArn, "AmazonEKSAutoNodePolicy", "EC2");
}

function makeEntry(
  { settings, caller, tags }: ClusterConfig,
  cluster: aws.eks.Cluster,
  principalArn: string,
  policy: string,
  type = "STANDARD",
): void {
  // A logical name that stays with the principal when the list around it changes: `123456789012-role-admin`.
  const name = principalArn.split(":").slice(4).join("-").replaceAll("/", "-");
  const { protect } = settings;
  const entry = new aws.eks.AccessEntry(name, { clusterName: cluster.name, principalArn, type, tags }, { protect });
  new aws.eks.AccessPolicyAssociation(
    name,
    {
      clusterName: cluster.name,
      principalArn: entry.principalArn,
      policyArn: `arn:${caller.partition}:eks::aws:cluster-access-policy/${policy}`,
      accessScope: { type: "cluster" },
    },
    { protect },
  );
}
