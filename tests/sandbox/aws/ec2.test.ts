import { describe, expect, it } from "@jest/globals";
import type { Properties } from "../../../sandbox/provider/types";
import { Account, text } from "./account";

describe("VPCs and subnets", () => {
  it.each(["10.0.0.0/15", "10.0.0.0/29", "10.0.0.1/16", "ten"])(
    "refuses a VPC with CIDR block %s",
    async (cidrBlock) => {
      await expect(new Account().make("ec2/vpc", { cidrBlock })).rejects.toThrow(
        /InvalidVpc\.Range|InvalidParameterValue/,
      );
    },
  );

  it("refuses a sixth VPC in a Region", async () => {
    const account = new Account();
    for (let index = 0; index < 5; index++) await account.make("ec2/vpc", { cidrBlock: `10.${index}.0.0/16` });
    await expect(account.make("ec2/vpc", { cidrBlock: "10.9.0.0/16" })).rejects.toThrow("VpcLimitExceeded");
  });

  it.each<[rule: string, inputs: Properties, code: string]>([
    ["outside the VPC", { cidrBlock: "10.1.0.0/24" }, "InvalidSubnet.Range"],
    ["that overlaps another", { cidrBlock: "10.0.2.0/23" }, "InvalidSubnet.Conflict"],
    ["too small", { cidrBlock: "10.0.9.0/29" }, "InvalidSubnet.Range"],
    ["in a zone of another Region", { cidrBlock: "10.0.9.0/24", availabilityZone: "us-east-1a" }, "Availability Zone"],
  ])("refuses a subnet %s", async (_rule, inputs, code) => {
    const account = new Account();
    const { vpcId } = await account.network(3);
    await expect(account.make("ec2/subnet", { vpcId, ...inputs })).rejects.toThrow(code);
  });

  it("takes a subnet in a secondary CIDR block, which then can't be taken away", async () => {
    const account = new Account();
    const { vpcId } = await account.network(1);
    const second = await account.make("ec2/vpcIpv4CidrBlockAssociation", { vpcId, cidrBlock: "100.64.0.0/16" });
    await account.make("ec2/subnet", { vpcId, cidrBlock: "100.64.0.0/19" });
    await expect(account.destroy("ec2/vpcIpv4CidrBlockAssociation", second)).rejects.toThrow("OperationNotPermitted");
    await expect(
      account.make("ec2/vpcIpv4CidrBlockAssociation", { vpcId, cidrBlock: "100.64.128.0/17" }),
    ).rejects.toThrow("InvalidVpc.Conflict");
  });

  it("refuses what names a VPC that doesn't exist, even in a preview", async () => {
    const inputs = { vpcId: "vpc-0123456789abcdef0", cidrBlock: "10.0.0.0/24" };
    await expect(new Account().preview("ec2/subnet", inputs)).rejects.toThrow("InvalidVpcID.NotFound");
  });

  it("makes a default security group along with a VPC, and deletes both together", async () => {
    const account = new Account();
    const vpc = await account.make("ec2/vpc", { cidrBlock: "10.0.0.0/16" });
    const adopted = await account.make("ec2/defaultSecurityGroup", { vpcId: vpc.id });
    expect(adopted.id).toBe(text(vpc.properties, "defaultSecurityGroupId"));
    await account.destroy("ec2/defaultSecurityGroup", adopted);
    await account.destroy("ec2/vpc", vpc);
    expect(account.world.all()).toEqual([]);
  });

  it("deletes a VPC only without subnets, and a subnet only without what is in it", async () => {
    const account = new Account();
    const { vpcId, subnetIds } = await account.network(1);
    const eip = await account.make("ec2/eip");
    const nat = { subnetId: subnetIds[0] ?? "", allocationId: eip.id };
    await account.make("ec2/natGateway", nat);
    await expect(account.destroy("ec2/vpc", { id: vpcId, properties: {} })).rejects.toThrow("DependencyViolation");
    await expect(account.destroy("ec2/subnet", { id: nat.subnetId, properties: {} })).rejects.toThrow(
      "DependencyViolation",
    );
    await expect(account.destroy("ec2/eip", eip)).rejects.toThrow("InvalidIPAddress.InUse");
  });
});

