import { describe, expect, it } from "@jest/globals";
import { Account, policy, text } from "./account";
import type { Existing, Properties } from "../../../sandbox/provider/types";

interface Network {
  readonly aws: Account;
  readonly vpcId: string;
  readonly subnets: string[];
  readonly securityGroup: string;
}

/** A VPC with an internet gateway, three subnets and a security group. */
async function network(): Promise<Network> {
  const aws = new Account();
  const { vpcId, subnetIds } = await aws.network();
  await aws.make("ec2/internetGateway", { vpcId });
  const { id } = await aws.make("ec2/securityGroup", { name: "edge", vpcId });
  return { aws, vpcId, subnets: subnetIds, securityGroup: id };
}

const notFound = { type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "404" } };

/** A load balancer with a plain listener and a target group. */
async function edge() {
  const place = await network();
  const { aws, subnets, vpcId, securityGroup } = place;
  const balancer = await aws.make("lb/loadBalancer", { name: "edge", subnets, securityGroups: [securityGroup] });
  const group = await aws.make("lb/targetGroup", targets(vpcId));
  const listener = await aws.make("lb/listener", {
    loadBalancerArn: balancer.id,
    port: 80,
    defaultActions: [notFound],
  });
  return { ...place, balancer, group, listener };
}

function targets(vpcId: string, more: Properties = {}): Properties {
  return { name: "api", vpcId, port: 8080, protocol: "HTTP", targetType: "ip", ...more };
}

function rule(listener: Existing, group: Existing, more: Properties = {}): Properties {
  return {
    listenerArn: listener.id,
    priority: 10,
    conditions: [{ hostHeader: { values: ["api.example.org"] } }],
    actions: [{ type: "forward", targetGroupArn: group.id }],
    ...more,
  };
}

/** A certificate that ACM has issued, or is about to. */
async function certificate(aws: Account, issued: boolean): Promise<string> {
  const zone = await aws.make("route53/zone", { name: "example.org" });
  const made = await aws.make("acm/certificate", { domainName: "api.example.org", validationMethod: "DNS" });
  const [proof] = made.properties.domainValidationOptions as unknown as Record<string, string>[];
  const { resourceRecordName: name = "", resourceRecordType: type = "", resourceRecordValue = "" } = proof ?? {};
  if (issued) {
    await aws.make("route53/record", { zoneId: zone.id, name, type, ttl: 60, records: [resourceRecordValue] });
    await aws.make("acm/certificateValidation", { certificateArn: made.id });
  }
  return made.id;
}

