import * as aws from "@pulumi/aws";
import type * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { ComponentRoot, type Component } from "./construct";
import { makeEndpoint } from "./endpoints";
import { defaultSpecs, layOut, type PlacedSubnet } from "./subnets";

type Tags = pulumi.Output<Record<string, string>>;
type Spec = NonNullable<awsx.ec2.VpcArgs["subnetSpecs"]>[number];
type Placed = PlacedSubnet<Spec>;

/** What one subnet brings with it. */
interface Zone {
  readonly placed: Placed;
  readonly subnet: aws.ec2.Subnet;
  readonly routeTable: aws.ec2.RouteTable;
  readonly association: aws.ec2.RouteTableAssociation;
}

const DEFAULT_ZONES = 3;

/**
 * `awsx.ec2.Vpc`: a network with subnets in several zones, an internet gateway, NAT gateways and routes. Logical names
 * and parents are those of the real component, so that a program's aliases and its tests see the same resources.
 * Facts: github.com/pulumi/pulumi-awsx, awsx/ec2/vpc.ts at v3.9
 */
export async function makeVpc(
  name: string,
  inputs: pulumi.Inputs,
  options: pulumi.ComponentResourceOptions,
): Promise<Component> {
  const args = inputs as awsx.ec2.VpcArgs;
  const component = new ComponentRoot("awsx:ec2:Vpc", name, options);
  const cidrBlock = args.cidrBlock ?? "10.0.0.0/16";
  const zones = await zonesOf(args, component);
  const strategy = args.subnetStrategy ?? "Legacy";
  if (strategy !== "Auto" && strategy !== "Exact") {
    throw new Error(`the sandbox's awsx.ec2.Vpc lays subnets out by the strategies Auto and Exact, not ${strategy}`);
  }
  const specs = args.subnetSpecs ?? (defaultSpecs(cidrBlock, zones.length, args.availabilityZoneCidrMask) as Spec[]);
  const layout = layOut(cidrBlock, zones, specs, args.availabilityZoneCidrMask);
  const nat = natStrategy(args, layout, zones.length);

  const tags = pulumi.output(args.tags).apply((given): Record<string, string> => ({ Name: name, ...given }));
  const vpc = new aws.ec2.Vpc(name, { ...args, cidrBlock, tags }, { parent: component });
  const below = { parent: vpc, dependsOn: [vpc] };
  const internetGateway = new aws.ec2.InternetGateway(name, { vpcId: vpc.id, tags, region: args.region }, below);

  const made = layout
    .filter(({ spec }) => spec.type !== "Unused")
    .map((placed) => makeSubnet(name, placed, vpc, tags, args.region));
  const gateways = made
    .filter(({ placed }) => placed.spec.type === "Public")
    // One a zone, however many public subnets it has.
    .filter(({ placed }, index, all) => all.findIndex((other) => other.placed.zone === placed.zone) === index)
    .slice(0, { None: 0, Single: 1, OnePerAz: zones.length }[nat])
    .map((zone) => makeNatGateway(name, zone, args));
  const natGateways = gateways.map(({ natGateway }) => natGateway);
  const routes = made.flatMap((zone) => {
    const target = routeTarget(zone.placed, internetGateway, nat === "Single" ? natGateways.slice(0, 1) : natGateways);
    return target ? [makeRoute(name, zone, target, args.region)] : [];
  });
  const endpoints = (args.vpcEndpointSpecs ?? []).map((spec) =>
    makeEndpoint(spec, {
      vpc,
      tags,
      automatic: args.vpcEndpointStrategy === "Auto",
      subnets: made.map(({ placed, subnet }) => ({ zone: placed.zone, type: placed.spec.type, subnet })),
      routeTables: made.map(({ routeTable }) => routeTable),
    }),
  );

  const subnetsOf = (type: string) =>
    made.filter(({ placed }) => placed.spec.type === type).map(({ subnet }) => subnet);
  const idsOf = (type: string) => subnetsOf(type).map(({ id }) => id);
  const state = {
    vpc,
    vpcId: vpc.id,
    internetGateway,
    subnets: made.map(({ subnet }) => subnet),
    publicSubnets: subnetsOf("Public"),
    privateSubnets: subnetsOf("Private"),
    isolatedSubnets: subnetsOf("Isolated"),
    publicSubnetIds: idsOf("Public"),
    privateSubnetIds: idsOf("Private"),
    isolatedSubnetIds: idsOf("Isolated"),
    routeTables: made.map(({ routeTable }) => routeTable),
    routeTableAssociations: made.map(({ association }) => association),
    routes,
    natGateways,
    eips: gateways.flatMap(({ eip }) => eip ?? []),
    vpcEndpoints: endpoints,
    subnetLayout: specs.map(({ name: specName, type, cidrMask, cidrBlocks, size }) => ({
      name: specName,
      type,
      cidrMask,
      cidrBlocks,
      size,
    })),
  };
  return { resource: component, state };
}

