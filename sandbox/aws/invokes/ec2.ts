import { parseCidr, usableAddresses } from "../cidr";
import { interfaceServiceName } from "../ec2/endpoints";
import { AwsError } from "../errors";
import type { Invoke, InvokeContext } from "../record";
import { region } from "../regions";
import { block, blocks, text, texts } from "../values";
import type { Properties } from "../../provider/types";
import type { WorldObject } from "../../world";
import { lookedUp } from "./lookup";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";
const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";
/** Rules of security groups that are objects of their own; those written into a group have no id here. */
const RULES = [
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
] as const;
const docs = (call: string) => `https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_${call}.html`;

function hasTags(object: WorldObject, wanted: Properties): boolean {
  const tags = block(object.properties.tagsAll);
  return Object.entries(wanted).every(([key, value]) => tags[key] === value);
}

/** Whether a value passes the filters of this name, if there are any. */
function filtered(args: Properties, name: string): { includes(value: string): boolean } {
  const filters = blocks(args.filters).filter((filter) => filter.name === name);
  return { includes: (value) => filters.every(({ values }) => texts(values).includes(value)) };
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

/**
 * Id of a VPC's main route table: the one that was made main, or the one that came with the VPC.
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html#main-route-table
 */
function mainTable({ vpcId }: Properties, { world }: InvokeContext): string | undefined {
  const chosen = world.find(
    "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
    ({ properties }) => properties.vpcId === vpcId,
  );
  return text(chosen?.properties.routeTableId) ?? text(world.get(VPC, text(vpcId) ?? "")?.properties.mainRouteTableId);
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
      ({ properties }) =>
        properties.vpcId === args.vpcId &&
        (args.serviceName === undefined || properties.serviceName === args.serviceName) &&
        filtered(args, "service-name").includes(text(properties.serviceName) ?? "") &&
        filtered(args, "vpc-endpoint-type").includes(text(properties.vpcEndpointType) ?? "Gateway"),
      {
        code: "InvalidVpcEndpointId.NotFound",
        message: `no matching EC2 VPC Endpoint found: ${text(args.serviceName) ?? ""} in ${text(args.vpcId) ?? ""}`,
        source: docs("DescribeVpcEndpoints"),
      },
    );
    return { ...args, ...endpoint.properties, id: endpoint.id, tags: endpoint.properties.tagsAll ?? {} };
  },

  "aws:ec2/getVpcEndpointService:getVpcEndpointService": (args, context) => {
    const wanted = blocks(args.filters).flatMap(({ name, values }) => (name === "service-name" ? texts(values) : []));
    const serviceName = wanted.find(
      (name) => interfaceServiceName(name.replace(/^.*?-\d\./, ""), context.region) === name,
    );
    if (serviceName === undefined || args.serviceType !== "Interface") {
      throw new AwsError(
        "InvalidServiceName",
        `no matching EC2 VPC Endpoint Service found: ${wanted.join(" or ")}`,
        docs("DescribeVpcEndpointServices"),
      );
    }
    const availabilityZones = region(context.region).zones.map(({ name }) => name);
    return {
      ...args,
      id: serviceName,
      serviceName,
      availabilityZones,
      owner: "amazon",
      vpcEndpointPolicySupported: true,
    };
  },

  "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": (args, context) => {
    const groups = blocks(args.filters).flatMap(({ name, values }) => (name === "group-id" ? texts(values) : []));
    const found = RULES.flatMap((type) => context.world.list(type)).filter(({ properties }) =>
      groups.includes(text(properties.securityGroupId) ?? ""),
    );
    return { ...args, id: context.region, ids: found.map(({ id }) => id) };
  },

  "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": (args, context) => {
    const id = text(args.securityGroupRuleId) ?? "";
    const type = RULES.find((one) => context.world.get(one, id)) ?? RULES[0];
    const rule = lookedUp(context, type, (object) => object.id === id, {
      code: "InvalidSecurityGroupRuleId.NotFound",
      message: `The security group rule ID '${id}' does not exist`,
      source: docs("DescribeSecurityGroupRules"),
    });
    const ends = { cidrIpv4: "", cidrIpv6: "", prefixListId: "", referencedSecurityGroupId: "" };
    const ports = { fromPort: -1, toPort: -1 };
    return { ...args, ...ends, ...ports, ...rule.properties, id, isEgress: type === RULES[1] };
  },

  "aws:ec2/getRouteTable:getRouteTable": (args, context) => {
    const subnetId = text(args.subnetId);
    const association = context.world.find(ASSOCIATION, ({ properties }) => properties.subnetId === subnetId);
    const main = blocks(args.filters).some(({ name }) => name === "association.main")
      ? mainTable(args, context)
      : undefined;
    const id = text(args.routeTableId) ?? (subnetId === undefined ? main : text(association?.properties.routeTableId));
    const table =
      id !== undefined && id === main && context.world.get(ROUTE_TABLE, id) === undefined
        ? // AWS makes it with the VPC; it has the local route alone, which this look-up leaves out.
          { id, properties: { vpcId: args.vpcId ?? "", tagsAll: {} } as Properties }
        : lookedUp(context, ROUTE_TABLE, (object) => object.id === id, {
            code: "InvalidRouteTableID.NotFound",
            message: `query returned no results: no route table ${id ?? `of subnet ${subnetId ?? ""}`}`,
            source: docs("DescribeRouteTables"),
          });
    // Routes are resources of their own, or stand in the table, also in a main table that somebody took over.
    const adopted = context.world.get("aws:ec2/defaultRouteTable:DefaultRouteTable", table.id);
    const alone = context.world
      .list("aws:ec2/route:Route")
      .filter(({ properties }) => properties.routeTableId === table.id);
    const routes = [
      ...alone.map(({ properties }): Properties => properties),
      ...blocks(table.properties.routes),
      ...blocks(adopted?.properties.routes),
    ].map((route) => ({
      cidrBlock: route.destinationCidrBlock ?? route.cidrBlock ?? "",
      ipv6CidrBlock: route.destinationIpv6CidrBlock ?? route.ipv6CidrBlock ?? "",
      gatewayId: route.gatewayId ?? "",
      natGatewayId: route.natGatewayId ?? "",
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
