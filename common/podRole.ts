import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { OutputValue } from "./contract";
import { podServiceAccounts, type PodRoleName } from "./shared";

type PodCredentials = OutputValue<"iam", "podCredentials">;

/** Which role the pods of a service account get, and how; see {@link podRole}. */
export interface PodRoleArgs {
  /** 01-iam's output that is the role: it says which service account. */
  readonly role: PodRoleName;
  readonly roleArn: string;
  readonly podCredentials: PodCredentials;
  readonly clusterName: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What hands a role to pods. */
export interface PodRole {
  /** Annotations of the service account; none with Pod Identity. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What must be there before a pod starts, which gets its role then or never; nothing with IRSA. */
  readonly resources: readonly pulumi.Resource[];
}

/**
 * Hands a role to the pods of its service account: by a Pod Identity association, or (IRSA) by an annotation of the
 * service account, which the caller makes.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html (comparison)
 */
export function podRole(logicalName: string, args: PodRoleArgs, options?: pulumi.CustomResourceOptions): PodRole {
  const { role, roleArn, clusterName, tags } = args;
  if (args.podCredentials === "IRSA") return { annotations: { "eks.amazonaws.com/role-arn": roleArn }, resources: [] };
  const { namespace, name: serviceAccount } = podServiceAccounts[role];
  const association = { clusterName, namespace, serviceAccount, roleArn, tags };
  return { annotations: {}, resources: [new aws.eks.PodIdentityAssociation(logicalName, association, options)] };
}

/** The same for an EKS add-on, which makes its service account itself: the arguments that name the role. */
export function addonRole(
  role: PodRoleName,
  roleArn: string,
  podCredentials: PodCredentials,
): Pick<aws.eks.AddonArgs, "podIdentityAssociations" | "serviceAccountRoleArn"> {
  if (podCredentials === "IRSA") return { serviceAccountRoleArn: roleArn };
  return { podIdentityAssociations: [{ serviceAccount: podServiceAccounts[role].name, roleArn }] };
}
