import { parseCidr } from "../cidr";
import { arn, digest } from "../naming";
import type { ResourceRecord, ValidateContext } from "../record";
import { refusals, when, type Refusal } from "../rules";
import { blocks, isGiven, text } from "../values";
import { ec2Id } from "./vpc";
import type { Properties } from "../../provider/types";
import type { World } from "../../world";

const SOURCE = "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/ec2/${name}/`;

const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";
const ROUTE = "aws:ec2/route:Route";
const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";

/** Where a route may lead, of which a route has one. */
const targets = [
  "carrierGatewayId",
  "coreNetworkArn",
  "egressOnlyGatewayId",
  "gatewayId",
  "localGatewayId",
  "natGatewayId",
  "networkInterfaceId",
  "transitGatewayId",
  "vpcEndpointId",
  "vpcPeeringConnectionId",
];
const destinations = ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"];

function vpcOfTable(world: World, tableId: string | undefined): string | undefined {
  return text(world.get(ROUTE_TABLE, tableId ?? "")?.properties.vpcId);
}

/** What a route may not be, whether written in its table or as a resource of its own. */
function routeRules(context: ValidateContext, route: Properties, vpcId: string | undefined, where: string): Refusal {
  const { world } = context;
  const destination = text(route.destinationCidrBlock) ?? text(route.cidrBlock);
  const gatewayId = text(route.gatewayId);
  const gateway = gatewayId === undefined ? undefined : world.get("aws:ec2/internetGateway:InternetGateway", gatewayId);
  const nat = world.get("aws:ec2/natGateway:NatGateway", text(route.natGatewayId) ?? "");
  const natSubnet = world.get("aws:ec2/subnet:Subnet", text(nat?.properties.subnetId) ?? "");
  const attachment = world.find(
    "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
    ({ properties }) => properties.internetGatewayId === gatewayId,
  );
  const networks = [
    text(gateway?.properties.vpcId) ?? text(attachment?.properties.vpcId),
    text(natSubnet?.properties.vpcId),
  ];
  const elsewhere = networks.find((network) => network !== undefined && vpcId !== undefined && network !== vpcId);
  return refusals(
    when(
      targets.filter((target) => isGiven(route[target])).length !== 1,
      "InvalidParameterCombination",
      `${where} needs exactly one target (${targets.join(", ")})`,
      SOURCE,
    ),
    when(
      destination !== undefined && parseCidr(destination) === undefined,
      "InvalidParameterValue",
      `${where}: "${destination ?? ""}" is no CIDR block`,
      SOURCE,
    ),
    when(
      gatewayId?.startsWith("igw-") === true && gateway === undefined,
      "InvalidGatewayID.NotFound",
      `${where}: the gateway ID '${gatewayId ?? ""}' does not exist`,
      SOURCE,
    ),
    when(
      gateway !== undefined && networks[0] === undefined,
      "Gateway.NotAttached",
      `${where}: ${gatewayId ?? ""} is attached to no VPC`,
      SOURCE,
    ),
    when(
      text(route.natGatewayId) !== undefined && nat === undefined,
      "InvalidNatGatewayID.NotFound",
      `${where}: the NAT gateway ${text(route.natGatewayId) ?? ""} does not exist`,
      SOURCE,
    ),
    when(
      elsewhere !== undefined,
      "InvalidParameterValue",
      `${where}: route table and gateway belong to different networks (${vpcId ?? ""}, ${elsewhere ?? ""})`,
      SOURCE,
    ),
  );
}

const routeTable: ResourceRecord = {
  type: ROUTE_TABLE,
  source: registry("routetable"),
  id: ({ world }) => world.newHexId("rtb"),
  references: [
    { path: "vpcId", to: "aws:ec2/vpc:Vpc" },
    { path: "routes[].natGatewayId", to: "aws:ec2/natGateway:NatGateway", weak: true },
  ],
  replaceOn: ["vpcId"],
  errors: { notFound: "InvalidRouteTableID.NotFound", inUse: "DependencyViolation" },
  outputs: (context) => ({
    arn: arn(context, "ec2", `route-table/${context.id}`),
    ownerId: context.account,
  }),
  validate: (context) =>
    refusals(
      ...blocks(context.inputs.routes).map((route, index) =>
        routeRules(context, route, text(context.inputs.vpcId), `routes[${index}]`),
      ),
    ),
  seconds: { create: 2 },
};

const defaultRouteTable: ResourceRecord = {
  type: "aws:ec2/defaultRouteTable:DefaultRouteTable",
  source: registry("defaultroutetable"),
  id: ({ inputs }) => text(inputs.defaultRouteTableId) ?? "",
  references: [{ path: "defaultRouteTableId", to: ROUTE_TABLE, weak: true }],
  outputs: (context) => ({
    arn: arn(context, "ec2", `route-table/${context.id}`),
    ownerId: context.account,
    vpcId: vpcOfTable(context.world, context.id) ?? "",
  }),
  validate: (context) =>
    refusals(
      ...blocks(context.inputs.routes).map((route, index) =>
        routeRules(
          context,
          route,
          vpcOfTable(context.world, text(context.inputs.defaultRouteTableId)),
          `routes[${index}]`,
        ),
      ),
    ),
};

