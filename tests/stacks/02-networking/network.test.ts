import { beforeAll, describe, expect, it } from "@jest/globals";
import { runStack, type Run } from "../../support/mocks";
import { checkSubnetPlan, subnetPlan } from "../../../02-networking/subnetPlan";

const network = {
  vpcId: "vpc-0123456789abcdef0",
  publicSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  privateSubnetIds: ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
  isolatedSubnetIds: ["subnet-0123456789abcdef4", "subnet-0123456789abcdef5"],
};

const GET_SERVICE = "aws:ec2/getVpcEndpointService:getVpcEndpointService";
/** The names that a look-up by them asks for. */
const serviceNames = (inputs: Record<string, unknown>) =>
  (inputs["filters"] as { name: string; values: string[] }[])
    .filter(({ name }) => name === "service-name")
    .flatMap(({ values }) => values);

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
    expect(subnetSpecs().map((spec) => spec.type)).toEqual(["Private", "Public", "Isolated"]);
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
      iamRoleArn: "arn:aws:iam::123456789012:role/name",
    });
  });

  it("lets nothing into the workload group, and opens nothing else to the world", () => {
    expect(run.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")).toEqual([]);
    expect(run.one("aws:ec2/securityGroup:SecurityGroup").inputs["ingress"]).toBeUndefined();
  });
});

