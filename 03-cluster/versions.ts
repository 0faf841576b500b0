/**
 * Kubernetes versions on EKS, with the day on which standard support ends; from then on a cluster costs $0.60 an hour in
 * place of $0.10. Read on 2026-11-21 from https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html.
 * A newer version that isn't listed is taken too: AWS says whether it exists.
 */
export const standardSupportEnds: Readonly<Record<string, string>> = {
  "1.33": "2026-07-29",
  "1.34": "2026-12-02",
  "1.35": "2027-03-27",
};

/** Version of a new cluster unless configured: the newest one listed. */
export const defaultVersion = "1.35";

/** Whether a version is older than all that EKS gives standard support to. */
export function isOutdated(version: string): boolean {
  const oldest = Object.keys(standardSupportEnds).sort()[0] ?? version;
  return minor(version) < minor(oldest);
}

function minor(version: string): number {
  return Number(version.split(".")[1]);
}
