import { describe, expect, it } from "@jest/globals";
import { runStack, type Run } from "../../support/mocks";
import { INDISPENSABLE, serviceNames } from "./services";

const GET_SERVICE = "aws:ec2/getVpcEndpointService:getVpcEndpointService";

describe("02-networking's endpoints", () => {
  it("works without the internet when every indispensable endpoint is asked for", async () => {
    const run = await runStack("networking", { config: { natGateways: "None", interfaceEndpoints: INDISPENSABLE } });
    expect(run.error).toBeUndefined();
    const endpoints = run
      .ofType("aws:ec2/vpcEndpoint:VpcEndpoint")
      .filter((endpoint) => endpoint.inputs["vpcEndpointType"] === "Interface");
    expect(endpoints.map((endpoint) => endpoint.inputs["serviceName"])).toEqual(
      INDISPENSABLE.map((service) => `com.amazonaws.us-east-1.${service}`),
    );
    const { privateSubnetIds } = run.one("awsx:ec2:Vpc").state;
    for (const { inputs } of endpoints)
      expect(inputs).toMatchObject({ privateDnsEnabled: true, subnetIds: privateSubnetIds });
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

  it("says why a service can't be looked up", async () => {
    const run = await runStack("networking", {
      config: { interfaceEndpoints: ["sts"] },
      invokes: {
        [GET_SERVICE]: () => {
          throw new Error("UnauthorizedOperation: ec2:DescribeVpcEndpointServices");
        },
      },
    });
    expect(run.error?.message).toContain("sts can't be looked up (UnauthorizedOperation");
    expect(run.resources).toEqual([]);
  });

  it("leaves out what is indispensable but not to be had, as an install by IRSA can do without eks-auth", async () => {
    const run = await runStack("networking", {
      config: { natGateways: "None", interfaceEndpoints: INDISPENSABLE },
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
    for (const [name, policy] of own) {
      const { Statement } = JSON.parse(policy) as { Statement: { Sid: string; Condition?: unknown }[] };
      const unconfined = Statement.filter(({ Condition }) => Condition === undefined).map(({ Sid }) => Sid);
      // Without these no pod gets a role, and no node an image.
      expect(unconfined).toEqual({ sts: ["PodTokens"], s3: ["ImagesAndPackages"] }[name] ?? []);
      expect(Statement[0]?.Condition).toEqual({ StringEquals: { "aws:PrincipalAccount": "123456789012" } });
    }
    expect(own.get("s3")).toContain("arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*");
  });
});
