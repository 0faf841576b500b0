import { arn, digest, dnsSuffix } from "../naming";
import { addressIn, parseCidr } from "../cidr";
import type { ResourceRecord, ValidateContext } from "../record";
import { oneOf, refusals, when } from "../rules";
import { hasUnknown, isGiven, text, texts } from "../values";
import { ec2Id } from "./vpc";

const NAT = "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/ec2/${name}/`;

const INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway";
const EIP = "aws:ec2/eip:Eip";
const NAT_GATEWAY = "aws:ec2/natGateway:NatGateway";

/** Quota "EC2-VPC Elastic IPs", default value per Region. */
const MOST_ADDRESSES = 5;

const internetGateway: ResourceRecord = {
  type: INTERNET_GATEWAY,
  source: registry("internetgateway"),
  id: ({ world }) => world.newHexId("igw"),
  references: [{ path: "vpcId", to: "aws:ec2/vpc:Vpc" }],
  errors: { notFound: "InvalidInternetGatewayID.NotFound", inUse: "DependencyViolation" },
  outputs: (context) => ({
    arn: arn(context, "ec2", `internet-gateway/${context.id}`),
    ownerId: context.account,
  }),
  conflicts: (context) => attachedOnce(context, text(context.inputs.vpcId)),
  seconds: { create: 2 },
};

const internetGatewayAttachment: ResourceRecord = {
  type: "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
  source: registry("internetgatewayattachment"),
  id: ({ inputs }) => `${text(inputs.internetGatewayId) ?? ""}:${text(inputs.vpcId) ?? ""}`,
  references: [
    { path: "vpcId", to: "aws:ec2/vpc:Vpc" },
    { path: "internetGatewayId", to: INTERNET_GATEWAY },
  ],
  conflicts: (context) => attachedOnce(context, text(context.inputs.vpcId)),
  seconds: { create: 2 },
};

function attachedOnce({ world, id }: ValidateContext, vpcId: string | undefined): string[] {
  const attached = [INTERNET_GATEWAY, internetGatewayAttachment.type]
    .flatMap((type) => world.list(type))
    .find((other) => other.id !== id && vpcId !== undefined && other.properties.vpcId === vpcId);
  return refusals(
    when(
      attached !== undefined,
      "Resource.AlreadyAssociated",
      `${vpcId ?? ""} already has an internet gateway, ${attached?.id ?? ""}`,
      "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html",
    ),
  );
}

/** An address of TEST-NET-3 (RFC 5737), which nobody has. */
function publicIp(id: string): string {
  return `203.0.113.${(parseInt(digest(id, 4), 16) % 254) + 1}`;
}

const eip: ResourceRecord = {
  type: EIP,
  source: registry("eip"),
  id: ({ world }) => world.newHexId("eipalloc"),
  defaults: { domain: "vpc", publicIpv4Pool: "amazon" },
  replaceOn: ["domain"],
  errors: { notFound: "InvalidAllocationID.NotFound", inUse: "InvalidIPAddress.InUse" },
  outputs: (context) => {
    const ip = publicIp(context.id);
    const host = `ec2-${ip.replaceAll(".", "-")}`;
    const zone = context.region === "us-east-1" ? "compute-1" : `${context.region}.compute`;
    return {
      allocationId: context.id,
      arn: arn(context, "ec2", `elastic-ip/${context.id}`),
      publicIp: ip,
      publicDns: `${host}.${zone}.${dnsSuffix(context)}`,
      networkBorderGroup: context.region,
      associationId: "",
      carrierIp: "",
      customerOwnedIp: "",
      privateDns: "",
      privateIp: "",
      ptrRecord: "",
    };
  },
  validate: ({ inputs }) => refusals(oneOf("domain", inputs.domain, ["vpc"], "InvalidParameterValue", NAT)),
  conflicts: ({ world, region, id }) =>
    refusals(
      when(
        world.list(EIP).filter((other) => other.region === region && other.id !== id).length >= MOST_ADDRESSES,
        "AddressLimitExceeded",
        `The maximum number of addresses has been reached: ${region} has ${MOST_ADDRESSES}; ask AWS for more, or use fewer NAT gateways`,
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html",
      ),
    ),
  seconds: { create: 1 },
};

const natGateway: ResourceRecord = {
  type: NAT_GATEWAY,
  source: registry("natgateway"),
  id: ({ world }) => world.newHexId("nat"),
  defaults: { connectivityType: "public", availabilityMode: "zonal" },
  references: [
    { path: "subnetId", to: "aws:ec2/subnet:Subnet" },
    { path: "allocationId", to: EIP },
    { path: "secondaryAllocationIds[]", to: EIP },
    { path: "vpcId", to: "aws:ec2/vpc:Vpc" },
  ],
  replaceOn: ["subnetId", "allocationId", "connectivityType"],
  errors: { notFound: "NatGatewayNotFound", inUse: "DependencyViolation" },
  outputs: ({ world, inputs, id }) => {
    const subnet = world.get("aws:ec2/subnet:Subnet", text(inputs.subnetId) ?? "");
    const cidr = parseCidr(text(subnet?.properties.cidrBlock) ?? "");
    // EC2 keeps a subnet's first four addresses for itself.
    const host = 4 + (parseInt(digest(id, 4), 16) % 8);
    return {
      associationId: ec2Id("eipassoc", id),
      networkInterfaceId: ec2Id("eni", id),
      privateIp: text(inputs.privateIp) ?? (cidr ? addressIn(cidr, host) : ""),
      publicIp: text(world.get(EIP, text(inputs.allocationId) ?? "")?.properties.publicIp) ?? "",
    };
  },
  validate: ({ inputs }) => {
    const regional = inputs.availabilityMode === "regional";
    const isPrivate = inputs.connectivityType === "private";
    return refusals(
      oneOf("connectivityType", inputs.connectivityType, ["public", "private"], "InvalidParameterValue", NAT),
      when(
        !regional && !isPrivate && !isGiven(inputs.allocationId),
        "MissingParameter",
        "a public NAT gateway needs an Elastic IP address: give allocationId",
        NAT,
      ),
      when(
        isPrivate && isGiven(inputs.allocationId),
        "InvalidParameterCombination",
        "a private NAT gateway has no allocationId",
        NAT,
      ),
      when(
        !regional && !isGiven(inputs.subnetId),
        "MissingParameter",
        "The request must contain the parameter subnetId",
        NAT,
      ),
    );
  },
  conflicts: ({ world, inputs, id }) => {
    const wanted = [text(inputs.allocationId), ...texts(inputs.secondaryAllocationIds)].filter(
      (one) => one !== undefined,
    );
    const user = world.find(
      NAT_GATEWAY,
      ({ properties, id: other }) =>
        other !== id &&
        [properties.allocationId, ...texts(properties.secondaryAllocationIds)].some((one) =>
          wanted.includes(text(one) ?? "-"),
        ),
    );
    return refusals(
      when(
        user !== undefined && !hasUnknown(inputs.allocationId),
        "Resource.AlreadyAssociated",
        `Elastic IP address [${wanted.join(", ")}] is already associated with ${user?.id ?? ""}`,
        NAT,
      ),
    );
  },
  seconds: { create: 92, delete: 65 },
};

export const gatewayRecords: readonly ResourceRecord[] = [internetGateway, internetGatewayAttachment, eip, natGateway];