const route: ResourceRecord = {
  type: ROUTE,
  source: registry("route"),
  id: ({ inputs }) => {
    const destination = destinations.flatMap((property) => text(inputs[property]) ?? []).join();
    return `r-${text(inputs.routeTableId) ?? ""}${digest(destination, 10, "digits")}`;
  },
  importId: ({ properties }) =>
    `${text(properties.routeTableId) ?? ""}_${destinations.flatMap((property) => text(properties[property]) ?? []).join()}`,
  references: [
    { path: "routeTableId", to: ROUTE_TABLE, weak: true },
    // A gateway or endpoint may be deleted while a route leads to it; the route is a blackhole then.
    { path: "natGatewayId", to: "aws:ec2/natGateway:NatGateway", weak: true },
    { path: "vpcEndpointId", to: "aws:ec2/vpcEndpoint:VpcEndpoint", weak: true },
  ],
  replaceOn: ["routeTableId", ...destinations],
  outputs: () => ({ origin: "CreateRoute", state: "active", instanceId: "", instanceOwnerId: "" }),
  validate: (context) =>
    refusals(
      when(
        destinations.filter((property) => isGiven(context.inputs[property])).length !== 1,
        "InvalidParameterCombination",
        `a route needs exactly one of ${destinations.join(", ")}`,
        SOURCE,
      ),
      routeRules(context, context.inputs, vpcOfTable(context.world, text(context.inputs.routeTableId)), "the route"),
    ),
  conflicts: ({ world, inputs, id }) => {
    const table = text(inputs.routeTableId) ?? "";
    const written = blocks(world.get(ROUTE_TABLE, table)?.properties.routes).some(
      (inline) => inline.cidrBlock === inputs.destinationCidrBlock,
    );
    const other = world.find(
      ROUTE,
      (object) =>
        object.id !== id &&
        object.properties.routeTableId === inputs.routeTableId &&
        destinations.every((property) => object.properties[property] === inputs[property]),
    );
    return refusals(
      when(
        written || other !== undefined,
        "RouteAlreadyExists",
        `The route identified by ${text(inputs.destinationCidrBlock) ?? "this destination"} already exists in ${table}`,
        SOURCE,
      ),
    );
  },
  seconds: { create: 1 },
};

const association: ResourceRecord = {
  type: ASSOCIATION,
  source: registry("routetableassociation"),
  id: ({ world }) => world.newHexId("rtbassoc"),
  importId: ({ properties }) => `${text(properties.subnetId) ?? ""}/${text(properties.routeTableId) ?? ""}`,
  references: [
    { path: "routeTableId", to: ROUTE_TABLE },
    { path: "subnetId", to: "aws:ec2/subnet:Subnet", weak: true },
    { path: "gatewayId", to: "aws:ec2/internetGateway:InternetGateway", weak: true },
  ],
  replaceOn: ["subnetId", "gatewayId"],
  updatable: ["routeTableId"],
  validate: ({ inputs, world }) => {
    const tableVpc = vpcOfTable(world, text(inputs.routeTableId));
    const subnetVpc = text(world.get("aws:ec2/subnet:Subnet", text(inputs.subnetId) ?? "")?.properties.vpcId);
    return refusals(
      when(
        isGiven(inputs.subnetId) === isGiven(inputs.gatewayId),
        "InvalidParameterCombination",
        "associate a route table with either subnetId or gatewayId",
        SOURCE,
      ),
      when(
        tableVpc !== undefined && subnetVpc !== undefined && tableVpc !== subnetVpc,
        "InvalidParameterValue",
        `Route table ${text(inputs.routeTableId) ?? ""} and subnet ${text(inputs.subnetId) ?? ""} belong to different networks`,
        SOURCE,
      ),
    );
  },
  conflicts: ({ world, inputs, id }) => {
    const subnetId = text(inputs.subnetId);
    const other = world.find(ASSOCIATION, (one) => one.id !== id && one.properties.subnetId === subnetId);
    return refusals(
      when(
        subnetId !== undefined && other !== undefined,
        "Resource.AlreadyAssociated",
        `${subnetId ?? ""} is already associated with ${text(other?.properties.routeTableId) ?? ""}`,
        SOURCE,
      ),
    );
  },
  seconds: { create: 1 },
};

const mainAssociation: ResourceRecord = {
  type: "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
  source: registry("mainroutetableassociation"),
  id: ({ world }) => world.newHexId("rtbassoc"),
  references: [
    { path: "routeTableId", to: ROUTE_TABLE },
    { path: "vpcId", to: "aws:ec2/vpc:Vpc", weak: true },
  ],
  outputs: ({ inputs }) => ({ originalRouteTableId: ec2Id("rtb", text(inputs.vpcId) ?? "") }),
};

export const routeRecords: readonly ResourceRecord[] = [
  routeTable,
  defaultRouteTable,
  route,
  association,
  mainAssociation,
];
