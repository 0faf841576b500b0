import { beforeAll, describe, expect, it } from "@jest/globals";
import { runStack, type Run } from "../../support/mocks";
import { INDISPENSABLE } from "./services";

describe("02-networking", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runStack("networking");
  });
  const vpcInputs = () => run.one("awsx:ec2:Vpc").inputs;
  const subnetSpecs = () => vpcInputs()["subnetSpecs"] as { type: string; cidrMask: number; tags: object }[];

  it("makes three tiers in two zones, each with a way out of its own", () => {
    expect(run.error).toBeUndefined();
    expect(vpcInputs()).toMatchObject({
      cidrBlock: "10.0.0.0/16",
      availabilityZoneNames: ["us-east-1a", "us-east-1b"],
      natGateways: { strategy: "OnePerAz" },
      subnetStrategy: "Auto",
      enableDnsHostnames: true,
      enableDnsSupport: true,
    });
    expect(subnetSpecs().map(({ type, cidrMask }) => [type, cidrMask])).toEqual([
      ["Private", 19],
      ["Public", 22],
      ["Isolated", 22],
    ]);
    expect(run.ofType("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation")).toEqual([]);
  });

  it("tags subnets so that load balancers, the cluster and Karpenter find them, private ones too (B22)", () => {
    const cluster = { "kubernetes.io/cluster/pulumi-test": "shared" };
    const [privateTier, publicTier] = subnetSpecs();
    expect(privateTier?.tags).toMatchObject({
      ...cluster,
      "kubernetes.io/role/internal-elb": "1",
      "karpenter.sh/discovery": "pulumi-test",
    });
    expect(publicTier?.tags).toMatchObject({ ...cluster, "kubernetes.io/role/elb": "1" });
  });

  it("sends every route table's S3 traffic through the gateway endpoint", () => {
    expect(run.one("aws:ec2/vpcEndpoint:VpcEndpoint", "s3").inputs).toMatchObject({
      vpcEndpointType: "Gateway",
      serviceName: "com.amazonaws.us-east-1.s3",
    });
    expect(run.one("aws:ec2/vpcEndpoint:VpcEndpoint").inputs["routeTableIds"]).toHaveLength(3);
  });

  it("empties the default security group", () => {
    expect(run.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs).toMatchObject({
      ingress: [],
      egress: [],
    });
  });

  it("logs the VPC's traffic to a group with retention, under 01-iam's role", () => {
    expect(run.one("aws:cloudwatch/logGroup:LogGroup").inputs).toMatchObject({
      name: "/pulumi-selfhosted/pulumi/test/flow-logs",
      retentionInDays: 90,
    });
    expect(run.one("aws:ec2/flowLog:FlowLog").inputs).toMatchObject({
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: run.one("aws:cloudwatch/logGroup:LogGroup").state["arn"],
      iamRoleArn: "arn:aws:iam::123456789012:role/name",
    });
  });

  it("lets nothing into the workload group, and opens nothing else to the world", () => {
    expect(run.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")).toEqual([]);
    expect(run.one("aws:ec2/securityGroup:SecurityGroup").inputs["ingress"]).toBeUndefined();
    expect(run.one("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule").inputs).toMatchObject({
      securityGroupId: run.outputs["workloadSecurityGroupId"],
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "-1",
    });
  });
});

