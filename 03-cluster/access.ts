import * as aws from "@pulumi/aws";
import { kinds, type Problems } from "@selfhosted/common";
import type { ClusterConfig } from "./config";

/**
 * Who gets into the cluster, by access entry: no aws-auth ConfigMap, which one wrong edit locks everybody out. Viewers see
 * no Secrets (AmazonEKSAdminViewPolicy would show them).
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 */
export function makeAccessEntries(config: ClusterConfig, cluster: aws.eks.Cluster, nodeRoleArn: string): void {
  const { settings } = config;
  for (const arn of settings.admins) makeEntry(config, cluster, arn, "AmazonEKSClusterAdminPolicy");
  for (const arn of settings.viewers) makeEntry(config, cluster, arn, "AmazonEKSViewPolicy");
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

/**
 * Whoever makes the cluster has an entry by then, and EKS takes no second one for the same user or role: it would say so
 * after ten minutes.
 */
export function checkCreator({ settings, caller, isNew }: ClusterConfig, problems: Problems): void {
  const { creatorAdmin, admins, viewers } = settings;
  const named = [...admins, ...viewers];
  if (!isNew || !creatorAdmin || named.length === 0) return;
  for (const principal of named.filter((one) => isCaller(one, caller.arn))) {
    const remedy = admins.includes(principal)
      ? "run `pulumi config set creatorAdmin false`, and the entry is this stack's own"
      : "take it out of viewers, or run `pulumi config set creatorAdmin false`";
    problems.add(`${principal} makes the cluster and administers it thereby (creatorAdmin); ${remedy}`);
  }
}

/** Whether a user or role is the one that asks, who as a role appears as `sts::…:assumed-role/<name>/<session>`. */
function isCaller(principal: string, caller: string): boolean {
  const [role, who] = [kinds.parseArn(principal), kinds.parseArn(caller)];
  if (principal === caller) return true;
  const session = /^assumed-role\/([^/]+)\//.exec(who?.resource ?? "")?.[1];
  return role?.account === who?.account && role?.resource.split("/").at(-1) === session;
}