describe("gateways and routes", () => {
  it("refuses a second internet gateway, a public NAT gateway without address, an address used twice", async () => {
    const account = new Account();
    const { vpcId, subnetIds } = await account.network(2);
    await account.make("ec2/internetGateway", { vpcId });
    await expect(account.make("ec2/internetGateway", { vpcId })).rejects.toThrow("Resource.AlreadyAssociated");
    await expect(account.make("ec2/natGateway", { subnetId: subnetIds[0] ?? "" })).rejects.toThrow("MissingParameter");
    const { id: allocationId } = await account.make("ec2/eip");
    await account.make("ec2/natGateway", { subnetId: subnetIds[0] ?? "", allocationId });
    await expect(account.make("ec2/natGateway", { subnetId: subnetIds[1] ?? "", allocationId })).rejects.toThrow(
      "Resource.AlreadyAssociated",
    );
  });

  it("refuses a sixth Elastic IP address", async () => {
    const account = new Account();
    for (let index = 0; index < 5; index++) await account.make("ec2/eip");
    await expect(account.make("ec2/eip")).rejects.toThrow("AddressLimitExceeded");
  });

  it("refuses routes without a target, to nowhere, twice, or into another VPC", async () => {
    const account = new Account();
    const { vpcId } = await account.network(1);
    const { id: otherVpc } = await account.make("ec2/vpc", { cidrBlock: "10.1.0.0/16" });
    const { id: routeTableId } = await account.make("ec2/routeTable", { vpcId });
    const { id: gatewayId } = await account.make("ec2/internetGateway", { vpcId });
    const { id: foreign } = await account.make("ec2/internetGateway", { vpcId: otherVpc });
    const route = { routeTableId, destinationCidrBlock: "0.0.0.0/0" };
    await expect(account.make("ec2/route", route)).rejects.toThrow("exactly one target");
    await expect(account.make("ec2/route", { ...route, gatewayId: "igw-0123456789abcdef0" })).rejects.toThrow(
      "NotFound",
    );
    await expect(account.make("ec2/route", { ...route, gatewayId: foreign })).rejects.toThrow("different networks");
    await account.make("ec2/route", { ...route, gatewayId });
    await expect(account.make("ec2/route", { ...route, gatewayId })).rejects.toThrow(/already exists/);
  });

  it("associates a subnet with one route table of its own VPC", async () => {
    const account = new Account();
    const { vpcId, subnetIds } = await account.network(1);
    const subnetId = subnetIds[0] ?? "";
    const { id: otherVpc } = await account.make("ec2/vpc", { cidrBlock: "10.1.0.0/16" });
    const { id: foreign } = await account.make("ec2/routeTable", { vpcId: otherVpc });
    await expect(account.make("ec2/routeTableAssociation", { subnetId, routeTableId: foreign })).rejects.toThrow(
      "networks",
    );
    const { id: routeTableId } = await account.make("ec2/routeTable", { vpcId });
    await account.make("ec2/routeTableAssociation", { subnetId, routeTableId });
    await expect(account.make("ec2/routeTableAssociation", { subnetId, routeTableId })).rejects.toThrow(
      "AlreadyAssociated",
    );
  });
});

describe("security groups", () => {
  it.each<[rule: string, inputs: Properties, message: string]>([
    ["a name that begins with sg-", { name: "sg-app" }, "doesn't allow"],
    ["a description with other characters", { description: "it's" }, "description"],
    [
      "ports the wrong way round",
      { ingress: [{ protocol: "tcp", fromPort: 443, toPort: 80, cidrBlocks: ["0.0.0.0/0"] }] },
      "port range",
    ],
    ["a rule about nobody", { ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443 }] }, "other end"],
    [
      "a rule with host bits set",
      { egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["10.0.0.1/16"] }] },
      "CIDR",
    ],
  ])("refuses %s", async (_rule, inputs, message) => {
    const account = new Account();
    const { vpcId } = await account.network(1);
    await expect(account.make("ec2/securityGroup", { vpcId, name: "app", ...inputs })).rejects.toThrow(message);
  });

  it("refuses a name twice in a VPC and a rule twice in a group", async () => {
    const account = new Account();
    const { vpcId } = await account.network(1);
    const { id: securityGroupId } = await account.make("ec2/securityGroup", { vpcId, name: "app" });
    await expect(account.make("ec2/securityGroup", { vpcId, name: "app" })).rejects.toThrow("InvalidGroup.Duplicate");
    const rule = { securityGroupId, ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: "10.0.0.0/8" };
    await account.make("vpc/securityGroupIngressRule", rule);
    await expect(account.make("vpc/securityGroupIngressRule", rule)).rejects.toThrow("InvalidPermission.Duplicate");
  });

  it("refuses a rule with two other ends, and one that names a group that doesn't exist", async () => {
    const account = new Account();
    const { vpcId } = await account.network(1);
    const { id: securityGroupId } = await account.make("ec2/securityGroup", { vpcId, name: "app" });
    const rule = { securityGroupId, ipProtocol: "-1" };
    const both = { ...rule, cidrIpv4: "10.0.0.0/8", referencedSecurityGroupId: securityGroupId };
    await expect(account.make("vpc/securityGroupEgressRule", both)).rejects.toThrow("InvalidParameterCombination");
    const missing = { ...rule, referencedSecurityGroupId: "sg-0123456789abcdef0" };
    await expect(account.make("vpc/securityGroupEgressRule", missing)).rejects.toThrow("InvalidGroup.NotFound");
  });

  it("deletes a group only when no other group's rule names it", async () => {
    const account = new Account();
    const { vpcId } = await account.network(1);
    const app = await account.make("ec2/securityGroup", { vpcId, name: "app" });
    const data = await account.make("ec2/securityGroup", { vpcId, name: "data" });
    const inputs = { securityGroupId: data.id, ipProtocol: "tcp", fromPort: 3306, toPort: 3306 };
    const rule = await account.make("vpc/securityGroupIngressRule", { ...inputs, referencedSecurityGroupId: app.id });
    await expect(account.destroy("ec2/securityGroup", app)).rejects.toThrow("DependencyViolation");
    await account.destroy("vpc/securityGroupIngressRule", rule);
    await account.destroy("ec2/securityGroup", app);
  });
});