describe("02-networking by configuration", () => {
  it("refuses a network with neither NAT nor endpoints, and subnets that don't fit, in one message", async () => {
    const run = await runStack("networking", { config: { natGateways: "None", privatePrefixLength: 17 } });
    expect(run.error?.message).toContain("2 problems");
    expect(run.error?.message).toContain("interfaceEndpoints lacks ec2, ecr.api");
    expect(run.error?.message).toContain("don't fit into a zone's share");
    expect(run.resources).toEqual([]);
  });

  it("adds a range for pods, one subnet a zone on that zone's private route table", async () => {
    const run = await runStack("networking", {
      config: { availabilityZones: 3, podCidrBlock: "100.64.0.0/16", interfaceEndpoints: ["sts"] },
      computed: {
        "awsx:ec2:Vpc": () => ({
          privateSubnetIds: ["subnet-a", "subnet-b", "subnet-c"],
          routeTableAssociations: ["c", "a", "b"].map((zone) => ({
            subnetId: `subnet-${zone}`,
            routeTableId: `rtb-${zone}`,
          })),
        }),
      },
    });
    expect(run.error).toBeUndefined();
    expect(run.one("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation").inputs).toMatchObject({
      cidrBlock: "100.64.0.0/16",
    });
    const subnets = run.ofType("aws:ec2/subnet:Subnet");
    expect(subnets.map(({ inputs }) => [inputs["availabilityZone"], inputs["cidrBlock"]])).toEqual([
      ["us-east-1a", "100.64.0.0/18"],
      ["us-east-1b", "100.64.64.0/18"],
      ["us-east-1c", "100.64.128.0/18"],
    ]);
    for (const { inputs } of subnets) expect(inputs["tags"]).toMatchObject({ "kubernetes.io/role/cni": "1" });
    const tables = run.ofType("aws:ec2/routeTableAssociation:RouteTableAssociation");
    expect(tables.map(({ inputs }) => [inputs["subnetId"], inputs["routeTableId"]])).toEqual([
      ["pods-1-id", "rtb-a"],
      ["pods-2-id", "rtb-b"],
      ["pods-3-id", "rtb-c"],
    ]);
    const rules = run.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    expect(rules.map(({ inputs }) => inputs["cidrIpv4"])).toEqual(["10.0.0.0/16", "100.64.0.0/16"]);
  });

  it("encrypts flow logs with a given key, and refuses one that can't", async () => {
    const flowLogsKeyArn = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd";
    const run = await runStack("networking", { config: { flowLogsKeyArn } });
    expect(run.one("aws:cloudwatch/logGroup:LogGroup").inputs["kmsKeyId"]).toBe(flowLogsKeyArn);
    const disabled = {
      enabled: false,
      keyUsage: "ENCRYPT_DECRYPT",
      keySpec: "SYMMETRIC_DEFAULT",
      keyManager: "CUSTOMER",
    };
    const refused = await runStack("networking", {
      config: { flowLogsKeyArn },
      invokes: { "aws:kms/getKey:getKey": (inputs) => ({ ...inputs, ...disabled }) },
    });
    expect(refused.error?.message).toContain("flowLogsKeyArn");
    expect(refused.resources).toEqual([]);
  });

  it("refuses a range for pods that overlaps the VPC's", async () => {
    const config = { cidrBlock: "100.64.0.0/16", podCidrBlock: "100.64.0.0/18" };
    const run = await runStack("networking", { config });
    expect(run.error?.message).toContain("podCidrBlock 100.64.0.0/18 overlaps cidrBlock 100.64.0.0/16");
    expect(run.resources).toEqual([]);
  });

  it.each([2, 3, 4])("spans %i zones", async (availabilityZones) => {
    const run = await runStack("networking", { config: { availabilityZones } });
    expect(run.one("awsx:ec2:Vpc").inputs["availabilityZoneNames"]).toHaveLength(availabilityZones);
  });

  it.each(["OnePerAz", "Single", "None"])("reaches the internet by the strategy %s", async (natGateways) => {
    const run = await runStack("networking", { config: { natGateways, interfaceEndpoints: INDISPENSABLE } });
    expect(run.one("awsx:ec2:Vpc").inputs["natGateways"]).toEqual({ strategy: natGateways });
  });

  it("refuses a range for pods outside the shared space", async () => {
    const run = await runStack("networking", { config: { podCidrBlock: "10.1.0.0/16" } });
    expect(run.error?.message).toContain("podCidrBlock must lie in 100.64.0.0/10");
  });

  it("refuses a zone that isn't there", async () => {
    const run = await runStack("networking", { config: { availabilityZoneNames: ["us-east-1a", "us-east-1x"] } });
    expect(run.error?.message).toContain("EKS can't use us-east-1x");
    expect(run.resources).toEqual([]);
  });

  it("refuses a region with too few zones, counted without those that EKS can't use", async () => {
    let asked: unknown;
    const run = await runStack("networking", {
      config: { availabilityZones: 3 },
      invokes: {
        "aws:index/getAvailabilityZones:getAvailabilityZones": (inputs) => {
          asked = inputs;
          return { names: ["us-east-1a", "us-east-1b"] };
        },
      },
    });
    expect(asked).toMatchObject({ state: "available", excludeZoneIds: ["use1-az3", "usw1-az2", "cac1-az3"] });
    expect(run.error?.message).toContain("us-east-1 has 2 zones for EKS (us-east-1a, us-east-1b)");
    expect(run.resources).toEqual([]);
  });

  it("asks nothing of 01-iam without flow logs", async () => {
    const run = await runStack("networking", { config: { flowLogs: false }, upstream: { iam: false } });
    expect(run.error).toBeUndefined();
    expect(run.references).toEqual([]);
    expect(run.ofType("aws:ec2/flowLog:FlowLog")).toEqual([]);
  });
});
