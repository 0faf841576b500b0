import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { NetworkingConfig } from "./config";

/** Empties the VPC's default security group, so that what is made without a group can reach nothing and nobody it. */
export function emptyDefaultSecurityGroup({ names, tags }: NetworkingConfig, vpcId: pulumi.Input<string>): void {
  new aws.ec2.DefaultSecurityGroup("default", {
    vpcId,
    ingress: [],
    egress: [],
    tags: { ...tags, Name: names.of("default-unused") },
  });
}

/**
 * The group that nodes (03) and Fargate tasks (08) carry. The database and search admit this group, so they know no
 * cluster and outlive it. It lets everything out; what may come in, 08's load balancer adds.
 */
export function makeWorkloadSecurityGroup(
  { names, tags }: NetworkingConfig,
  vpcId: pulumi.Input<string>,
): pulumi.Output<string> {
  const group = new aws.ec2.SecurityGroup("workload", {
    name: names.of("workload"),
    description: "Nodes and tasks of the installation",
    vpcId,
    tags: { ...tags, Name: names.of("workload") },
  });
  new aws.vpc.SecurityGroupEgressRule("workload-out", {
    securityGroupId: group.id,
    description: "AWS APIs, image registries, identity providers, webhooks",
    cidrIpv4: "0.0.0.0/0",
    ipProtocol: "-1",
    tags,
  });
  return group.id;
}
