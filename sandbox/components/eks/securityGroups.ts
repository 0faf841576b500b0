import * as aws from "@pulumi/aws";
import type * as eks from "@pulumi/eks";
import * as pulumi from "@pulumi/pulumi";

type SecurityGroups = Pick<eks.ClusterArgs, "tags" | "clusterSecurityGroupTags" | "nodeSecurityGroupTags" | "vpcId">;
type RuleArgs = Omit<aws.ec2.SecurityGroupRuleArgs, "securityGroupId">;

/** Every protocol and port, as EC2 writes it. */
const ALL = { protocol: "-1", fromPort: 0, toPort: 0 };

/** The control plane's own security group, unless the program gives or declines one. */
export function makeClusterSecurityGroup(
  name: string,
  args: SecurityGroups,
  parent: pulumi.Resource,
): aws.ec2.SecurityGroup {
  const own = `${name}-eksClusterSecurityGroup`;
  const tags = pulumi
    .all([args.tags, args.clusterSecurityGroupTags])
    .apply(([shared, more]) => ({ Name: own, ...more, ...shared }));
  const group = new aws.ec2.SecurityGroup(own, { vpcId: args.vpcId, revokeRulesOnDelete: true, tags }, { parent });
  rule(`${name}-eksClusterInternetEgressRule`, group.id, parent, {
    ...ALL,
    description: "Allow internet access.",
    type: "egress",
    cidrBlocks: ["0.0.0.0/0"],
  });
  return group;
}

/** The nodes' security group, and the rules between it and the control plane's. */
export function makeNodeSecurityGroup(
  name: string,
  args: SecurityGroups,
  cluster: aws.eks.Cluster,
  clusterGroupId: pulumi.Input<string>,
  parent: pulumi.Resource,
): { nodeSecurityGroup: aws.ec2.SecurityGroup; clusterIngressRule: aws.ec2.SecurityGroupRule } {
  const own = `${name}-nodeSecurityGroup`;
  const tags = pulumi
    .all([args.tags, args.nodeSecurityGroupTags, cluster.name])
    .apply(([shared, more, clusterName]) => ({
      Name: own,
      [`kubernetes.io/cluster/${clusterName}`]: "owned",
      ...more,
      ...shared,
    }));
  const group = new aws.ec2.SecurityGroup(own, { vpcId: args.vpcId, revokeRulesOnDelete: true, tags }, { parent });
  const fromCluster = { type: "ingress", protocol: "tcp", sourceSecurityGroupId: clusterGroupId };
  rule(`${name}-eksNodeIngressRule`, group.id, parent, {
    ...ALL,
    description: "Allow nodes to communicate with each other",
    type: "ingress",
    self: true,
  });
  rule(`${name}-eksNodeClusterIngressRule`, group.id, parent, {
    ...fromCluster,
    description: "Allow worker Kubelets and pods to receive communication from the cluster control plane",
    fromPort: 1025,
    toPort: 65535,
  });
  rule(`${name}-eksExtApiServerClusterIngressRule`, group.id, parent, {
    ...fromCluster,
    description:
      "Allow pods running extension API servers on port 443 to receive communication from cluster control plane",
    fromPort: 443,
    toPort: 443,
  });
  rule(`${name}-eksNodeInternetEgressRule`, group.id, parent, {
    ...ALL,
    description: "Allow internet access.",
    type: "egress",
    cidrBlocks: ["0.0.0.0/0"],
  });
  const clusterIngressRule = rule(`${name}-eksClusterIngressRule`, clusterGroupId, parent, {
    description: "Allow pods to communicate with the cluster API Server",
    type: "ingress",
    protocol: "tcp",
    fromPort: 443,
    toPort: 443,
    sourceSecurityGroupId: group.id,
  });
  return { nodeSecurityGroup: group, clusterIngressRule };
}

function rule(
  name: string,
  securityGroupId: pulumi.Input<string>,
  parent: pulumi.Resource,
  args: RuleArgs,
): aws.ec2.SecurityGroupRule {
  return new aws.ec2.SecurityGroupRule(name, { ...args, securityGroupId }, { parent });
}