async function zonesOf(args: awsx.ec2.VpcArgs, parent: pulumi.Resource): Promise<string[]> {
  if (args.availabilityZoneNames && args.numberOfAvailabilityZones) {
    throw new Error("Only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified");
  }
  if (args.availabilityZoneNames) return args.availabilityZoneNames;
  const count = args.numberOfAvailabilityZones ?? DEFAULT_ZONES;
  const { names } = await aws.getAvailabilityZones({}, { parent });
  if (names.length < count) {
    throw new Error(`The configured region for this provider does not have at least ${count} Availability Zones.`);
  }
  return names.slice(0, count);
}

function natStrategy(args: awsx.ec2.VpcArgs, layout: readonly Placed[], zones: number): "None" | "Single" | "OnePerAz" {
  const strategy = args.natGateways?.strategy ?? "OnePerAz";
  const has = (type: string) => layout.some(({ spec }) => spec.type === type);
  if (strategy !== "None" && !(has("Public") && (has("Private") || has("Isolated")))) {
    throw new Error(
      "If NAT Gateway strategy is 'OnePerAz' or 'Single', public subnets must be declared to host the NAT Gateway " +
        "resource, along with private or isolated subnets to route through it.",
    );
  }
  const addresses = args.natGateways?.elasticIpAllocationIds?.length ?? 0;
  const needed = { None: 0, Single: 1, OnePerAz: zones }[strategy];
  if (addresses > 0 && addresses !== needed) {
    throw new Error(`The number of Elastic IPs must be ${needed} when NAT Gateway strategy is '${strategy}'`);
  }
  return strategy;
}

function subnetName(name: string, { spec, zoneNumber }: Placed): string {
  return `${name}-${spec.name ?? spec.type.toLowerCase()}-${zoneNumber}`;
}

function makeSubnet(
  name: string,
  placed: Placed,
  vpc: aws.ec2.Vpc,
  shared: Tags,
  region: pulumi.Input<string | undefined> | undefined,
): Zone {
  const { spec, zone, cidrBlock } = placed;
  const own = subnetName(name, placed);
  const place = { Name: own, SubnetType: spec.type };
  const subnet = new aws.ec2.Subnet(
    own,
    {
      region,
      vpcId: vpc.id,
      availabilityZone: zone,
      cidrBlock,
      mapPublicIpOnLaunch: spec.type === "Public",
      assignIpv6AddressOnCreation: spec.assignIpv6AddressOnCreation ?? false,
      tags: pulumi.all([shared, spec.tags]).apply(([common, more]) => ({ ...common, ...more, ...place })),
    },
    { parent: vpc, dependsOn: [vpc] },
  );
  const routeTable = new aws.ec2.RouteTable(
    own,
    { region, vpcId: vpc.id, tags: shared.apply((common) => ({ ...common, ...place })) },
    { parent: subnet, dependsOn: [subnet] },
  );
  const association = new aws.ec2.RouteTableAssociation(
    own,
    { region, routeTableId: routeTable.id, subnetId: subnet.id },
    { parent: routeTable, dependsOn: [routeTable] },
  );
  return { placed, subnet, routeTable, association };
}

function makeNatGateway(
  name: string,
  { placed, subnet }: Zone,
  args: awsx.ec2.VpcArgs,
): { natGateway: aws.ec2.NatGateway; eip?: aws.ec2.Eip } {
  const own = `${name}-${placed.zoneNumber}`;
  const { region } = args;
  const tags = pulumi.output(args.tags).apply((given) => ({ ...given, Name: own }));
  const below = { parent: subnet, dependsOn: [subnet] };
  const given = args.natGateways?.elasticIpAllocationIds?.[placed.zoneNumber - 1];
  const eip = given === undefined ? new aws.ec2.Eip(own, { region, tags }, below) : undefined;
  const allocationId = given ?? eip?.allocationId;
  const natGateway = new aws.ec2.NatGateway(own, { region, subnetId: subnet.id, allocationId, tags }, below);
  return { natGateway, eip };
}

/** Public subnets reach the internet directly, private ones through their zone's NAT gateway, isolated ones don't. */
function routeTarget(
  { spec, zoneNumber }: Placed,
  internetGateway: aws.ec2.InternetGateway,
  natGateways: readonly aws.ec2.NatGateway[],
): Pick<aws.ec2.RouteArgs, "gatewayId" | "natGatewayId"> | undefined {
  if (spec.type === "Public") return { gatewayId: internetGateway.id };
  const natGateway = natGateways.length === 1 ? natGateways[0] : natGateways[zoneNumber - 1];
  return spec.type === "Private" && natGateway ? { natGatewayId: natGateway.id } : undefined;
}

function makeRoute(
  name: string,
  { placed, routeTable }: Zone,
  target: Pick<aws.ec2.RouteArgs, "gatewayId" | "natGatewayId">,
  region: pulumi.Input<string | undefined> | undefined,
): aws.ec2.Route {
  return new aws.ec2.Route(
    subnetName(name, placed),
    { region, routeTableId: routeTable.id, destinationCidrBlock: "0.0.0.0/0", ...target },
    { parent: routeTable, dependsOn: [routeTable] },
  );
}
