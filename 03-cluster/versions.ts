import { kinds } from "@selfhosted/common";

/** Days (UTC) on which AWS's support of a Kubernetes version ends. */
interface Support {
  /** From then on a cluster costs $0.60 an hour in place of $0.10, or is upgraded, as its upgrade policy says. */
  readonly standardEnds: string;
  /** From then on EKS upgrades the cluster in any case, and makes none of this version. */
  readonly extendedEnds: string;
}

/**
 * Kubernetes versions on EKS. Read on 2026-11-21 from
 * https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html. A newer version that isn't listed is taken
 * too: AWS says whether it exists.
 */
export const versions: Readonly<Record<string, Support>> = {
  "1.32": { standardEnds: "2026-03-23", extendedEnds: "2027-03-23" },
  "1.33": { standardEnds: "2026-07-29", extendedEnds: "2027-07-29" },
  "1.34": { standardEnds: "2026-12-02", extendedEnds: "2027-12-02" },
  "1.35": { standardEnds: "2027-03-27", extendedEnds: "2028-03-27" },
};

/** Version of a new cluster unless configured: the newest one listed. */
export const defaultVersion = "1.35";

/** How AWS supports a version on a day. Versions before the first one listed are gone, unknown newer ones are fine. */
export function supportOf(version: string, day: Date): "standard" | "extended" | "none" {
  const support = versions[version];
  if (!support)
    return kinds.minorVersion(version) < Math.min(...Object.keys(versions).map(kinds.minorVersion))
      ? "none"
      : "standard";
  if (day >= new Date(support.extendedEnds)) return "none";
  return day >= new Date(support.standardEnds) ? "extended" : "standard";
}

/** Add-ons without which no node becomes ready; 04-cluster-services makes all others. */
export const bootAddons = ["eks-pod-identity-agent", "vpc-cni", "kube-proxy"] as const;
