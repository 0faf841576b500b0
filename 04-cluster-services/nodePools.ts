import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { capacity, families, isIn, makeNodePool, POOL, type Pool } from "./nodePool";

type PoolName = ClusterServicesConfig["settings"]["nodePools"][number];

/** Nodes are replaced every thirty days, and so get new images. */
const EXPIRE_AFTER = "720h";

const own = (...categories: string[]) => families("karpenter.k8s.aws", ...categories);

function pools({ nodePoolArchitecture, nodePoolGpuLimit }: ClusterServicesConfig["settings"]): Record<PoolName, Pool> {
  const architecture = isIn("kubernetes.io/arch", nodePoolArchitecture);
  return {
    // Pods with volumes or long start: nodes that nobody takes back, kept free of pods that could run anywhere.
    stateful: {
      requirements: [capacity("on-demand"), ...own("m", "r"), architecture],
      taints: [{ key: POOL, value: "stateful", effect: "NoSchedule" }],
      consolidationPolicy: "WhenEmpty",
      consolidateAfter: "10m",
      disrupted: "1",
      expireAfter: EXPIRE_AFTER,
    },
    stateless: {
      requirements: [capacity("spot", "on-demand"), ...own("c", "m", "r"), architecture],
      consolidationPolicy: "WhenEmptyOrUnderutilized",
      consolidateAfter: "1m",
      disrupted: "10%",
      expireAfter: EXPIRE_AFTER,
    },
    // Kept free for pods that ask for nvidia.com/gpu and tolerate the taint.
    gpu: {
      requirements: [capacity("on-demand"), ...own("g"), isIn("kubernetes.io/arch", "amd64")],
      taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }],
      consolidationPolicy: "WhenEmpty",
      consolidateAfter: "5m",
      disrupted: "1",
      expireAfter: EXPIRE_AFTER,
      limits: { "nvidia.com/gpu": String(nodePoolGpuLimit) },
    },
  };
}

/**
 * What Karpenter makes nodes of (one class, as hardened as 03-cluster's launch templates, but for the key of the disks) and for which pods (the
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
      metadata: { name: "default", ...cluster.withCharts.metadata },
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
    { ...cluster.withCharts.options, dependsOn: [karpenter] },
  );
  const known = pools(settings);
  const reference = { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default" };
  for (const name of settings.nodePools) {
    makeNodePool(config, name, known[name], { reference, resource: nodeClass, delivered: cluster.withCharts });
  }
}
