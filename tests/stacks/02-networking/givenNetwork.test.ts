import { describe, expect, it } from "@jest/globals";
import { runStack } from "../../support/mocks";
import { serviceNames } from "./services";

const network = {
  vpcId: "vpc-0123456789abcdef0",
  publicSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  privateSubnetIds: ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
  isolatedSubnetIds: ["subnet-0123456789abcdef4", "subnet-0123456789abcdef5"],
};

describe("02-networking with a given network", () => {
  it("publishes it, makes only the workload group in it, and reads no upstream", async () => {
    const run = await runStack("networking", { config: network, upstream: { iam: false } });
    expect(run.error).toBeUndefined();
    expect(run.outputs).toMatchObject(network);
    expect(run.resources.map((resource) => resource.type).sort()).toEqual([
      "aws:ec2/securityGroup:SecurityGroup",
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    ]);
    expect(run.references).toEqual([]);
  });

  it("makes nothing when the workload group is given too", async () => {
    const run = await runStack("networking", {
      config: { ...network, workloadSecurityGroupId: "sg-0123456789abcdef0" },
      invokes: { "aws:ec2/getSecurityGroup:getSecurityGroup": (inputs) => ({ ...inputs, vpcId: network.vpcId }) },
    });
    expect(run.error).toBeUndefined();
    expect(run.outputs["workloadSecurityGroupId"]).toBe("sg-0123456789abcdef0");
    expect(run.resources).toEqual([]);
  });

  it("refuses a workload group of another VPC", async () => {
    const run = await runStack("networking", {
      config: { ...network, workloadSecurityGroupId: "sg-0123456789abcdef0" },
      invokes: {
        "aws:ec2/getSecurityGroup:getSecurityGroup": (inputs) => ({ ...inputs, vpcId: "vpc-0123456789abcdef9" }),
      },
    });
    expect(run.error?.message).toContain("sg-0123456789abcdef0 belongs to vpc-0123456789abcdef9");
    expect(run.resources).toEqual([]);
  });

  it("refuses it half given (B11)", async () => {
    const run = await runStack("networking", { config: { vpcId: network.vpcId } });
    expect(run.error?.message).toContain("the network is half given");
    expect(run.resources).toEqual([]);
  });

  it("refuses a workload group without the network that it belongs to", async () => {
    const run = await runStack("networking", { config: { workloadSecurityGroupId: "sg-0123456789abcdef0" } });
    expect(run.error?.message).toContain("workloadSecurityGroupId is given without its network");
    expect(run.resources).toEqual([]);
  });

  it("looks where its traffic goes", async () => {
    const run = await runStack("networking", {
      config: network,
      invokes: {
        "aws:ec2/getRouteTable:getRouteTable": (inputs) => {
          const subnet = typeof inputs["subnetId"] === "string" ? inputs["subnetId"] : "";
          // 0 and 3 have no way out, 2 and (by IPv6) 4 go straight to the internet; 5 follows a main table that can't be read.
          if (subnet.endsWith("5") || subnet === "") throw new Error("query returned no results");
          const straight = /[124]$/.test(subnet);
          const routes = /[03]$/.test(subnet)
            ? []
            : [
                {
                  ...(subnet.endsWith("4") ? { ipv6CidrBlock: "::/0" } : { cidrBlock: "0.0.0.0/0" }),
                  gatewayId: straight ? "igw-0123456789abcdef0" : "",
                },
              ];
          return { ...inputs, routes };
        },
        "aws:ec2/getVpcEndpoint:getVpcEndpoint": (inputs) => {
          if (serviceNames(inputs).some((name) => name.endsWith(".sts"))) return inputs;
          throw new Error("no matching EC2 VPC Endpoint found");
        },
      },
    });
    const message = run.error?.message ?? "";
    expect(message).toContain("publicSubnetIds: subnet-0123456789abcdef0 has no route to an internet gateway");
    expect(message).toContain("privateSubnetIds: subnet-0123456789abcdef2 routes to an internet gateway");
    expect(message).toContain("subnet-0123456789abcdef3 have no way out");
    expect(message).toContain("logs, s3; route them to NAT");
    expect(message).not.toMatch(/sts[;,]/);
    expect(message).toContain("isolatedSubnetIds: subnet-0123456789abcdef4 routes to an internet gateway");
    expect(message).toContain("no route table of subnet-0123456789abcdef5");
    expect(run.resources).toEqual([]);
  });

  describe("by the ways of its private subnets", () => {
    const S3 = "com.amazonaws.us-east-1.s3";
    const shutIn = (tablesOfS3: string[], routes: object[] = []) =>
      runStack("networking", {
        config: network,
        invokes: {
          "aws:ec2/getRouteTable:getRouteTable": (inputs) => {
            const subnet = String(inputs["subnetId"]);
            const isPublic = /[01]$/.test(subnet);
            const edge = { cidrBlock: "0.0.0.0/0", gatewayId: "igw-0123456789abcdef0" };
            return { routeTableId: `rtb-${subnet.slice(-1)}`, routes: isPublic ? [edge] : routes };
          },
          "aws:ec2/getVpcEndpoint:getVpcEndpoint": (inputs) =>
            serviceNames(inputs).includes(S3)
              ? { vpcEndpointType: "Gateway", routeTableIds: tablesOfS3 }
              : { vpcEndpointType: "Interface", routeTableIds: [] },
        },
      });

    it("needs its gateway to S3 in the route table of each that has none", async () => {
      expect((await shutIn(["rtb-2", "rtb-3"])).error).toBeUndefined();
      expect((await shutIn(["rtb-2"])).error?.message).toContain("has no endpoints for s3; route them to NAT");
    });

    it("needs no endpoints where they have NAT", async () => {
      const nat = { cidrBlock: "0.0.0.0/0", gatewayId: "", natGatewayId: "nat-0123456789abcdef0" };
      const run = await shutIn([], [nat]);
      expect(run.error).toBeUndefined();
      expect(run.invokes).not.toContain("aws:ec2/getVpcEndpoint:getVpcEndpoint");
    });

    it("is taken when they reach other networks, which may hold the endpoints for all", async () => {
      const transit = { cidrBlock: "10.0.0.0/8", gatewayId: "", transitGatewayId: "tgw-0123456789abcdef0" };
      expect((await shutIn([], [transit])).error).toBeUndefined();
    });
  });

  it("refuses keys that make something in a network of our own, rather than leave it out in silence", async () => {
    const idle = {
      podCidrBlock: "100.64.0.0/16",
      interfaceEndpoints: ["sts"],
      dynamodbEndpoint: true,
      endpointAccess: "OwnAccount",
      flowLogsKeyArn: "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd",
    };
    const run = await runStack("networking", { config: { ...network, ...idle } });
    expect(run.error?.message).toContain(`${Object.keys(idle).join(", ")}: nothing is made`);
    for (const key of Object.keys(idle)) expect(run.error?.message).toContain(`\`pulumi config rm ${key}\``);
    expect(run.resources).toEqual([]);
  });

  it("finds everything that is wrong with it before anything is made", async () => {
    const run = await runStack("networking", {
      config: network,
      invokes: {
        "aws:ec2/getVpc:getVpc": (inputs) => ({ ...inputs, enableDnsHostnames: false, enableDnsSupport: true }),
        "aws:ec2/getSubnet:getSubnet": (inputs) => {
          const id = String(inputs["id"]);
          if (id.endsWith("5")) throw new Error("InvalidSubnetID.NotFound");
          return {
            ...inputs,
            vpcId: id.endsWith("4") ? "vpc-0123456789abcdef9" : network.vpcId,
            availabilityZone: "us-east-1a",
            availableIpAddressCount: id.endsWith("2") ? 3 : 250,
          };
        },
      },
    });
    const message = run.error?.message ?? "";
    expect(message).toContain("resolves no names");
    expect(message).toContain("publicSubnetIds: all lie in us-east-1a");
    expect(message).toContain("subnet-0123456789abcdef2 has 3 free addresses");
    expect(message).toContain("belongs to vpc-0123456789abcdef9");
    expect(message).toContain("no subnet subnet-0123456789abcdef5 can be read");
    expect(run.resources).toEqual([]);
  });
});
