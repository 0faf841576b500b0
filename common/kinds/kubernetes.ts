import { z } from "zod";
import { text, type Kind, type SecretKind } from "./kind";

/** A Kubernetes version as EKS takes it, major.minor; upstream's "1.30.3" is refused (its defect B8). */
export function kubernetesVersion(example = "1.35"): Kind<string> {
  return text(example, /^1\.\d{2}$/, `must be major.minor like ${example}; EKS takes no patch version`);
}

/** The minor number of a Kubernetes version: `1.35` → 35. */
export function minorVersion(version: string): number {
  return Number(version.split(".")[1]);
}

/** A kubeconfig that opens the cluster: JSON (which is YAML too) with clusters, users and a current context. */
export function kubeconfig(): SecretKind {
  const schema = z
    .string()
    .refine(
      (value) => /["']?clusters["']?\s*:/.test(value) && /["']?users["']?\s*:/.test(value),
      "must be a whole kubeconfig (clusters, users, contexts), not a path to one",
    );
  const example = JSON.stringify({ apiVersion: "v1", kind: "Config", clusters: [], users: [], contexts: [] });
  return { form: "contents of a kubeconfig", schema, written: "text", example, secret: true };
}
