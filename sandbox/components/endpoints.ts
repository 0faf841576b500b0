import * as aws from "@pulumi/aws";
import type * as awsx from "@pulumi/awsx";
import type * as pulumi from "@pulumi/pulumi";

type EndpointSpec = NonNullable<awsx.ec2.VpcArgs["vpcEndpointSpecs"]>[number];

/** The network an endpoint is made in. */
export interface EndpointPlace {
  readonly vpc: aws.ec2.Vpc;
  readonly tags: pulumi.Output<Record<string, string>>;
  /** Whether subnets, security group and route tables are chosen when the spec names none (strategy Auto). */
  readonly automatic: boolean;
  readonly subnets: readonly { readonly zone: string; readonly type: string; readonly subnet: aws.ec2.Subnet }[];
  readonly routeTables: readonly aws.ec2.RouteTable[];
}

/** An endpoint of `vpcEndpointSpecs`, named after its service as in the real component. */
export function makeEndpoint(spec: EndpointSpec, place: EndpointPlace): aws.ec2.VpcEndpoint {
  const { vpc, automatic } = place;
  const kind = typeof spec.vpcEndpointType === "string" ? spec.vpcEndpointType : "Gateway";
  const isInterface = automatic && kind === "Interface";
  const isGateway = automatic && kind === "Gateway";
  return new aws.ec2.VpcEndpoint(
    spec.serviceName,
    {
      ...spec,
      vpcId: vpc.id,
      subnetIds: spec.subnetIds ?? (isInterface ? oneSubnetPerZone(place) : undefined),
      routeTableIds: spec.routeTableIds ?? (isGateway ? place.routeTables.map(({ id }) => id) : undefined),
      privateDnsEnabled: spec.privateDnsEnabled ?? (isInterface ? true : undefined),
      securityGroupIds: spec.securityGroupIds ?? (isInterface ? [makeSecurityGroup(spec, place).id] : undefined),
      tags: tagsOf(spec, place),
    },
    { parent: vpc, dependsOn: [vpc] },
  );
}

function tagsOf(spec: EndpointSpec, { tags }: EndpointPlace): pulumi.Output<Record<string, string>> {
  return tags.apply((shared) => ({ ...shared, ...(spec.tags as Record<string, string> | undefined) }));
}

function oneSubnetPerZone({ subnets }: EndpointPlace): pulumi.Output<string>[] {
  const preferred = ["Private", "Isolated", "Public"];
  const sorted = [...subnets].sort((one, other) => preferred.indexOf(one.type) - preferred.indexOf(other.type));
  const zones = [...new Set(subnets.map(({ zone }) => zone))];
  return zones.flatMap((zone) => sorted.find((subnet) => subnet.zone === zone)?.subnet.id ?? []);
}

function makeSecurityGroup(spec: EndpointSpec, place: EndpointPlace): aws.ec2.SecurityGroup {
  const { vpc } = place;
  const group = new aws.ec2.SecurityGroup(
    `${spec.serviceName}-sg`,
    { vpcId: vpc.id, tags: tagsOf(spec, place) },
    { parent: vpc, dependsOn: [vpc] },
  );
  new aws.ec2.SecurityGroupRule(
    `${spec.serviceName}-ingress`,
    {
      type: "ingress",
      securityGroupId: group.id,
      protocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrBlocks: [vpc.cidrBlock],
    },
    { parent: vpc, dependsOn: [group] },
  );
  return group;
}