describe("a load balancer", () => {
  it("has a host name in the hosted zone of its Region", async () => {
    const { balancer, vpcId } = await edge();
    const { properties } = balancer;
    expect(balancer.id).toMatch(/^arn:aws:elasticloadbalancing:us-west-2:\d+:loadbalancer\/app\/edge\/[0-9a-f]{16}$/);
    expect(properties.dnsName).toMatch(/^edge-\d{10}\.us-west-2\.elb\.amazonaws\.com$/);
    expect(properties).toMatchObject({ zoneId: "Z1H1FL5HABSF5", vpcId, arn: balancer.id });
    expect(text(properties, "arnSuffix")).toBe(balancer.id.split(":loadbalancer/")[1]);
  });

  it("is an alias record's target", async () => {
    const { aws, balancer } = await edge();
    const { id: zoneId } = await aws.make("route53/zone", { name: "example.org" });
    const { dnsName: name = "", zoneId: targetZone = "" } = balancer.properties;
    const aliases = [{ name, zoneId: targetZone, evaluateTargetHealth: true }];
    const record = await aws.make("route53/record", { zoneId, name: "api", type: "A", aliases });
    expect(record.properties.fqdn).toBe("api.example.org");
  });

  it.each<[string, (place: Network) => Promise<Properties> | Properties, RegExp]>([
    ["one zone", ({ subnets }) => ({ subnets: subnets.slice(0, 1) }), /two different Availability Zones/],
    ["a long name", () => ({ name: "a".repeat(33) }), /at most 32/],
    ["a name that is AWS's", () => ({ name: "internal-api" }), /internal-/],
    ["an underscore", () => ({ name: "my_alb" }), /letters, digits and hyphens/],
    ["a hyphen at the end", () => ({ name: "my-" }), /hyphen/],
    ["an idle timeout of none", () => ({ idleTimeout: 0 }), /idleTimeout is 0/],
    ["a made-up mitigation mode", () => ({ desyncMitigationMode: "none" }), /desyncMitigationMode/],
    ["a subnet that isn't there", () => ({ subnets: ["subnet-0123456789abcdef0"] }), /InvalidSubnetID\.NotFound/],
    [
      "a bucket that isn't there",
      () => ({ accessLogs: { bucket: "none", enabled: true } }),
      /Access Denied for bucket/,
    ],
    [
      "a security group of another VPC",
      async ({ aws }) => {
        const { id: vpcId } = await aws.make("ec2/vpc", { cidrBlock: "10.9.0.0/16" });
        return { securityGroups: [(await aws.make("ec2/securityGroup", { name: "other", vpcId })).id] };
      },
      /security groups are invalid/,
    ],
    [
      "two subnets of a zone",
      async ({ aws, vpcId, subnets }) => {
        const inputs = { vpcId, cidrBlock: "10.0.9.0/24", availabilityZone: "us-west-2a" };
        return { subnets: [...subnets, (await aws.make("ec2/subnet", inputs)).id] };
      },
      /same Availability Zone/,
    ],
  ])("is refused with %s", async (_what, change, reason) => {
    const place = await network();
    const inputs = { name: "edge", subnets: place.subnets, ...(await change(place)) };
    await expect(place.aws.make("lb/loadBalancer", inputs)).rejects.toThrow(reason);
  });

  it("faces the internet only through an internet gateway", async () => {
    const aws = new Account();
    const { subnetIds: subnets } = await aws.network();
    await expect(aws.make("lb/loadBalancer", { name: "edge", subnets })).rejects.toThrow(/no internet gateway/);
    const inside = await aws.make("lb/loadBalancer", { name: "edge", subnets, internal: true });
    expect(inside.properties.dnsName).toMatch(/^internal-edge-/);
  });

  it("writes its logs to a bucket whose policy lets it", async () => {
    const { aws, subnets } = await network();
    const { id: bucket } = await aws.make("s3/bucket", { bucket: "edge-logs" });
    const inputs = { name: "edge", subnets, accessLogs: { bucket, enabled: true } };
    await expect(aws.make("lb/loadBalancer", inputs)).rejects.toThrow(/Access Denied for bucket: edge-logs/);
    const document = policy({
      Effect: "Allow",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::edge-logs/*",
    });
    await aws.make("s3/bucketPolicy", { bucket, policy: document });
    await aws.make("lb/loadBalancer", inputs);
  });

  it("isn't deleted while it is protected, and takes its listeners along", async () => {
    const { aws, balancer, group, listener } = await edge();
    await aws.make("lb/listenerRule", rule(listener, group));
    const inputs = aws.world.get("aws:lb/loadBalancer:LoadBalancer", balancer.id)?.inputs ?? {};
    await aws.update("lb/loadBalancer", balancer, { ...inputs, enableDeletionProtection: true });
    await expect(aws.destroy("lb/loadBalancer", balancer)).rejects.toThrow(/OperationNotPermitted/);
    await aws.update("lb/loadBalancer", balancer, { ...inputs, enableDeletionProtection: false });
    await aws.destroy("lb/loadBalancer", balancer);
    const left = aws.world.all().filter(({ type }) => type.startsWith("aws:lb/"));
    expect(left.map(({ type }) => type)).toEqual(["aws:lb/targetGroup:TargetGroup"]);
  });

  it("keeps its subnets and security groups from being deleted, and its name from others", async () => {
    const { aws, subnets, securityGroup } = await edge();
    const group = aws.world.get("aws:ec2/securityGroup:SecurityGroup", securityGroup);
    await expect(
      aws.destroy("ec2/securityGroup", { id: securityGroup, properties: group?.properties ?? {} }),
    ).rejects.toThrow(/DependencyViolation/);
    await expect(aws.make("lb/loadBalancer", { name: "edge", subnets })).rejects.toThrow(/DuplicateLoadBalancerName/);
  });
});

describe("a target group", () => {
  it("is checked by HTTP every 30 seconds unless told otherwise", async () => {
    const { group } = await edge();
    expect(group.properties.healthCheck).toMatchObject({ path: "/", protocol: "HTTP", interval: 30, timeout: 5 });
    expect(group.id).toMatch(/:targetgroup\/api\/[0-9a-f]{16}$/);
  });

  it.each<[Properties, RegExp]>([
    [{ name: "a".repeat(33) }, /at most 32/],
    [{ port: 0 }, /port is 0/],
    [{ protocol: "FTP" }, /protocol is FTP/],
    [{ targetType: "pod" }, /targetType is pod/],
    [{ deregistrationDelay: 3601 }, /deregistrationDelay/],
    [{ slowStart: 10 }, /slowStart/],
    [{ healthCheck: { interval: 5, timeout: 5 } }, /smaller than the interval/],
    [{ healthCheck: { healthyThreshold: 1 } }, /healthyThreshold/],
    [{ healthCheck: { path: "health" } }, /must begin with \//],
    [{ healthCheck: { matcher: "2xx" } }, /matcher/],
    [{ stickiness: { type: "cookie" } }, /stickiness\.type/],
    [{ vpcId: "vpc-0123456789abcdef0" }, /InvalidVpcID\.NotFound/],
  ])("is refused with %j", async (change, reason) => {
    const { aws, vpcId } = await network();
    await expect(aws.make("lb/targetGroup", targets(vpcId, change))).rejects.toThrow(reason);
  });

  it("needs port, protocol and VPC, except for functions", async () => {
    const { aws } = await network();
    await expect(aws.make("lb/targetGroup", { name: "api", targetType: "ip" })).rejects.toThrow(
      /port, protocol, vpcId/,
    );
    await aws.make("lb/targetGroup", { name: "api", targetType: "lambda" });
  });

  it("isn't deleted while a rule forwards to it", async () => {
    const { aws, group, listener } = await edge();
    const made = await aws.make("lb/listenerRule", rule(listener, group));
    await expect(aws.destroy("lb/targetGroup", group)).rejects.toThrow(/ResourceInUse/);
    await aws.destroy("lb/listenerRule", made);
    await aws.destroy("lb/targetGroup", group);
  });
});

describe("a listener", () => {
  it("serves HTTPS with a certificate that ACM has issued", async () => {
    const { aws, balancer } = await edge();
    const certificateArn = await certificate(aws, true);
    const https = { loadBalancerArn: balancer.id, port: 443, protocol: "HTTPS", defaultActions: [notFound] };
    const listener = await aws.make("lb/listener", { ...https, certificateArn });
    expect(listener.properties).toMatchObject({ sslPolicy: "ELBSecurityPolicy-2016-08", arn: listener.id });
    const held = { id: certificateArn, properties: {} };
    await expect(aws.destroy("acm/certificate", held)).rejects.toThrow(/ResourceInUseException/);
    await aws.destroy("lb/listener", listener);
    await aws.destroy("acm/certificate", held);
  });

  it("is refused a certificate that isn't issued, or isn't there", async () => {
    const { aws, balancer } = await edge();
    const https = { loadBalancerArn: balancer.id, port: 443, protocol: "HTTPS", defaultActions: [notFound] };
    const pending = await certificate(aws, false);
    await expect(aws.make("lb/listener", { ...https, certificateArn: pending })).rejects.toThrow(
      /UnsupportedCertificate/,
    );
    const elsewhere = pending.replace("us-west-2", "us-east-1");
    await expect(aws.make("lb/listener", { ...https, certificateArn: elsewhere })).rejects.toThrow(
      /CertificateNotFound/,
    );
    await expect(aws.make("lb/listener", https)).rejects.toThrow(/certificate must be specified/);
  });

  it.each<[Properties, RegExp]>([
    [{ port: 80 }, /DuplicateListener/],
    [{ port: 70_000 }, /port is 70000/],
    [{ protocol: "TCP" }, /protocol is TCP/],
    [{ sslPolicy: "ELBSecurityPolicy-2016-08" }, /SSL policy cannot be specified/],
    [
      { protocol: "HTTPS", certificateArn: "arn:aws:iam::123456789012:server-certificate/a", sslPolicy: "Mine" },
      /SSLPolicyNotFound/,
    ],
    [{ defaultActions: [{ type: "forward" }] }, /targetGroupArn or forward/],
    [{ defaultActions: [{ type: "redirect", redirect: { statusCode: "HTTP_301" } }] }, /loop/],
    [{ defaultActions: [{ type: "redirect", redirect: { port: "443", statusCode: "301" } }] }, /HTTP_301/],
    [{ defaultActions: [{ ...notFound, fixedResponse: { contentType: "text/plain", statusCode: "301" } }] }, /2XX/],
    [{ defaultActions: [notFound, notFound] }, /exactly one/],
  ])("is refused with %j", async (change, reason) => {
    const { aws, balancer } = await edge();
    const inputs = { loadBalancerArn: balancer.id, port: 8080, defaultActions: [notFound], ...change };
    await expect(aws.make("lb/listener", inputs)).rejects.toThrow(reason);
  });
});

describe("a listener's rule", () => {
  it("takes the next priority when it is given none, and keeps it", async () => {
    const { aws, listener, group } = await edge();
    await aws.make("lb/listenerRule", rule(listener, group, { priority: 7 }));
    const inputs = rule(listener, group);
    delete inputs.priority;
    const made = await aws.make("lb/listenerRule", inputs);
    expect(made.properties.priority).toBe(8);
    const changed = await aws.update("lb/listenerRule", made, { ...inputs, tags: { a: "b" } });
    expect(changed.properties.priority).toBe(8);
  });

  const six = ["a", "b", "c", "d", "e", "f"].map((label) => `${label}.example.org`);
  it.each<[Properties, RegExp]>([
    [{ priority: 1 }, /PriorityInUse/],
    [{ priority: 50_001 }, /priority is 50001/],
    [{ conditions: [] }, /at least one condition/],
    [{ conditions: [{ hostHeader: { values: six } }] }, /TooManyConditionValues/],
    [{ conditions: [{ hostHeader: { values: ["api_example"] } }] }, /is no host name/],
    [{ conditions: [{ pathPattern: { values: ["/a b"] } }] }, /path pattern/],
    [{ conditions: [{ hostHeader: { values: ["a.b"] }, pathPattern: { values: ["/"] } }] }, /exactly one of/],
  ])("is refused with %j", async (change, reason) => {
    const { aws, listener, group } = await edge();
    await aws.make("lb/listenerRule", rule(listener, group, { priority: 1 }));
    await expect(aws.make("lb/listenerRule", rule(listener, group, { priority: 2, ...change }))).rejects.toThrow(
      reason,
    );
  });

  it("forwards to targets of the load balancer's own VPC, which serve no other load balancer", async () => {
    const { aws, listener, group, subnets, vpcId } = await edge();
    const { id: other } = await aws.make("ec2/vpc", { cidrBlock: "10.9.0.0/16" });
    const stranger = await aws.make("lb/targetGroup", targets(other, { name: "stranger" }));
    await expect(aws.make("lb/listenerRule", rule(listener, stranger))).rejects.toThrow(/different VPC/);
    const plain = await aws.make("lb/targetGroup", targets(vpcId, { name: "plain", protocol: "TCP" }));
    await expect(aws.make("lb/listenerRule", rule(listener, plain))).rejects.toThrow(/IncompatibleProtocols/);
    await aws.make("lb/listenerRule", rule(listener, group));
    const second = await aws.make("lb/loadBalancer", { name: "second", subnets });
    const forward = [{ type: "forward", targetGroupArn: group.id }];
    await expect(
      aws.make("lb/listener", { loadBalancerArn: second.id, port: 80, defaultActions: forward }),
    ).rejects.toThrow(/TargetGroupAssociationLimit/);
  });
});