describe("02-networking by configuration", () => {
  it("works without the internet when every indispensable endpoint is asked for", async () => {
    const services = ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "kms", "logs", "sts"];
    const run = await runStack("networking", { config: { natGateways: "None", interfaceEndpoints: services } });
    expect(run.error).toBeUndefined();
    const endpoints = run
      .ofType("aws:ec2/vpcEndpoint:VpcEndpoint")
      .filter((endpoint) => endpoint.inputs["vpcEndpointType"] === "Interface");
    expect(endpoints.map((endpoint) => endpoint.inputs["serviceName"])).toEqual(
      services.map((service) => `com.amazonaws.us-east-1.${service}`),
    );
    for (const { inputs } of endpoints) expect(inputs["privateDnsEnabled"]).toBe(true);
    expect(run.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs).toMatchObject({
      cidrIpv4: "10.0.0.0/16",
      fromPort: 443,
      toPort: 443,
    });
  });

  // In China AWS answers with the country's name before some services, and with none before others.
  it.each([
    ["aws", "us-east-1", "com.amazonaws.us-east-1.ec2", "com.amazonaws.us-east-1.kms"],
    ["aws-us-gov", "us-gov-west-1", "com.amazonaws.us-gov-west-1.ec2", "com.amazonaws.us-gov-west-1.kms"],
    ["aws-cn", "cn-north-1", "cn.com.amazonaws.cn-north-1.ec2", "com.amazonaws.cn-north-1.kms"],
  ])("calls endpoints what they are called in %s", async (partition, region, ...serviceNamesThere) => {
    const zones = ["a", "b"].map((letter) => region + letter);
    const run = await runStack("networking", {
      config: { interfaceEndpoints: ["ec2", "kms"], flowLogs: false },
      providerConfig: { "aws:region": region },
      invokes: {
        "aws:index/getCallerIdentity:getCallerIdentity": () => ({
          accountId: "123456789012",
          arn: `arn:${partition}:iam::123456789012:role/operator`,
        }),
        "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({ names: zones }),
        [GET_SERVICE]: (inputs) => {
          const serviceName = serviceNames(inputs).find((name) => serviceNamesThere.includes(name));
          return { ...inputs, serviceName, availabilityZones: zones };
        },
      },
    });
    expect(run.error).toBeUndefined();
    const names = run.ofType("aws:ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => inputs["serviceName"]);
    expect(names).toEqual([`com.amazonaws.${region}.s3`, ...serviceNamesThere]);
  });

  it("refuses endpoints that the region or one of the zones doesn't have, with wrong zones in one message", async () => {
    const run = await runStack("networking", {
      config: { interfaceEndpoints: ["sqs", "xray"], availabilityZoneNames: ["us-east-1a", "us-east-1x"] },
      invokes: {
        [GET_SERVICE]: (inputs) => {
          const [serviceName = ""] = serviceNames(inputs);
          if (serviceName.endsWith("xray")) throw new Error("no matching EC2 VPC Endpoint Service found");
          return { ...inputs, serviceName, availabilityZones: ["us-east-1a", "us-east-1b"] };
        },
      },
    });
    const message = run.error?.message ?? "";
    expect(message).toContain("EKS can't use us-east-1x");
    expect(message).toContain("AWS has sqs in us-east-1a, us-east-1b alone, not in us-east-1x; take it out");
    expect(message).toContain("AWS has xray nowhere in us-east-1");
    expect(run.resources).toEqual([]);
  });

  it("leaves out what is indispensable but not to be had, as an install by IRSA can do without eks-auth", async () => {
    const services = ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "kms", "logs", "sts"];
    const run = await runStack("networking", {
      config: { natGateways: "None", interfaceEndpoints: services },
      invokes: {
        [GET_SERVICE]: (inputs) => {
          const [serviceName = ""] = serviceNames(inputs);
          if (serviceName.endsWith("eks-auth")) throw new Error("no matching EC2 VPC Endpoint Service found");
          return { ...inputs, serviceName, availabilityZones: ["us-east-1a", "us-east-1b"] };
        },
      },
    });
    expect(run.error).toBeUndefined();
    expect(run.ofType("aws:ec2/vpcEndpoint:VpcEndpoint").map(({ name }) => name)).not.toContain("eks-auth");
  });

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
    const subnets = run.ofType("aws:ec2/subnet:Subnet");
    expect(subnets.map(({ inputs }) => [inputs["availabilityZone"], inputs["cidrBlock"]])).toEqual([
      ["us-east-1a", "100.64.0.0/18"],
      ["us-east-1b", "100.64.64.0/18"],
      ["us-east-1c", "100.64.128.0/18"],
    ]);
    for (const { inputs } of subnets) expect(inputs["tags"]).toMatchObject({ "kubernetes.io/role/cni": "1" });
    const tables = run.ofType("aws:ec2/routeTableAssociation:RouteTableAssociation");
    expect(tables.map(({ inputs }) => inputs["routeTableId"])).toEqual(["rtb-a", "rtb-b", "rtb-c"]);
    const rules = run.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    expect(rules.map(({ inputs }) => inputs["cidrIpv4"])).toEqual(["10.0.0.0/16", "100.64.0.0/16"]);
  });

  it("reaches DynamoDB through every route table when asked", async () => {
    const run = await runStack("networking", { config: { dynamodbEndpoint: true } });
    expect(run.one("aws:ec2/vpcEndpoint:VpcEndpoint", "dynamodb").inputs).toMatchObject({
      vpcEndpointType: "Gateway",
      serviceName: "com.amazonaws.us-east-1.dynamodb",
      routeTableIds: run.one("aws:ec2/vpcEndpoint:VpcEndpoint", "s3").inputs["routeTableIds"],
    });
  });

  it("lets anybody through the endpoints by default, and by configuration this account's principals alone", async () => {
    const config = { interfaceEndpoints: ["sts", "logs"] };
    const open = await runStack("networking", { config });
    const policies = (run: Run) =>
      new Map(
        run.ofType("aws:ec2/vpcEndpoint:VpcEndpoint").map(({ name, inputs }) => [name, inputs["policy"] as string]),
      );
    expect([...policies(open).values()]).toEqual([undefined, undefined, undefined]);

    const own = policies(await runStack("networking", { config: { ...config, endpointAccess: "OwnAccount" } }));
    for (const policy of own.values()) {
      const { Statement } = JSON.parse(policy) as { Statement: { Sid: string; Condition?: unknown }[] };
      const unconfined = Statement.filter(({ Condition }) => Condition === undefined).map(({ Sid }) => Sid);
      // Without these no pod gets a role, and no node an image.
      expect(unconfined).toEqual(
        policy === own.get("sts") ? ["PodTokens"] : policy === own.get("s3") ? ["ImagesAndPackages"] : [],
      );
      expect(Statement[0]?.Condition).toEqual({ StringEquals: { "aws:PrincipalAccount": "123456789012" } });
    }
    expect(own.get("s3")).toContain("arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*");
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
    const interfaceEndpoints = [
      "ec2",
      "ecr.api",
      "ecr.dkr",
      "eks",
      "eks-auth",
      "elasticloadbalancing",
      "kms",
      "logs",
      "sts",
    ];
    const run = await runStack("networking", { config: { natGateways, interfaceEndpoints } });
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

  it("asks nothing of 01-iam without flow logs", async () => {
    const run = await runStack("networking", { config: { flowLogs: false }, upstream: { iam: false } });
    expect(run.error).toBeUndefined();
    expect(run.references).toEqual([]);
    expect(run.ofType("aws:ec2/flowLog:FlowLog")).toEqual([]);
  });
});

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

  it("refuses it half given (B11)", async () => {
    const run = await runStack("networking", { config: { vpcId: network.vpcId } });
    expect(run.error?.message).toContain("the network is half given");
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

  describe("whose private subnets don't reach the internet", () => {
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

    it("needs its gateway to S3 in the route table of each", async () => {
      expect((await shutIn(["rtb-2", "rtb-3"])).error).toBeUndefined();
      expect((await shutIn(["rtb-2"])).error?.message).toContain("has no endpoints for s3; route them to NAT");
    });

    it("is taken when they reach other networks, which may hold the endpoints for all", async () => {
      const transit = { cidrBlock: "10.0.0.0/8", gatewayId: "", transitGatewayId: "tgw-0123456789abcdef0" };
      expect((await shutIn([], [transit])).error).toBeUndefined();
    });
  });

  it("refuses keys that make something in a network of our own, rather than leave it out in silence", async () => {
    const idle = { interfaceEndpoints: ["sts"], podCidrBlock: "100.64.0.0/16", endpointAccess: "OwnAccount" };
    const run = await runStack("networking", { config: { ...network, ...idle } });
    expect(run.error?.message).toContain("podCidrBlock, interfaceEndpoints, endpointAccess: nothing is made");
    expect(run.error?.message).toContain("`pulumi config rm endpointAccess`");
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

describe("the subnet plan", () => {
  it.each([16, 17, 18, 19, 20])("fits into a /%i for two, three and four zones", (prefix) => {
    for (const zones of [2, 3, 4]) expect(checkSubnetPlan(prefix, zones, {})).toEqual([]);
    expect(subnetPlan(prefix, {}).private).toBe(prefix + 3);
  });

  it.each([
    ["public", 28],
    ["private", 27],
    ["isolated", 29],
  ])("refuses %s subnets of /%i, which have too few addresses", (tier, prefix) => {
    const problems = checkSubnetPlan(16, 3, { [`${tier}PrefixLength`]: prefix });
    expect(problems).toEqual([expect.stringContaining(`pulumi config set ${tier}PrefixLength ${prefix - 1}`)]);
    expect(checkSubnetPlan(16, 3, { [`${tier}PrefixLength`]: prefix - 1 })).toEqual([]);
  });
});
