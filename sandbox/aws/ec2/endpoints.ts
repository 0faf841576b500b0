import { arn, digest } from "../naming";
import { policyDocument } from "../policyDocuments";
import type { ResourceRecord, ValidateContext } from "../record";
import { oneOf, refusals, when, type Refusal } from "../rules";
import { flag, hasUnknown, isGiven, text, texts } from "../values";
import { sameVpc, subnetsOf } from "./subnets";
import { ec2Id } from "./vpc";

const SOURCE = "https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html";
const GATEWAY = "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html";
const API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html";
const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";

const gatewayServices = ["s3", "dynamodb"];
const interfaceServices = [
  ..."acm-pca autoscaling backup cloudformation dynamodb ebs ec2 ec2messages ecr.api ecr.dkr ecs ecs-agent ecs-telemetry".split(
    " ",
  ),
  ..."eks eks-auth elasticfilesystem elasticloadbalancing es events guardduty-data kms lambda logs monitoring rds".split(
    " ",
  ),
  ..."rds-data s3 secretsmanager sns sqs ssm ssmmessages states sts tagging xray wafv2 application-autoscaling aps-workspaces".split(
    " ",
  ),
];

/**
 * Services whose interface endpoints' names begin with the country in China; all others there have the name they have everywhere.
 * Source: https://github.com/aws/aws-cdk/pull/25333 (DescribeVpcEndpointServices in both Regions)
 */
const chineseServices = new Set(
  "application-autoscaling autoscaling backup cloudformation ebs ec2 ecr.api ecr.dkr eks elasticfilesystem lambda monitoring rds s3 sqs states sts xray".split(
    " ",
  ),
);

/** Name of an AWS service's interface endpoints in a Region; undefined when AWS has none. */
export function interfaceServiceName(service: string, region: string): string | undefined {
  if (!interfaceServices.includes(service)) return undefined;
  const country = region.startsWith("cn-") && chineseServices.has(service) ? "cn." : "";
  return `${country}com.amazonaws.${region}.${service}`;
}

/** `com.amazonaws.us-west-2.s3` → `s3`; undefined for another Region's or a malformed name. */
function serviceOf({ inputs, region }: Pick<ValidateContext, "inputs" | "region">): string | undefined {
  const name = text(inputs.serviceName) ?? "";
  const home = text(inputs.serviceRegion) ?? region;
  if (kindOf(inputs) === "Interface") return interfaceServices.find((one) => interfaceServiceName(one, home) === name);
  const prefix = `com.amazonaws.${home}.`;
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
}

function kindOf(inputs: ValidateContext["inputs"]): string {
  return text(inputs.vpcEndpointType) ?? "Gateway";
}

function serviceRule(context: ValidateContext): Refusal {
  const { inputs, region } = context;
  const name = text(inputs.serviceName);
  if (name === undefined || name.includes(".vpce.")) return undefined;
  const known = kindOf(inputs) === "Gateway" ? gatewayServices : interfaceServices;
  return when(
    !known.includes(serviceOf(context) ?? ""),
    "InvalidServiceName",
    `The Vpc Endpoint Service '${name}' does not exist as ${kindOf(inputs)} endpoint in ${region} ` +
      `(com.amazonaws.${region}.<service>, of ${known.join(", ")}; some in China begin with cn.)`,
    kindOf(inputs) === "Gateway" ? GATEWAY : SOURCE,
  );
}

