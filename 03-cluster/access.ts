import type * as eks from "@pulumi/eks";
import type { ClusterConfig } from "./config";

type AccessEntries = NonNullable<eks.ClusterArgs["accessEntries"]>;

/**
 * Who gets into the cluster, by access entry: no aws-auth ConfigMap, which one wrong edit locks everybody out of. Whoever
 * creates the cluster is an administrator as well (04 and 08 deploy into it).
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 */
export function accessEntries({ settings, caller }: ClusterConfig): AccessEntries {
  const entry = (principalArn: string, policy: string): AccessEntries[string] => ({
    principalArn,
    accessPolicies: {
      [policy]: {
        policyArn: `arn:${caller.partition}:eks::aws:cluster-access-policy/${policy}`,
        accessScope: { type: "cluster" },
      },
    },
  });
  return Object.fromEntries([
    ...settings.admins.map((arn) => [entryName(arn), entry(arn, "AmazonEKSClusterAdminPolicy")] as const),
    ...settings.viewers.map((arn) => [entryName(arn), entry(arn, "AmazonEKSAdminViewPolicy")] as const),
  ]);
}

/** A logical name that stays with the principal when the list around it changes: `123456789012-role-admin`. */
function entryName(arn: string): string {
  return arn.split(":").slice(4).join("-").replaceAll("/", "-");
}
