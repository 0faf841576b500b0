import type { Kind } from "./kinds";
import type { ClusterState } from "./state";

/** One workload of an EKS add-on. */
interface Workload {
  readonly kind: "Deployment" | "DaemonSet";
  readonly name: string;
  /** Replicas of a Deployment. */
  readonly replicas?: number;
  /** What one pod asks of its node (`kubectl get` on an EKS cluster; the add-ons' published defaults). */
  readonly requests: Readonly<Record<string, string>>;
}

/** What each add-on runs, in kube-system. An add-on that isn't here is recorded, and nothing of it runs. */
const workloads: Readonly<Record<string, readonly Workload[]>> = {
  "vpc-cni": [{ kind: "DaemonSet", name: "aws-node", requests: { cpu: "50m" } }],
  "kube-proxy": [{ kind: "DaemonSet", name: "kube-proxy", requests: { cpu: "100m" } }],
  coredns: [{ kind: "Deployment", name: "coredns", replicas: 2, requests: { cpu: "100m", memory: "70Mi" } }],
  "eks-pod-identity-agent": [{ kind: "DaemonSet", name: "eks-pod-identity-agent", requests: {} }],
  "metrics-server": [
    { kind: "Deployment", name: "metrics-server", replicas: 2, requests: { cpu: "100m", memory: "200Mi" } },
  ],
  "aws-ebs-csi-driver": [
    { kind: "Deployment", name: "ebs-csi-controller", replicas: 2, requests: { cpu: "60m", memory: "240Mi" } },
    { kind: "DaemonSet", name: "ebs-csi-node", requests: { cpu: "30m", memory: "120Mi" } },
  ],
};

const ADDON_LABEL = "sandbox.selfhosted/eks-addon";

/** Runs the add-ons that EKS has installed, and takes away those that it has not (EKS's add-on manager). */
export async function runAddons(state: ClusterState, addons: Readonly<Record<string, string>>): Promise<void> {
  for (const [addon, version] of Object.entries(addons)) {
    for (const workload of workloads[addon] ?? []) await install(state, addon, version, workload);
  }
  for (const kind of ["Deployment", "DaemonSet"] as const satisfies readonly Kind[]) {
    for (const object of state.list(kind)) {
      const addon = object.metadata.labels?.[ADDON_LABEL];
      if (addon === undefined || addons[addon] !== undefined || object.metadata.deletionTimestamp) continue;
      await state.remove(kind, object, { propagationPolicy: "Background" });
    }
  }
}

async function install(state: ClusterState, addon: string, version: string, workload: Workload): Promise<void> {
  const { kind, name, replicas, requests } = workload;
  const labels = { "app.kubernetes.io/name": name, [ADDON_LABEL]: addon };
  const image = `602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/${name}:${version}`;
  const existing = state.get(kind, "kube-system", name);
  if (existing) {
    const current = existing.spec.template.spec?.containers[0]?.image;
    if (current === image) return;
    const containers = [{ name, image, resources: { requests } }];
    await state.patch(kind, existing, { spec: { template: { spec: { containers } } } });
    return;
  }
  await state.create(kind, {
    metadata: { name, namespace: "kube-system", labels },
    spec: {
      ...(kind === "Deployment" ? { replicas } : {}),
      selector: { matchLabels: { "app.kubernetes.io/name": name } },
      template: {
        metadata: { labels },
        spec: {
          priorityClassName: kind === "DaemonSet" ? "system-node-critical" : "system-cluster-critical",
          // Daemons run on every node; CoreDNS and the controllers keep off nodes tainted for others.
          tolerations: kind === "DaemonSet" ? [{ operator: "Exists" }] : [],
          containers: [{ name, image, resources: { requests } }],
        },
      },
    },
  });
}
