import { parseCidr, usableAddresses } from "../cidr";
import type { Invoke, InvokeContext } from "../record";
import { block, blocks, text } from "../values";
import type { Properties } from "../../provider/types";
import type { WorldObject } from "../../world";
import { lookedUp } from "./lookup";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";
const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";
const docs = (call: string) => `https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_${call}.html`;

function hasTags(object: WorldObject, wanted: Properties): boolean {
  const tags = block(object.properties.tagsAll);
  return Object.entries(wanted).every(([key, value]) => tags[key] === value);
}

function findSubnets(args: Properties, context: InvokeContext): WorldObject[] {
  const vpcs = blocks(args.filters).flatMap(({ name, values }) =>
    name === "vpc-id" && Array.isArray(values) ? values : [],
  );
  return context.world
    .list(SUBNET)
    .filter(
      (subnet) =>
        subnet.region === context.region &&
        (vpcs.length === 0 || vpcs.includes(subnet.properties.vpcId ?? "")) &&
        hasTags(subnet, block(args.tags)),
    );
}

/** Look-ups of networks that somebody else made. */
export const ec2: Readonly<Record<string, Invoke>> = {
  "aws:ec2/getVpc:getVpc": (args, context) => {
    const id = text(args.id);
    const vpc = lookedUp(
      context,
      VPC,
      (object) => (id === undefined || object.id === id) && hasTags(object, block(args.tags)),
      {
        code: "InvalidVpcID.NotFound",
        message: `no matching EC2 VPC found: The vpc ID '${id ?? ""}' does not exist`,
        source: docs("DescribeVpcs"),
      },
    );
    return {
      ...args,
      ...vpc.properties,
      id: vpc.id,
      default: false,
      dhcpOptionsId: "dopt-0123456789abcdef0",
      tags: vpc.properties.tagsAll ?? {},
    };
  },

  "aws:ec2/getSubnet:getSubnet": (args, context) => {
    const id = text(args.id);
    const subnet = lookedUp(context, SUBNET, (object) => id === undefined || object.id === id, {
      code: "InvalidSubnetID.NotFound",
      message: `no matching EC2 Subnet found: The subnet ID '${id ?? ""}' does not exist`,
      source: docs("DescribeSubnets"),
    });
    const cidr = parseCidr(text(subnet.properties.cidrBlock) ?? "");
    return {
      ...args,
      ...subnet.properties,
      id: subnet.id,
      availableIpAddressCount: cidr ? usableAddresses(cidr) : 0,
      defaultForAz: false,
      state: "available",
      tags: subnet.properties.tagsAll ?? {},
    };
  },

  "aws:ec2/getSubnets:getSubnets": (args, context) => ({
    ...args,
    id: context.region,
    ids: findSubnets(args, context).map(({ id }) => id),
  }),

  "aws:ec2/getSecurityGroup:getSecurityGroup": (args, context) => {
    const id = text(args.id);
    const name = text(args.name);
    const group = lookedUp(
      context,
      GROUP,
      (object) => (id === undefined || object.id === id) && (name === undefined || object.properties.name === name),
      {
        code: "InvalidGroup.NotFound",
        message: `no matching EC2 Security Group found: The security group '${id ?? name ?? ""}' does not exist`,
        source: docs("DescribeSecurityGroups"),
      },
    );
    return { ...args, ...group.properties, id: group.id, tags: group.properties.tagsAll ?? {} };
  },

  "aws:ec2/getVpcEndpoint:getVpcEndpoint": (args, context) => {
    const endpoint = lookedUp(
      context,
      "aws:ec2/vpcEndpoint:VpcEndpoint",
      ({ properties }) => properties.vpcId === args.vpcId && properties.serviceName === args.serviceName,
      {
        code: "InvalidVpcEndpointId.NotFound",
        message: `no matching EC2 VPC Endpoint found: ${text(args.serviceName) ?? ""} in ${text(args.vpcId) ?? ""}`,
        source: docs("DescribeVpcEndpoints"),
      },
    );
    return { ...args, ...endpoint.properties, id: endpoint.id, tags: endpoint.properties.tagsAll ?? {} };
  },

  "aws:ec2/getRouteTable:getRouteTable": (args, context) => {
    const subnetId = text(args.subnetId);
    const association = context.world.find(ASSOCIATION, ({ properties }) => properties.subnetId === subnetId);
    const id = text(args.routeTableId) ?? text(association?.properties.routeTableId);
    const table = lookedUp(context, ROUTE_TABLE, (object) => object.id === id, {
      code: "InvalidRouteTableID.NotFound",
      message: `query returned no results: no route table ${id ?? `of subnet ${subnetId ?? ""}`}`,
      source: docs("DescribeRouteTables"),
    });
    const routes = context.world
      .list("aws:ec2/route:Route")
      .filter(({ properties }) => properties.routeTableId === table.id)
      .map(({ properties }) => ({
        cidrBlock: properties.destinationCidrBlock ?? "",
        gatewayId: properties.gatewayId ?? "",
        natGatewayId: properties.natGatewayId ?? "",
      }));
    return {
      ...args,
      ...table.properties,
      id: table.id,
      routeTableId: table.id,
      routes,
      tags: table.properties.tagsAll ?? {},
    };
  },
};
