import type { shared } from "@selfhosted/common";
import { document, type Condition, type Document, type TrustStatement } from "./document";

/**
 * Trust in EKS Pod Identity, which hands a role to the pods of a service account that 04 and 08 name in an association.
 * It knows no cluster, so roles come before clusters and outlive them.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export function podIdentityTrust(): Document<TrustStatement> {
  return document({
    Effect: "Allow",
    Principal: { Service: "pods.eks.amazonaws.com" },
    // EKS tags the session with cluster, namespace and service account; without TagSession it can't take the role on.
    Action: ["sts:AssumeRole", "sts:TagSession"],
  });
}

/**
 * Trust in the pods of one service account of one cluster (IRSA): both sides of the token are named exactly, who it
 * speaks for and whom it is for.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
 */
export function webIdentityTrust(
  oidcProviderArn: string,
  { namespace, name }: shared.ServiceAccount,
): Document<TrustStatement> {
  const issuer = oidcProviderArn.slice(oidcProviderArn.indexOf("/") + 1);
  return document({
    Effect: "Allow",
    Principal: { Federated: oidcProviderArn },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${name}`,
        [`${issuer}:aud`]: "sts.amazonaws.com",
      },
    },
  });
}

/** Trust in one AWS service, where it can be so confined only when it acts for this account. */
export function serviceTrust(service: string, Condition?: Condition): Document<TrustStatement> {
  return document({
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    ...(Condition && { Condition }),
  });
}

/** Trust in EKS; Auto Mode tags its sessions too. Source: as the managed policies of Auto Mode in roleTable.ts. */
export function controlPlaneTrust(autoMode: boolean, Condition: Condition): Document<TrustStatement> {
  const Action = autoMode ? ["sts:AssumeRole", "sts:TagSession"] : "sts:AssumeRole";
  return document({ Effect: "Allow", Principal: { Service: "eks.amazonaws.com" }, Action, Condition });
}

/**
 * Keeps a service from using the role on behalf of somebody else's resource (the confused deputy).
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export function actingFor(account: string, sourceArn?: string): Condition {
  return {
    StringEquals: { "aws:SourceAccount": account },
    ...(sourceArn !== undefined && { ArnLike: { "aws:SourceArn": sourceArn } }),
  };
}
