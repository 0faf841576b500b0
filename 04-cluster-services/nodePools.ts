import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";

type PoolName = ClusterServicesConfig["settings"]["nodePools"][number];

/** One condition on the instances of a pool. */
interface Requirement {
  readonly key: string;
  readonly operator: "In" | "Gt";
  readonly values: string[];
}

interface Pool {
  readonly requirements: readonly Requirement[];
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: "NoSchedule" }[];
  /** `WhenEmpty` never moves a running pod to save a node. */
  readonly consolidationPolicy: "WhenEmpty" | "WhenEmptyOrUnderutilized";
  /** How long a pool waits before it takes a node away. */
  readonly consolidateAfter: string;
  /** How many nodes Karpenter may take away at the same time, as a number or a share. */
  readonly disrupted: string;
  /** What the nodes have together at most, besides processors. */
  readonly limits?: Readonly<Record<string, string>>;
}

/** Label of a pool's nodes, and the taint of those that are kept for pods which ask for them. */
const POOL = "pulumi-selfhosted/pool";

const isIn = (key: string, ...values: string[]): Requirement => ({ key, operator: "In", values });
const capacity = (...types: string[]) => isIn("karpenter.sh/capacity-type", ...types);
const categories = (...values: string[]) => isIn("karpenter.k8s.aws/instance-category", ...values);
/** The sixth generation and later: more work for the money than those before. */
const modern: Requirement = { key: "karpenter.k8s.aws/instance-generation", operator: "Gt", values: ["5"] };

function pools({ nodePoolArchitecture, nodePoolGpuLimit }: ClusterServicesConfig["settings"]): Record<PoolName, Pool> {
  return {
    // Pods with volumes or long start: nodes that nobody takes back, kept free of pods that could run anywhere.
    stateful: {
      requirements: [
        capacity("on-demand"),
        categories("m", "r"),
        modern,
        isIn("kubernetes.io/arch", nodePoolArchitecture),
      ],
      taints: [{ key: POOL, value: "stateful", effect: "NoSchedule" }],
      consolidationPolicy: "WhenEmpty",
      consolidateAfter: "10m",
      disrupted: "1",
    },
    stateless: {
      requirements: [
        capacity("spot", "on-demand"),
        categories("c", "m", "r"),
        modern,
        isIn("kubernetes.io/arch", nodePoolArchitecture),
      ],
      consolidationPolicy: "WhenEmptyOrUnderutilized",
      consolidateAfter: "1m",
      disrupted: "10%",
    },
    // Kept free for pods that ask for nvidia.com/gpu and tolerate the taint.
    gpu: {
      requirements: [capacity("on-demand"), categories("g"), modern, isIn("kubernetes.io/arch", "amd64")],
      taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }],
      consolidationPolicy: "WhenEmpty",
      consolidateAfter: "5m",
      disrupted: "1",
      limits: { "nvidia.com/gpu": String(nodePoolGpuLimit) },
    },
  };
}

/**
 * What Karpenter makes nodes of (one class, the same hardening as 03-cluster's launch templates) and for which pods (the
 * pools asked for). Deleting a pool drains its nodes, so Karpenter must still run then: both depend on its release.
 */
export function makeNodePools(
  config: ClusterServicesConfig,
  cluster: Cluster,
  clusterSecurityGroupId: string,
  karpenter: pulumi.Resource,
): void {
  const { settings, tags, upstream } = config;
  const nodeRoleArn = asked(upstream.iam.nodeRoleArn, "nodeRoleArn");
  const subnetIds = asked(upstream.networking.privateSubnetIds, "privateSubnetIds");
  const workload = asked(upstream.networking.workloadSecurityGroupId, "workloadSecurityGroupId");
  const nodeClass = new k8s.apiextensions.CustomResource(
    "default",
    {
      apiVersion: "karpenter.k8s.aws/v1",
      kind: "EC2NodeClass",
      metadata: { name: "default" },
      spec: {
        role: nodeRoleArn.slice(nodeRoleArn.lastIndexOf("/") + 1),
        amiSelectorTerms: [{ alias: "al2023@latest" }],
        subnetSelectorTerms: subnetIds.map((id) => ({ id })),
        securityGroupSelectorTerms: [clusterSecurityGroupId, workload].map((id) => ({ id })),
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: { volumeType: "gp3", volumeSize: "50Gi", encrypted: true, deleteOnTermination: true },
          },
        ],
        tags: { ...tags },
      },
    },
    { ...cluster.objects, dependsOn: [karpenter] },
  );
  const known = pools(settings);
  for (const name of settings.nodePools) {
    const { requirements, taints, consolidationPolicy, consolidateAfter, disrupted, limits } = known[name];
    new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: "karpenter.sh/v1",
        kind: "NodePool",
        metadata: { name },
        spec: {
          template: {
            metadata: { labels: { [POOL]: name } },
            spec: {
              nodeClassRef: { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default" },
              requirements,
              ...(taints && { taints }),
              // Nodes are replaced every thirty days, and so get new images.
              expireAfter: "720h",
            },
          },
          disruption: { consolidationPolicy, consolidateAfter, budgets: [{ nodes: disrupted }] },
          limits: { cpu: String(settings.nodePoolCpuLimit), ...limits },
        },
      },
      { ...cluster.objects, dependsOn: [nodeClass] },
    );
  }
}
