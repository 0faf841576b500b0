import { arn, digest } from "../naming";
import { contains, overlap, parseCidr, type Cidr } from "../cidr";
import type { ResourceRecord, ValidateContext } from "../record";
import { oneOf, refusals, when, type Refusal } from "../rules";
import { text } from "../values";
import type { World } from "../../world";

const CIDR = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html";
const QUOTAS = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/ec2/${name}/`;

const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";
const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";
const NETWORK_ACL = "aws:ec2/networkAcl:NetworkAcl";
const CIDR_ASSOCIATION = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation";

/** Quota "VPCs per Region", default value. */
const MOST_VPCS = 5;

/** Id of what EC2 makes along with a VPC: `ec2Id("sg", vpcId)`. */
export function ec2Id(prefix: string, seed: string): string {
  return `${prefix}-0${digest(`${prefix}/${seed}`, 16)}`;
}

/** All IPv4 CIDR blocks of a VPC, the primary first. */
export function vpcCidrs(world: World, vpcId: string): Cidr[] {
  const primary = text(world.get("aws:ec2/vpc:Vpc", vpcId)?.properties.cidrBlock);
  const secondary = world
    .list(CIDR_ASSOCIATION)
    .filter(({ properties }) => properties.vpcId === vpcId)
    .map(({ properties }) => text(properties.cidrBlock));
  return [primary, ...secondary].flatMap((cidr) => (cidr ? (parseCidr(cidr) ?? []) : []));
}

/** Refuses what is no CIDR block of a size that EC2 takes for VPCs and subnets: /16 to /28. */
export function cidrSize(property: string, value: string | undefined, code: string): Refusal {
  if (value === undefined) return undefined;
  const cidr = parseCidr(value);
  return refusals(
    when(
      !cidr,
      "InvalidParameterValue",
      `${property} "${value}" is no CIDR block: write its first address, as in 10.0.0.0/16`,
      CIDR,
    ),
    when(
      cidr !== undefined && (cidr.prefix < 16 || cidr.prefix > 28),
      code,
      `The CIDR '${value}' is invalid: its size must be /16 to /28`,
      CIDR,
    ),
  );
}

const vpc: ResourceRecord = {
  type: "aws:ec2/vpc:Vpc",
  source: registry("vpc"),
  id: ({ world }) => world.newHexId("vpc"),
  defaults: {
    instanceTenancy: "default",
    enableDnsSupport: true,
    enableDnsHostnames: false,
    enableNetworkAddressUsageMetrics: false,
    assignGeneratedIpv6CidrBlock: false,
  },
  replaceOn: ["cidrBlock"],
  errors: { notFound: "InvalidVpcID.NotFound", inUse: "DependencyViolation" },
  outputs: (context) => ({
    arn: arn(context, "ec2", `vpc/${context.id}`),
    ownerId: context.account,
    dhcpOptionsId: ec2Id("dopt", context.region),
    defaultSecurityGroupId: ec2Id("sg", context.id),
    defaultRouteTableId: ec2Id("rtb", context.id),
    mainRouteTableId: ec2Id("rtb", context.id),
    defaultNetworkAclId: ec2Id("acl", context.id),
    ipv6AssociationId: "",
  }),
  validate: ({ inputs }) =>
    refusals(
      when(
        inputs.cidrBlock === undefined && inputs.ipv4IpamPoolId === undefined,
        "MissingParameter",
        "The request must contain the parameter cidrBlock or ipv4IpamPoolId",
        CIDR,
      ),
      cidrSize("cidrBlock", text(inputs.cidrBlock), "InvalidVpc.Range"),
      oneOf("instanceTenancy", inputs.instanceTenancy, ["default", "dedicated"], "InvalidParameterValue", CIDR),
    ),
  conflicts: ({ world, region, id }) => {
    const others = world.list("aws:ec2/vpc:Vpc").filter((other) => other.region === region && other.id !== id);
    return refusals(
      when(
        others.length >= MOST_VPCS,
        "VpcLimitExceeded",
        `The maximum number of VPCs has been reached: ${region} has ${MOST_VPCS}`,
        QUOTAS,
      ),
    );
  },
  onCreate: (context) => {
    const { world, id, region, name } = context;
    const place = { region, name, ownedBy: id, createdAt: new Date().toISOString() };
    const common = { vpcId: id, ownerId: context.account, tags: {}, tagsAll: {} };
    const [group, table, acl] = [ec2Id("sg", id), ec2Id("rtb", id), ec2Id("acl", id)];
    const groupArn = arn(context, "ec2", `security-group/${group}`);
    const defaults = { name: "default", description: "default VPC security group", arn: groupArn };
    world.put({ ...place, type: SECURITY_GROUP, id: group, properties: { ...common, ...defaults } });
    const tableArn = arn(context, "ec2", `route-table/${table}`);
    world.put({ ...place, type: ROUTE_TABLE, id: table, properties: { ...common, arn: tableArn, main: true } });
    const aclArn = arn(context, "ec2", `network-acl/${acl}`);
    world.put({ ...place, type: NETWORK_ACL, id: acl, properties: { ...common, arn: aclArn, isDefault: true } });
    return Promise.resolve(undefined);
  },
  seconds: { create: 15, delete: 5 },
};

const cidrAssociation: ResourceRecord = {
  type: CIDR_ASSOCIATION,
  source: registry("vpcipv4cidrblockassociation"),
  id: ({ world }) => world.newHexId("vpc-cidr-assoc"),
  references: [{ path: "vpcId", to: "aws:ec2/vpc:Vpc", weak: true }],
  replaceOn: ["cidrBlock", "vpcId"],
  validate: ({ inputs }) => refusals(cidrSize("cidrBlock", text(inputs.cidrBlock), "InvalidVpc.Range")),
  conflicts: ({ world, inputs }) => {
    const cidr = parseCidr(text(inputs.cidrBlock) ?? "");
    const clash = cidr && vpcCidrs(world, text(inputs.vpcId) ?? "").find((other) => overlap(cidr, other));
    return refusals(
      when(
        clash !== undefined,
        "InvalidVpc.Conflict",
        `${text(inputs.cidrBlock) ?? ""} overlaps ${clash?.address ?? ""}/${clash?.prefix ?? 0} of the same VPC`,
        CIDR,
      ),
    );
  },
  blocksDeletion: ({ world, properties }) => {
    const cidr = parseCidr(text(properties.cidrBlock) ?? "");
    const user = world.find("aws:ec2/subnet:Subnet", (subnet) => {
      const inner = parseCidr(text(subnet.properties.cidrBlock) ?? "");
      return subnet.properties.vpcId === properties.vpcId && !!cidr && !!inner && contains(cidr, inner);
    });
    return when(user !== undefined, "OperationNotPermitted", `subnet ${user?.id ?? ""} uses this CIDR block`, CIDR);
  },
  seconds: { create: 10 },
};

const dhcpOptions: ResourceRecord = {
  type: "aws:ec2/vpcDhcpOptions:VpcDhcpOptions",
  source: registry("vpcdhcpoptions"),
  id: ({ world }) => world.newHexId("dopt"),
  outputs: (context) => ({ arn: arn(context, "ec2", `dhcp-options/${context.id}`), ownerId: context.account }),
  errors: { notFound: "InvalidDhcpOptionID.NotFound", inUse: "DependencyViolation" },
};

const dhcpOptionsAssociation: ResourceRecord = {
  type: "aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation",
  source: registry("vpcdhcpoptionsassociation"),
  id: ({ inputs }) => `${text(inputs.dhcpOptionsId) ?? ""}-${text(inputs.vpcId) ?? ""}`,
  references: [
    { path: "vpcId", to: "aws:ec2/vpc:Vpc", weak: true },
    { path: "dhcpOptionsId", to: "aws:ec2/vpcDhcpOptions:VpcDhcpOptions" },
  ],
};

const tag: ResourceRecord = {
  type: "aws:ec2/tag:Tag",
  source: registry("tag"),
  id: ({ inputs }) => `${text(inputs.resourceId) ?? ""},${text(inputs.key) ?? ""}`,
  replaceOn: ["key", "resourceId"],
  validate: ({ inputs, world }: ValidateContext) => {
    const id = text(inputs.resourceId);
    const key = text(inputs.key) ?? "";
    return refusals(
      when(
        id !== undefined && !world.all().some((object) => object.id === id),
        "InvalidID",
        `The ID '${id ?? ""}' is not valid: it names nothing that exists`,
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html",
      ),
      when(
        key.startsWith("aws:") || key.length > 128 || (text(inputs.value) ?? "").length > 256,
        "InvalidParameterValue",
        "tag keys have at most 128 characters and don't begin with aws:, values have at most 256",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html",
      ),
    );
  },
};

export const vpcRecords: readonly ResourceRecord[] = [vpc, cidrAssociation, dhcpOptions, dhcpOptionsAssociation, tag];