const endpoint: ResourceRecord = {
  type: ENDPOINT,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/ec2/vpcendpoint/",
  id: ({ world }) => world.newHexId("vpce"),
  defaults: { vpcEndpointType: "Gateway" },
  references: [
    { path: "vpcId", to: "aws:ec2/vpc:Vpc" },
    { path: "subnetIds[]", to: "aws:ec2/subnet:Subnet" },
    { path: "securityGroupIds[]", to: "aws:ec2/securityGroup:SecurityGroup" },
    { path: "routeTableIds[]", to: ROUTE_TABLE, weak: true },
  ],
  replaceOn: ["vpcId", "serviceName", "vpcEndpointType"],
  errors: { notFound: "InvalidVpcEndpointId.NotFound", inUse: "DependencyViolation" },
  outputs: (context) => {
    const { id, inputs, region } = context;
    const isInterface = kindOf(inputs) === "Interface";
    const host = `${id}-${digest(id, 8, "lower")}.${serviceOf(context) ?? "service"}.${region}.vpce.amazonaws.com`;
    return {
      arn: arn(context, "ec2", `vpc-endpoint/${id}`),
      ownerId: context.account,
      state: "available",
      requesterManaged: false,
      ipAddressType: text(inputs.ipAddressType) ?? "ipv4",
      privateDnsEnabled: flag(inputs.privateDnsEnabled) ?? false,
      cidrBlocks: isInterface ? [] : ["198.51.100.0/24"],
      prefixListId: isInterface ? "" : `pl-${digest(`${region}/${serviceOf(context) ?? ""}`, 8)}`,
      dnsEntries: isInterface ? [{ dnsName: host, hostedZoneId: `Z${digest(region, 13, "upper")}` }] : [],
      networkInterfaceIds: isInterface ? texts(inputs.subnetIds).map((subnet) => ec2Id("eni", id + subnet)) : [],
      routeTableIds: texts(inputs.routeTableIds),
      subnetIds: texts(inputs.subnetIds),
      securityGroupIds: isInterface ? effectiveGroups(context) : [],
    };
  },
  validate: (context) => {
    const { inputs, world } = context;
    const kind = kindOf(inputs);
    const subnets = subnetsOf(world, texts(inputs.subnetIds));
    const zones = subnets.map(({ properties }) => text(properties.availabilityZone));
    const vpc = world.get("aws:ec2/vpc:Vpc", text(inputs.vpcId) ?? "")?.properties;
    const foreign = texts(inputs.routeTableIds).find((id) => {
      const table = world.get(ROUTE_TABLE, id);
      return table !== undefined && table.properties.vpcId !== inputs.vpcId;
    });
    return refusals(
      oneOf(
        "vpcEndpointType",
        inputs.vpcEndpointType,
        ["Gateway", "Interface", "GatewayLoadBalancer"],
        "InvalidParameter",
        API,
      ),
      serviceRule(context),
      when(
        kind === "Gateway" && (texts(inputs.subnetIds).length > 0 || texts(inputs.securityGroupIds).length > 0),
        "InvalidParameter",
        "a Gateway endpoint takes routeTableIds, not subnetIds or securityGroupIds",
        GATEWAY,
      ),
      when(
        kind === "Interface" && texts(inputs.routeTableIds).length > 0,
        "InvalidParameter",
        "an Interface endpoint takes subnetIds, not routeTableIds",
        API,
      ),
      when(foreign !== undefined, "InvalidRouteTableId.NotFound", `${foreign ?? ""} is in another VPC`, GATEWAY),
      when(
        new Set(zones).size < zones.length,
        "DuplicateSubnetsInSameZone",
        "an Interface endpoint has one subnet per Availability Zone: choose one of each",
        API,
      ),
      sameVpc(world, [...texts(inputs.subnetIds), ...texts(inputs.securityGroupIds)], "InvalidParameter", API),
      when(
        subnets.some(
          ({ properties }) => isGiven(inputs.vpcId) && !hasUnknown(inputs.vpcId) && properties.vpcId !== inputs.vpcId,
        ),
        "InvalidParameter",
        `subnetIds are not in ${text(inputs.vpcId) ?? ""}`,
        API,
      ),
      when(
        flag(inputs.privateDnsEnabled) === true &&
          vpc !== undefined &&
          (flag(vpc.enableDnsSupport) === false || flag(vpc.enableDnsHostnames) !== true),
        "InvalidParameter",
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
      ),
      policyDocument(context, "policy", inputs.policy, {
        kind: "resource",
        code: "InvalidPolicyDocument",
        maxLength: 20_480,
        source: API,
      }),
    );
  },
  conflicts: ({ world, inputs, id }) => {
    if (kindOf(inputs) !== "Interface" || flag(inputs.privateDnsEnabled) !== true) return [];
    const twin = world.find(
      ENDPOINT,
      ({ properties, id: other }) =>
        other !== id &&
        properties.vpcId === inputs.vpcId &&
        properties.serviceName === inputs.serviceName &&
        flag(properties.privateDnsEnabled) === true,
    );
    return refusals(
      when(
        twin !== undefined,
        "InvalidParameter",
        `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${text(inputs.serviceName) ?? ""} in the VPC`,
        API,
      ),
    );
  },
  seconds: { create: 90, delete: 60 },
};

/** AWS gives an interface endpoint the VPC's default security group when none is named. */
function effectiveGroups({ inputs }: Pick<ValidateContext, "inputs">): string[] {
  const given = texts(inputs.securityGroupIds);
  return given.length > 0 || hasUnknown(inputs.securityGroupIds) ? given : [ec2Id("sg", text(inputs.vpcId) ?? "")];
}

const endpointRouteTable: ResourceRecord = {
  type: "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/ec2/vpcendpointroutetableassociation/",
  id: ({ inputs }) => `a-${text(inputs.vpcEndpointId) ?? ""}${digest(text(inputs.routeTableId) ?? "", 10, "digits")}`,
  references: [
    { path: "vpcEndpointId", to: ENDPOINT, weak: true },
    { path: "routeTableId", to: ROUTE_TABLE, weak: true },
  ],
  replaceOn: ["vpcEndpointId", "routeTableId"],
  validate: ({ inputs, world }) => {
    const target = world.get(ENDPOINT, text(inputs.vpcEndpointId) ?? "")?.properties;
    const table = world.get(ROUTE_TABLE, text(inputs.routeTableId) ?? "")?.properties;
    return refusals(
      when(
        target !== undefined && kindOf(target) !== "Gateway",
        "InvalidParameter",
        "only Gateway endpoints are associated with route tables",
        GATEWAY,
      ),
      when(
        target !== undefined && table !== undefined && target.vpcId !== table.vpcId,
        "InvalidRouteTableId.NotFound",
        "endpoint and route table are in different VPCs",
        GATEWAY,
      ),
    );
  },
  seconds: { create: 2 },
};

export const endpointRecords: readonly ResourceRecord[] = [endpoint, endpointRouteTable];
