import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { asked, shared } from "@selfhosted/common";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { capacity, families, isIn, makeNodePool, type Pool } from "./nodePool";

/** Auto Mode replaces a node after at most 21 days. Source: https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html */
const EXPIRE_AFTER = "336h";

/**
 * Nodes of EKS Auto Mode: one pool for everything, and one kept for the service. Their class is ours, since nodes of
 * EKS's own class don't carry the workload security group, by which the database and search know them. The load balancer
 * controller (loadBalancerController.ts) is installed all the same: Auto Mode's own balancing has its TargetGroupBinding in
 * another API group, and AWS lets both run side by side.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/migrate-auto.html
 */
export async function makeAutoNodes(config: ClusterServicesConfig, cluster: Cluster): Promise<void> {
  const { settings, tags, upstream } = config;
  const { vpcConfig } = await aws.eks.getCluster({ name: cluster.name });
  const nodeRoleArn = asked(upstream.iam.nodeRoleArn, "nodeRoleArn");
  const workload = asked(upstream.networking.workloadSecurityGroupId, "workloadSecurityGroupId");
  const name = "selfhosted";
  const nodeClass = new k8s.apiextensions.CustomResource(
    "auto-mode",
    {
      apiVersion: "eks.amazonaws.com/v1",
      kind: "NodeClass",
      metadata: { name },
      spec: {
        // 03-cluster lets nodes with this role in.
        role: nodeRoleArn.slice(nodeRoleArn.lastIndexOf("/") + 1),
        subnetSelectorTerms: asked(upstream.networking.privateSubnetIds, "privateSubnetIds").map((id) => ({ id })),
        securityGroupSelectorTerms: [vpcConfig.clusterSecurityGroupId, workload].map((id) => ({ id })),
        networkPolicy: "DefaultAllow",
        tags: { ...tags },
      },
    },
    { ...cluster.objects, dependsOn: [enforcePolicies(cluster)] },
  );
  const pool: Pool = {
    requirements: [
      capacity("on-demand"),
      ...families("eks.amazonaws.com", "c", "m", "r"),
      isIn("kubernetes.io/arch", settings.nodePoolArchitecture),
    ],
    consolidationPolicy: "WhenEmptyOrUnderutilized",
    consolidateAfter: "1m",
    disrupted: "10%",
    expireAfter: EXPIRE_AFTER,
  };
  const { key, value } = shared.serviceNodes;
  const reference = { group: "eks.amazonaws.com", kind: "NodeClass", name };
  // Their kinds are EKS's own: there before any chart.
  const made = { reference, resource: nodeClass, delivered: { options: cluster.objects, metadata: {} } };
  makeNodePool(config, "general", pool, made);
  makeNodePool(
    config,
    "service",
    { ...pool, labels: { [key]: value }, taints: [{ key, value, effect: "NoSchedule" }] },
    made,
  );
}

/**
 * NetworkPolicy objects are enforced, not just stored: elsewhere 03-cluster's vpc-cni is told so, here EKS itself.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
 */
function enforcePolicies(cluster: Cluster): pulumi.Resource {
  return new k8s.core.v1.ConfigMap(
    "network-policies",
    {
      metadata: { name: "amazon-vpc-cni", namespace: "kube-system" },
      data: { "enable-network-policy-controller": "true" },
    },
    cluster.objects,
  );
}