describe("endpoints, flow logs, launch templates", () => {
  it.each<[rule: string, inputs: Properties, message: string]>([
    ["another Region's service", { serviceName: "com.amazonaws.us-east-1.s3" }, "InvalidServiceName"],
    ["a service that has no gateway", { serviceName: "com.amazonaws.us-west-2.sts" }, "InvalidServiceName"],
    ["subnets for a gateway", { serviceName: "com.amazonaws.us-west-2.s3", subnetIds: ["first"] }, "InvalidParameter"],
    [
      "two subnets in one zone",
      { serviceName: "com.amazonaws.us-west-2.sts", vpcEndpointType: "Interface", subnetIds: ["first", "twin"] },
      "DuplicateSubnetsInSameZone",
    ],
  ])("refuses an endpoint with %s", async (_rule, inputs, message) => {
    const account = new Account();
    const { vpcId, subnetIds } = await account.network(1);
    const twin = await account.make("ec2/subnet", {
      vpcId,
      cidrBlock: "10.0.200.0/24",
      availabilityZone: "us-west-2a",
    });
    const names: Properties = { first: subnetIds[0] ?? "", twin: twin.id };
    const subnets = Array.isArray(inputs["subnetIds"])
      ? inputs["subnetIds"].map((name) => (typeof name === "string" ? (names[name] ?? "") : ""))
      : [];
    const given = subnets.length > 0 ? { ...inputs, subnetIds: subnets } : inputs;
    await expect(account.make("ec2/vpcEndpoint", { vpcId, ...given })).rejects.toThrow(message);
  });

  it("refuses private DNS in a VPC without DNS host names", async () => {
    const account = new Account();
    const { id: vpcId } = await account.make("ec2/vpc", { cidrBlock: "10.0.0.0/16" });
    const endpoint = {
      vpcId,
      serviceName: "com.amazonaws.us-west-2.sts",
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
    };
    await expect(account.make("ec2/vpcEndpoint", endpoint)).rejects.toThrow("enableDnsHostnames");
  });

  it("refuses flow logs to nowhere, and by a role that doesn't trust them", async () => {
    const account = new Account();
    const { vpcId } = await account.network(1);
    const { properties } = await account.make("cloudwatch/logGroup", { name: "/flows" });
    const log = { vpcId, trafficType: "ALL", logDestination: text(properties, "arn") };
    await expect(account.make("ec2/flowLog", log)).rejects.toThrow("iamRoleArn");
    const wrong = { ...log, iamRoleArn: await account.role("wrong", "ec2.amazonaws.com") };
    await expect(account.make("ec2/flowLog", wrong)).rejects.toThrow("vpc-flow-logs.amazonaws.com");
    const iamRoleArn = await account.role("right", "vpc-flow-logs.amazonaws.com");
    const nowhere = { ...log, iamRoleArn, logDestination: "arn:aws:logs:us-west-2:123456789012:log-group:none" };
    await expect(account.make("ec2/flowLog", nowhere)).rejects.toThrow("does not exist");
    await account.make("ec2/flowLog", { ...log, iamRoleArn });
  });

  it.each<[rule: string, inputs: Properties, message: string]>([
    ["an instance type that EC2 doesn't have", { instanceType: "m99.large" }, "InvalidInstanceType"],
    ["user data that isn't base64", { userData: "#!/bin/sh" }, "base64"],
    ["a hop limit of 65", { metadataOptions: { httpPutResponseHopLimit: 65 } }, "HopLimit"],
    [
      "a volume type that EBS doesn't have",
      { blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { volumeType: "gp9" } }] },
      "volumeType",
    ],
  ])("refuses a launch template with %s", async (_rule, inputs, message) => {
    await expect(new Account().make("ec2/launchTemplate", inputs)).rejects.toThrow(message);
  });

  it("counts a launch template's versions", async () => {
    const account = new Account();
    const made = await account.make("ec2/launchTemplate", { name: "nodes" });
    const changed = await account.update("ec2/launchTemplate", made, { name: "nodes", instanceType: "m7g.large" });
    expect([made.properties["latestVersion"], changed.properties["latestVersion"]]).toEqual([1, 2]);
  });
});
