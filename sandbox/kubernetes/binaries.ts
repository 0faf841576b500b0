import * as path from "node:path";
import { buildGo, type GoBuild, type Progress } from "@selfhosted/cli/engine";
import { reason } from "@selfhosted/cli/reason";
import { downloadServers } from "./download";
import { programs, programsIn, type Program, type Programs } from "./programs";

/** Version of Kubernetes that `go/kubernetes/go.mod` names. */
const KUBERNETES_VERSION = "1.36.3";

/** Kubernetes' own release build sets the version this way; without it the server calls itself v0.0.0. */
const versionFlags = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]
  .map((where) => {
    const [major = "", minor = ""] = KUBERNETES_VERSION.split(".");
    return `-X ${where}.gitVersion=v${KUBERNETES_VERSION} -X ${where}.gitMajor=${major} -X ${where}.gitMinor=${minor}`;
  })
  .join(" ");

const builds: Readonly<Record<Program, GoBuild>> = {
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
};

/** No Kubernetes API can be had on this machine; the message says what was tried and what to install. */
export class NoServersError extends Error {
  override readonly name = "NoServersError";
}

/** One way to the three programs; it fails with the reason why it is none. */
interface Way {
  readonly name: string;
  readonly find: (progress: Progress) => Promise<Programs>;
}

/** Given ones first; then the very version that was tried here; then the ones that others publish. */
const ways: readonly Way[] = [
  { name: "KUBEBUILDER_ASSETS", find: givenPrograms },
  { name: "built from Go modules", find: builtPrograms },
  { name: "downloaded", find: downloadServers },
];

let looking: Promise<Programs> | undefined;

/** The programs, from the first way that leads to them; what was built or downloaded is cached per user. */
export function findPrograms(progress: Progress = () => undefined): Promise<Programs> {
  if (looking) return looking;
  const search = searchAllWays(progress);
  // Not remembered when it failed: somebody may install what is missing while this process lives.
  search.catch(() => (looking = undefined));
  return (looking = search);
}

/** Path of one program. */
export async function binary(name: Program, progress?: Progress): Promise<string> {
  return (await findPrograms(progress))[name];
}

async function searchAllWays(progress: Progress): Promise<Programs> {
  const failures: string[] = [];
  for (const way of ways) {
    try {
      return await way.find(progress);
    } catch (error) {
      failures.push(`  - ${way.name}: ${reason(error)}`);
    }
  }
  throw new NoServersError(
    [
      "No Kubernetes API server could be found, built or downloaded:",
      ...failures,
      "Install Go 1.26 or newer (https://go.dev/doc/install), or set KUBEBUILDER_ASSETS to a folder with etcd, " +
        "kube-apiserver and kubectl, and run this again.",
    ].join("\n"),
  );
}

/** The folder by which Kubernetes' own test tools name these very programs. */
async function givenPrograms(): Promise<Programs> {
  const folder = process.env["KUBEBUILDER_ASSETS"];
  if (folder === undefined) throw new Error("not set");
  return programsIn(folder);
}

async function builtPrograms(progress: Progress): Promise<Programs> {
  const paths = await Promise.all(programs.map((name) => buildGo(builds[name], progress)));
  return Object.fromEntries(programs.map((name, index) => [name, paths[index]])) as unknown as Programs;
}
