import * as aws from "@pulumi/aws";
import type * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkingConfig } from "./config";
import { endpointPolicy } from "./endpointPolicies";
import type { EndpointService } from "./endpointServices";

/**
 * Ways to AWS services that don't cross the internet: S3 always, by a gateway endpoint that costs nothing and spares
 * NAT the images and checkpoints; DynamoDB likewise, and others as configured, one network interface in each private
 * subnet.
 * @param services Names of the configured ones, see `endpointServiceNames`.
 */
export function makeEndpoints(
  config: NetworkingConfig,
  vpc: awsx.ec2.Vpc,
  services: ReadonlyMap<EndpointService, string>,
): void {
  const { settings, names, tags, caller } = config;
  for (const service of settings.dynamodbEndpoint ? (["s3", "dynamodb"] as const) : (["s3"] as const)) {
    new aws.ec2.VpcEndpoint(service, {
      vpcId: vpc.vpcId,
      vpcEndpointType: "Gateway",
      // Gateways have the same names in all partitions.
      serviceName: `com.amazonaws.${caller.region}.${service}`,
      // Every route table: one left out sends its subnets' traffic through NAT, or nowhere.
      routeTableIds: vpc.routeTables.apply((tables) => pulumi.all(tables.map((table) => table.id))),
      policy: endpointPolicy(config, service),
      tags: { ...tags, Name: names.of(service) },
    });
  }
  if (services.size === 0) return;

  const securityGroupId = makeSecurityGroup(config, vpc);
  for (const [service, serviceName] of services) {
    new aws.ec2.VpcEndpoint(service, {
      vpcId: vpc.vpcId,
      vpcEndpointType: "Interface",
      serviceName,
      subnetIds: vpc.privateSubnetIds,
      securityGroupIds: [securityGroupId],
      privateDnsEnabled: true,
      policy: endpointPolicy(config, service),
      tags: { ...tags, Name: names.of(service) },
    });
  }
}

function makeSecurityGroup({ settings, names, tags }: NetworkingConfig, vpc: awsx.ec2.Vpc): pulumi.Output<string> {
  const securityGroup = new aws.ec2.SecurityGroup("endpoints", {
    name: names.of("endpoints"),
    description: "Interface endpoints: HTTPS from within the VPC",
    vpcId: vpc.vpcId,
    tags: { ...tags, Name: names.of("endpoints") },
  });
  const ranges = { https: settings.cidrBlock, "https-pods": settings.podCidrBlock };
  for (const [name, cidrIpv4] of Object.entries(ranges)) {
    if (cidrIpv4 === undefined) continue;
    new aws.vpc.SecurityGroupIngressRule(`endpoints-${name}`, {
      securityGroupId: securityGroup.id,
      description: "HTTPS from within the VPC",
      cidrIpv4,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      tags,
    });
  }
  return securityGroup.id;
}
