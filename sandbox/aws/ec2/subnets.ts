import { contains, overlap, parseCidr } from "../cidr";
import { arn } from "../naming";
import type { ResourceRecord, ValidateContext } from "../record";
import { refusals, when, type Refusal } from "../rules";
import { region as regionOf } from "../regions";
import { text } from "../values";
import { cidrSize, vpcCidrs } from "./vpc";
import type { World, WorldObject } from "../../world";

const CIDR = "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html";
const SUBNET = "aws:ec2/subnet:Subnet";

/** The zone a subnet is or will be in, as name and id. */
function zoneOf({ inputs, region }: Pick<ValidateContext, "inputs" | "region">) {
  const { zones } = regionOf(region);
  const [name, id] = [text(inputs.availabilityZone), text(inputs.availabilityZoneId)];
  if (name === undefined && id === undefined) return zones[0];
  return zones.find((zone) => (name === undefined || zone.name === name) && (id === undefined || zone.id === id));
}

/** The subnets of these ids that exist. */
export function subnetsOf(world: World, ids: readonly string[]): WorldObject[] {
  return ids.flatMap((id) => world.get(SUBNET, id) ?? []);
}

/** Distinct Availability Zones of these subnets. */
export function zonesOf(world: World, ids: readonly string[]): string[] {
  return [...new Set(subnetsOf(world, ids).map(({ properties }) => text(properties.availabilityZone) ?? ""))];
}

/** Refuses subnets or security groups of more than one VPC together; AWS's code differs by service. */
export function sameVpc(world: World, ids: readonly string[], code: string, source: string): Refusal {
  const vpcs = new Set(
    ids.flatMap((id) => {
      const object = world.get(SUBNET, id) ?? world.get("aws:ec2/securityGroup:SecurityGroup", id);
      return text(object?.properties.vpcId) ?? [];
    }),
  );
  return when(vpcs.size > 1, code, `${ids.join(", ")} belong to more than one VPC (${[...vpcs].join(", ")})`, source);
}

const subnet: ResourceRecord = {
  type: SUBNET,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/ec2/subnet/",
  id: ({ world }) => world.newHexId("subnet"),
  references: [{ path: "vpcId", to: "aws:ec2/vpc:Vpc" }],
  replaceOn: ["vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"],
  errors: { notFound: "InvalidSubnetID.NotFound", inUse: "DependencyViolation" },
  defaults: {
    mapPublicIpOnLaunch: false,
    assignIpv6AddressOnCreation: false,
    enableDns64: false,
    ipv6Native: false,
    privateDnsHostnameTypeOnLaunch: "ip-name",
    enableResourceNameDnsARecordOnLaunch: false,
    enableResourceNameDnsAaaaRecordOnLaunch: false,
  },
  outputs: (context) => {
    const zone = zoneOf(context);
    return {
      arn: arn(context, "ec2", `subnet/${context.id}`),
      ownerId: context.account,
      availabilityZone: zone?.name ?? "",
      availabilityZoneId: zone?.id ?? "",
      ipv6CidrBlockAssociationId: "",
    };
  },
  validate: (context) => {
    const { inputs, world, region } = context;
    const cidr = parseCidr(text(inputs.cidrBlock) ?? "");
    const vpcId = text(inputs.vpcId);
    const outside = cidr && vpcId && !vpcCidrs(world, vpcId).some((block) => contains(block, cidr));
    return refusals(
      cidrSize("cidrBlock", text(inputs.cidrBlock), "InvalidSubnet.Range"),
      when(
        !!outside && world.get("aws:ec2/vpc:Vpc", vpcId) !== undefined,
        "InvalidSubnet.Range",
        `The CIDR '${text(inputs.cidrBlock) ?? ""}' is invalid: it is outside the CIDR blocks of ${vpcId ?? ""}`,
        CIDR,
      ),
      when(
        zoneOf(context) === undefined,
        "InvalidParameterValue",
        `"${text(inputs.availabilityZone) ?? text(inputs.availabilityZoneId) ?? ""}" is no Availability Zone of ${region}: ` +
          `there are ${regionOf(region)
            .zones.map(({ name }) => name)
            .join(", ")}`,
        "https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html",
      ),
    );
  },
  conflicts: ({ inputs, world, id }) => {
    const cidr = parseCidr(text(inputs.cidrBlock) ?? "");
    const clash = world.find(SUBNET, (other) => {
      const block = parseCidr(text(other.properties.cidrBlock) ?? "");
      return other.id !== id && other.properties.vpcId === inputs.vpcId && !!cidr && !!block && overlap(cidr, block);
    });
    return refusals(
      when(
        clash !== undefined,
        "InvalidSubnet.Conflict",
        `The CIDR '${text(inputs.cidrBlock) ?? ""}' conflicts with another subnet: ${clash?.id ?? ""} ` +
          `(${text(clash?.properties.cidrBlock) ?? ""})`,
        CIDR,
      ),
    );
  },
  seconds: { create: 9, delete: 2 },
};

export const subnetRecords: readonly ResourceRecord[] = [subnet];
