import type { Invoke, InvokeContext } from "../record";
import { block, blocks, text, texts } from "../values";
import type { Properties } from "../../provider/types";
import type { WorldObject } from "../../world";
import { lookedUp } from "./lookup";

const docs = (call: string) => `https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_${call}.html`;

/** Filters of EC2's Describe calls, with the property each is compared with. */
const filterable: Readonly<Record<string, string>> = {
  "vpc-id": "vpcId",
  "attachment.vpc-id": "vpcId",
  "subnet-id": "subnetId",
  "group-name": "name",
  cidr: "cidrBlock",
  "cidr-block": "cidrBlock",
  "availability-zone": "availabilityZone",
};

/** Whether an object passes `filters`, `tags` and the arguments that name a property themselves. */
function passes(object: WorldObject, args: Properties, own: readonly string[] = []): boolean {
  const tags = block(object.properties.tagsAll);
  return (
    blocks(args.filters).every(({ name, values }) => {
      const filter = text(name) ?? "";
      const value = filter.startsWith("tag:") ? tags[filter.slice(4)] : object.properties[filterable[filter] ?? filter];
      return texts(values).includes(text(value) ?? "");
    }) &&
    Object.entries(block(args.tags)).every(([key, value]) => tags[key] === value) &&
    own.every((property) => text(args[property]) === undefined || object.properties[property] === args[property])
  );
}

function listed(
  type: string,
  args: Properties,
  { world, region }: InvokeContext,
  own: readonly string[],
): WorldObject[] {
  return world.list(type).filter((object) => object.region === region && passes(object, args, own));
}

/** A function that lists ids, which may be none. */
function ids(type: string, ...own: string[]): Invoke {
  return (args, context) => ({
    ...args,
    id: context.region,
    ids: listed(type, args, context, own).map(({ id }) => id),
  });
}

/** Look-ups of the parts of a network that somebody else made. */
export const networks: Readonly<Record<string, Invoke>> = {
  "aws:ec2/getVpcs:getVpcs": ids("aws:ec2/vpc:Vpc"),
  "aws:ec2/getRouteTables:getRouteTables": ids("aws:ec2/routeTable:RouteTable", "vpcId"),

  "aws:ec2/getSecurityGroups:getSecurityGroups": (args, context) => {
    const found = listed("aws:ec2/securityGroup:SecurityGroup", args, context, []);
    const all = (property: string) => found.map(({ properties }) => properties[property] ?? "");
    return { ...args, id: context.region, ids: found.map(({ id }) => id), arns: all("arn"), vpcIds: all("vpcId") };
  },

  "aws:ec2/getNatGateways:getNatGateways": (args, context) => {
    const inVpc = ({ properties }: WorldObject) => {
      const subnet = context.world.get("aws:ec2/subnet:Subnet", text(properties.subnetId) ?? "");
      return text(args.vpcId) === undefined || subnet?.properties.vpcId === args.vpcId;
    };
    const found = listed("aws:ec2/natGateway:NatGateway", args, context, []).filter((gateway) => inVpc(gateway));
    return { ...args, id: context.region, ids: found.map(({ id }) => id) };
  },

  "aws:ec2/getNatGateway:getNatGateway": (args, context) => {
    const gateway = lookedUp(
      context,
      "aws:ec2/natGateway:NatGateway",
      (object) => (text(args.id) === undefined || object.id === args.id) && passes(object, args, ["subnetId"]),
      {
        code: "NatGatewayNotFound",
        message: `no matching EC2 NAT Gateway found: ${text(args.id) ?? text(args.subnetId) ?? ""}`,
        source: docs("DescribeNatGateways"),
      },
    );
    return {
      ...args,
      ...gateway.properties,
      id: gateway.id,
      state: "available",
      tags: gateway.properties.tagsAll ?? {},
    };
  },

  "aws:ec2/getInternetGateway:getInternetGateway": (args, context) => {
    const id = text(args.internetGatewayId);
    const gateway = lookedUp(
      context,
      "aws:ec2/internetGateway:InternetGateway",
      (object) => (id === undefined || object.id === id) && passes(object, args),
      {
        code: "InvalidInternetGatewayID.NotFound",
        message: `no matching EC2 Internet Gateway found: ${id ?? ""}`,
        source: docs("DescribeInternetGateways"),
      },
    );
    const { vpcId = "", tagsAll = {} } = gateway.properties;
    const attachments = vpcId === "" ? [] : [{ state: "available", vpcId }];
    return {
      ...args,
      ...gateway.properties,
      id: gateway.id,
      internetGatewayId: gateway.id,
      attachments,
      tags: tagsAll,
    };
  },

  "aws:ec2/getManagedPrefixList:getManagedPrefixList": (args, context) => {
    const list = lookedUp(
      context,
      "aws:ec2/managedPrefixList:ManagedPrefixList",
      (object) => (text(args.id) === undefined || object.id === args.id) && passes(object, args, ["name"]),
      {
        code: "InvalidPrefixListID.NotFound",
        message: `no matching EC2 Managed Prefix List found: ${text(args.id) ?? text(args.name) ?? ""}`,
        source: docs("DescribeManagedPrefixLists"),
      },
    );
    return { ...args, ...list.properties, id: list.id, tags: list.properties.tagsAll ?? {} };
  },
};
