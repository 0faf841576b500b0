import { of, type Grant, type Grants } from "./grant";

const ec2 = (...names: readonly string[]): Grant => ({ actions: of("ec2", ...names) });
const tags = ["CreateTags", "DeleteTags"];

const vpcParts = [
  ...["AllocateAddress", "AssociateRouteTable", "AttachInternetGateway", "CreateInternetGateway", "CreateNatGateway"],
  ...["CreateRoute", "CreateRouteTable", "CreateSubnet", "CreateVpc", "DeleteInternetGateway", "DeleteNatGateway"],
  ...[
    "DeleteRoute",
    "DeleteRouteTable",
    "DeleteSubnet",
    "DeleteVpc",
    "DescribeAddresses",
    "DescribeAddressesAttribute",
  ],
  ...["DescribeInternetGateways", "DescribeNatGateways", "DescribeNetworkAcls", "DescribeNetworkInterfaces"],
  ...["DescribeRouteTables", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcAttribute", "DescribeVpcs"],
  ...["DetachInternetGateway", "DisassociateAddress", "DisassociateRouteTable", "ModifySubnetAttribute"],
  ...["ModifyVpcAttribute", "ReleaseAddress", "ReplaceRoute", "ReplaceRouteTableAssociation", ...tags],
];

const rule = (direction: "Egress" | "Ingress") =>
  ec2(
    ...[`AuthorizeSecurityGroup${direction}`, `RevokeSecurityGroup${direction}`, "DescribeSecurityGroupRules"],
    ...["ModifySecurityGroupRules", ...tags],
  );

/** The VPC and what stands in it. Source: the provider's own calls, internal/service/ec2 of terraform-provider-aws. */
export const network: Grants = {
  // The component makes VPC, subnets, gateways, addresses, route tables, routes and associations.
  "awsx:ec2:Vpc": ec2("DescribeAvailabilityZones", ...vpcParts),
  "aws:ec2/subnet:Subnet": ec2(
    ...[
      "CreateSubnet",
      "DeleteSubnet",
      "DescribeSubnets",
      "DescribeNetworkInterfaces",
      "ModifySubnetAttribute",
      ...tags,
    ],
  ),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": ec2(
    ...["AssociateRouteTable", "DescribeRouteTables", "DisassociateRouteTable", "ReplaceRouteTableAssociation"],
  ),
  "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": ec2(
    ...["AssociateVpcCidrBlock", "DescribeVpcs", "DisassociateVpcCidrBlock"],
  ),
  "aws:ec2/vpcEndpoint:VpcEndpoint": ec2(
    ...["CreateVpcEndpoint", "DeleteVpcEndpoints", "DescribePrefixLists", "DescribeVpcEndpoints", "ModifyVpcEndpoint"],
    ...tags,
  ),
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ec2(
    ...[
      "DescribeSecurityGroupRules",
      "DescribeSecurityGroups",
      "RevokeSecurityGroupEgress",
      "RevokeSecurityGroupIngress",
    ],
    ...tags,
  ),
  "aws:ec2/securityGroup:SecurityGroup": ec2(
    ...["CreateSecurityGroup", "DeleteSecurityGroup", "DescribeNetworkInterfaces", "DescribeSecurityGroupRules"],
    // AWS gives a new group a rule that lets everything out, and the provider takes it away.
    ...["DescribeSecurityGroups", "RevokeSecurityGroupEgress", ...tags],
  ),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": rule("Egress"),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rule("Ingress"),
  "aws:ec2/flowLog:FlowLog": {
    actions: [
      ...of("ec2", "CreateFlowLogs", "DeleteFlowLogs", "DescribeFlowLogs", ...tags),
      ...of("logs", "CreateLogDelivery", "DeleteLogDelivery"),
    ],
    passesRolesTo: ["vpc-flow-logs.amazonaws.com"],
  },
  "aws:ec2/launchTemplate:LaunchTemplate": ec2(
    ...[
      "CreateLaunchTemplate",
      "CreateLaunchTemplateVersion",
      "DeleteLaunchTemplate",
      "DescribeLaunchTemplateVersions",
    ],
    ...["DescribeLaunchTemplates", "ModifyLaunchTemplate", ...tags],
  ),
  "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": ec2("DescribeSecurityGroupRules"),
  "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": ec2("DescribeSecurityGroupRules"),
  "aws:ec2/getRouteTable:getRouteTable": ec2("DescribeRouteTables"),
  "aws:ec2/getSecurityGroup:getSecurityGroup": ec2("DescribeSecurityGroups"),
  "aws:ec2/getSubnet:getSubnet": ec2("DescribeSubnets"),
  "aws:ec2/getVpc:getVpc": ec2("DescribeRouteTables", "DescribeVpcAttribute", "DescribeVpcs"),
  "aws:ec2/getVpcEndpoint:getVpcEndpoint": ec2("DescribePrefixLists", "DescribeVpcEndpoints"),
  "aws:ec2/getVpcEndpointService:getVpcEndpointService": ec2("DescribeVpcEndpointServices"),
  "aws:index/getAvailabilityZones:getAvailabilityZones": ec2("DescribeAvailabilityZones"),
};
