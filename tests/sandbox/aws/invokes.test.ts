import { describe, expect, it } from "@jest/globals";
import type { Properties } from "../../../sandbox/provider/types";
import { invokes } from "../../../sandbox/aws/table";
import { Account } from "./account";

describe("look-ups", () => {
  it.each<[token: string, args: Properties, message: string]>([
    ["lb/getLoadBalancer", { name: "none" }, "no matching ELBv2 Load Balancer found: none"],
    ["rds/getCluster", { clusterIdentifier: "none" }, "DBCluster none not found"],
    ["rds/getInstance", { dbInstanceIdentifier: "none" }, "DBInstance none not found"],
    ["dynamodb/getTable", { name: "none" }, "Table: none not found"],
    ["vpc/getSecurityGroupRule", { securityGroupRuleId: "sgr-none" }, "'sgr-none' does not exist"],
    ["rds/getClusterSnapshot", { dbClusterIdentifier: "none", mostRecent: true }, "no results"],
    ["rds/getEngineVersion", { engine: "aurora-mysql", version: "9.9" }, "no RDS engine version matches"],
    ["rds/getOrderableDbInstance", { engine: "aurora-mysql", instanceClass: "db.m5.large" }, "db.m5.large"],
    ["opensearch/getDomain", { domainName: "none" }, "Domain not found: none"],
    ["acm/getCertificate", { domain: "example.com" }, "no ACM Certificate matching domain"],
    ["kms/getAlias", { name: "alias/none" }, "no matching KMS Alias found"],
    ["ssm/getParameter", { name: "/none" }, "ParameterNotFound"],
    ["secretsmanager/getSecret", { name: "none" }, "can't find the specified secret"],
    ["ec2/getVpc", { id: "vpc-0123456789abcdef0" }, "no matching EC2 VPC found"],
    [
      "ec2/getInternetGateway",
      { internetGatewayId: "igw-0123456789abcdef0" },
      "no matching EC2 Internet Gateway found",
    ],
    ["ec2/getPrefixList", { name: "com.amazonaws.eu-west-1.s3" }, "no matching prefix list found"],
    ["eks/getCluster", { name: "none" }, "No cluster found for name: none"],
  ])("%s of %j fails as in AWS when there is none", async (name, args, message) => {
    const token = `aws:${name}:${name.split("/")[1] ?? ""}`;
    expect(Object.keys(invokes)).toContain(token);
    await expect(new Account().call(token, args)).rejects.toThrow(message);
  });

  it("finds networks by tag and filter, in their own Region only", async () => {
    const account = new Account();
    const { vpcId } = await account.network(2);
    const { id } = await account.make("ec2/internetGateway", { vpcId, tags: { Name: "edge" } });
    const filters = [{ name: "attachment.vpc-id", values: [vpcId] }];
    const byFilter = await account.call("aws:ec2/getInternetGateway:getInternetGateway", { filters });
    const byTag = await account.call("aws:ec2/getInternetGateway:getInternetGateway", { tags: { Name: "edge" } });
    expect([byFilter["id"], byTag["id"]]).toEqual([id, id]);
    const elsewhere = { tags: { Name: "edge" }, region: "eu-west-1" };
    await expect(account.call("aws:ec2/getInternetGateway:getInternetGateway", elsewhere)).rejects.toThrow(
      "no matching",
    );
  });

  it("finds a subnet's route table, and the VPC's main one for a subnet without, which comes with the VPC", async () => {
    const account = new Account();
    const { vpcId, subnetIds } = await account.network(1);
    const token = "aws:ec2/getRouteTable:getRouteTable";
    const [subnetId = ""] = subnetIds;
    const main = { vpcId, filters: [{ name: "association.main", values: ["true"] }] };
    await expect(account.call(token, { subnetId })).rejects.toThrow("no route table of subnet");
    expect((await account.call(token, main))["routes"]).toEqual([]);
    await expect(account.call(token, { ...main, vpcId: "vpc-0123456789abcdef0" })).rejects.toThrow("no results");

    const { id: gatewayId } = await account.make("ec2/internetGateway", { vpcId });
    const routes = [{ cidrBlock: "0.0.0.0/0", gatewayId }];
    const { id: routeTableId } = await account.make("ec2/routeTable", { vpcId, routes });
    await account.make("ec2/mainRouteTableAssociation", { vpcId, routeTableId });
    expect(await account.call(token, main)).toMatchObject({ id: routeTableId, routes });
  });

  it("finds endpoints by their kind, and the rules of a security group with the way they go", async () => {
    const account = new Account();
    const { vpcId } = await account.network(2);
    const serviceName = "com.amazonaws.us-west-2.s3";
    await account.make("ec2/vpcEndpoint", { vpcId, serviceName, vpcEndpointType: "Gateway" });
    const find = (kind: string) =>
      account.call("aws:ec2/getVpcEndpoint:getVpcEndpoint", {
        vpcId,
        serviceName,
        filters: [{ name: "vpc-endpoint-type", values: [kind] }],
      });
    expect(await find("Gateway")).toMatchObject({ serviceName });
    await expect(find("Interface")).rejects.toThrow("no matching EC2 VPC Endpoint");

    const group = await account.make("ec2/securityGroup", { vpcId, name: "db" });
    const rule = { securityGroupId: group.id, cidrIpv4: "10.0.0.0/16", ipProtocol: "tcp", fromPort: 1, toPort: 2 };
    await account.make("vpc/securityGroupIngressRule", rule);
    await account.make("vpc/securityGroupEgressRule", rule);
    const { ids } = await account.call("aws:vpc/getSecurityGroupRules:getSecurityGroupRules", {
      filters: [{ name: "group-id", values: [group.id] }],
    });
    const ways = await Promise.all(
      (ids as string[]).map(async (securityGroupRuleId) => {
        const found = await account.call("aws:vpc/getSecurityGroupRule:getSecurityGroupRule", { securityGroupRuleId });
        return [found["isEgress"], found["toPort"], found["referencedSecurityGroupId"]];
      }),
    );
    expect(ways).toEqual([
      [false, 2, ""],
      [true, 2, ""],
    ]);
  });

  it.each([
    ["us-gov-west-1", "com.amazonaws.us-gov-west-1.ec2", "com.amazonaws.us-gov-west-1.kms"],
    ["cn-north-1", "cn.com.amazonaws.cn-north-1.ec2", "com.amazonaws.cn-north-1.kms"],
  ])("calls endpoints in %s what AWS calls them, and takes them by these names alone", async (region, ...names) => {
    const account = new Account(region);
    const { vpcId } = await account.network(2);
    for (const service of ["ec2", "kms"]) {
      const values = ["com.amazonaws", "cn.com.amazonaws"].map((prefix) => `${prefix}.${region}.${service}`);
      const { serviceName, availabilityZones } = await account.call(
        "aws:ec2/getVpcEndpointService:getVpcEndpointService",
        { serviceType: "Interface", filters: [{ name: "service-name", values }] },
      );
      expect(names).toContain(serviceName);
      expect(availabilityZones).toContain(`${region}a`);
      for (const name of values) {
        const made = account.make("ec2/vpcEndpoint", { vpcId, serviceName: name, vpcEndpointType: "Interface" });
        if (name === serviceName) await made;
        else await expect(made).rejects.toThrow("does not exist as Interface endpoint");
      }
    }
  });

  it("knows the hosted zones of load balancers by Region", async () => {
    const account = new Account("eu-central-1");
    const network = { loadBalancerType: "network" };
    expect((await account.call("aws:lb/getHostedZoneId:getHostedZoneId"))["id"]).toBe("Z215JYRZR1TBD5");
    expect((await account.call("aws:lb/getHostedZoneId:getHostedZoneId", network))["id"]).toBe("Z3F0SRJ5LGBH90");
  });
});
