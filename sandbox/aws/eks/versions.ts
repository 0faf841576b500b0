/**
 * Kubernetes versions on EKS: last day of standard and of extended support (ISO 8601).
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html and endoflife.date/amazon-eks,
 * read in 2026; the days of 1.36 were not on record there.
 */
const supported: Readonly<Record<string, { readonly standard: string; readonly extended: string }>> = {
  "1.30": { standard: "2025-07-23", extended: "2026-07-23" },
  "1.31": { standard: "2025-11-26", extended: "2026-11-26" },
  "1.32": { standard: "2026-03-23", extended: "2027-03-23" },
  "1.33": { standard: "2026-07-29", extended: "2027-07-29" },
  "1.34": { standard: "2026-12-02", extended: "2027-12-02" },
  "1.35": { standard: "2027-03-27", extended: "2028-03-27" },
  "1.36": { standard: "9999-12-31", extended: "9999-12-31" },
};

/** What EKS takes when no version is asked for. */
export const DEFAULT_VERSION = "1.35";

export type Support = "standard" | "extended" | "none";

/** How AWS supports a version on a day; `none` for one that was never on EKS or has left extended support. */
export function supportOf(version: string, day: Date = new Date()): Support {
  const dates = supported[version];
  const today = day.toISOString().slice(0, 10);
  if (!dates || today > dates.extended) return "none";
  return today > dates.standard ? "extended" : "standard";
}

/** Versions that can be made today, oldest first. */
export function availableVersions(): string[] {
  return Object.keys(supported).filter((version) => supportOf(version) !== "none");
}

/** Both last days of support of a version. */
export function supportDates(version: string): { readonly standard: string; readonly extended: string } | undefined {
  return supported[version];
}

/** `1.35` → 35. */
export function minor(version: string): number {
  return Number(version.split(".")[1] ?? Number.NaN);
}
