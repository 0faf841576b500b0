import * as path from "node:path";
import { buildGo, type GoBuild, type Progress } from "@selfhosted/cli/engine";

/** Version of Kubernetes that `go/kubernetes/go.mod` names; it can stand for the three minor versions before it too. */
export const KUBERNETES_VERSION = "1.36.3";

/** Kubernetes' own release build sets the version this way; without it the server calls itself v0.0.0. */
const versionFlags = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]
  .map((where) => {
    const [major = "", minor = ""] = KUBERNETES_VERSION.split(".");
    return `-X ${where}.gitVersion=v${KUBERNETES_VERSION} -X ${where}.gitMajor=${major} -X ${where}.gitMinor=${minor}`;
  })
  .join(" ");

/** The programs behind a sandbox cluster, and what builds them. They may be built side by side. */
export const builds = {
  etcd: {
    name: "etcd",
    directory: path.join(__dirname, "go", "etcd"),
    package: "go.etcd.io/etcd/server/v3",
    why: "the store under the sandbox's Kubernetes API, about half a minute",
  },
  "kube-apiserver": {
    name: "kube-apiserver",
    directory: path.join(__dirname, "go", "kubernetes"),
    package: "k8s.io/kubernetes/cmd/kube-apiserver",
    ldflags: versionFlags,
    why: "the real Kubernetes API behind the sandbox's EKS clusters, 1,800 packages, about 3 minutes",
  },
  kubectl: {
    name: "kubectl",
    directory: path.join(__dirname, "go", "kubernetes"),
    package: "k8s.io/kubernetes/cmd/kubectl",
    ldflags: versionFlags,
    why: "to look into a sandbox cluster by hand, about a minute",
  },
} satisfies Record<string, GoBuild>;

/** Path of a program, built on first use and cached per user after that. */
export function binary(name: keyof typeof builds, progress: Progress = () => undefined): Promise<string> {
  return buildGo(builds[name], progress);
}
