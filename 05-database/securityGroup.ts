import * as aws from "@pulumi/aws";
import type { DatabaseConfig } from "./config";

/** Where the database listens and who may come in. */
export interface DatabaseNetwork {
  readonly vpcId: string;
  readonly isolatedSubnetIds: string[];
  readonly workloadSecurityGroupId: string;
}

/**
 * The database's own security group: it admits what carries the workload security group, on the one port, and nothing
 * else, and lets nothing out. It knows no cluster, so a cluster can go and come back without touching it.
 */
export function makeSecurityGroup(
  { names, tags, settings }: DatabaseConfig,
  network: DatabaseNetwork,
  port: number,
): aws.ec2.SecurityGroup {
  const name = names.of("database");
  const group = new aws.ec2.SecurityGroup(
    "database",
    {
      name,
      description: "Aurora MySQL of Pulumi: workloads only",
      vpcId: network.vpcId,
      tags: { ...tags, Name: name },
    },
    { protect: settings.protect },
  );
  new aws.vpc.SecurityGroupIngressRule(
    "workloads",
    {
      securityGroupId: group.id,
      referencedSecurityGroupId: network.workloadSecurityGroupId,
      description: "MySQL from nodes, pods and tasks",
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      tags: { ...tags, Name: name },
    },
    { parent: group },
  );
  return group;
}
