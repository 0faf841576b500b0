import { describe, expect, it } from "@jest/globals";
import { Account, text } from "./account";
import type { Properties } from "../../../sandbox/provider/types";

const visible = (metricName: string) => ({
  metricName,
  cloudwatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
});

function managed(name: string, priority: number, more: Properties = {}): Properties {
  return {
    name,
    priority,
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: { vendorName: "AWS", name } },
    visibilityConfig: visible(name),
    ...more,
  };
}

function limited(name: string, priority: number, limit: number): Properties {
  return {
    name,
    priority,
    action: { block: {} },
    statement: { rateBasedStatement: { limit, aggregateKeyType: "IP" } },
    visibilityConfig: visible(name),
  };
}

function webAcl(rules: Properties[], more: Properties = {}): Properties {
  return {
    name: "edge",
    scope: "REGIONAL",
    defaultAction: { allow: {} },
    rules,
    visibilityConfig: visible("edge"),
    ...more,
  };
}

const common = "AWSManagedRulesCommonRuleSet";

describe("a web ACL", () => {
  it("counts what its rules cost", async () => {
    const made = await new Account().make("wafv2/webAcl", webAcl([managed(common, 1), limited("rate", 2, 2000)]));
    expect(made.properties.capacity).toBe(702);
    expect(made.properties.arn).toMatch(/^arn:aws:wafv2:us-west-2:\d+:regional\/webacl\/edge\/[0-9a-f-]{36}$/);
  });

  it.each<[string, Properties, RegExp]>([
    ["a group that AWS doesn't have", webAcl([managed("AWSManagedRulesNone", 1)]), /WAFNonexistentItemException/],
    ["a priority twice", webAcl([managed(common, 1), limited("rate", 1, 2000)]), /priority 1 is there twice/],
    ["a name twice", webAcl([limited("rate", 1, 2000), limited("rate", 2, 2000)]), /rate is there twice/],
    ["a limit of five", webAcl([limited("rate", 1, 5)]), /limit is 5/],
    ["an action on a group", webAcl([managed(common, 1, { action: { block: {} } })]), /has no action/],
    ["a rule that does nothing", webAcl([{ ...limited("rate", 1, 100), action: null }]), /needs an action/],
    ["two default actions", webAcl([], { defaultAction: { allow: {}, block: {} } }), /allow or block/],
    ["another scope", webAcl([], { scope: "GLOBAL" }), /scope is GLOBAL/],
    ["CloudFront's scope elsewhere", webAcl([], { scope: "CLOUDFRONT" }), /us-east-1/],
    ["too much to do", webAcl(Array.from({ length: 8 }, (_, n) => managed(common, n, { name: `n${n}` }))), /5600/],
  ])("is refused with %s", async (_what, inputs, reason) => {
    await expect(new Account().make("wafv2/webAcl", inputs)).rejects.toThrow(reason);
  });

  it("protects a load balancer, one only has it, and stays while it does", async () => {
    const aws = new Account();
    const { subnetIds: subnets } = await aws.network();
    const balancer = await aws.make("lb/loadBalancer", { name: "edge", subnets, internal: true });
    const acl = await aws.make("wafv2/webAcl", webAcl([]));
    const inputs = { resourceArn: balancer.id, webAclArn: text(acl.properties, "arn") };
    await expect(
      aws.make("wafv2/webAclAssociation", { ...inputs, resourceArn: balancer.id.replace("edge", "none") }),
    ).rejects.toThrow(/WAFUnavailableEntityException/);
    await aws.make("wafv2/webAclAssociation", inputs);
    const second = await aws.make("wafv2/webAcl", webAcl([], { name: "second" }));
    await expect(
      aws.make("wafv2/webAclAssociation", { ...inputs, webAclArn: text(second.properties, "arn") }),
    ).rejects.toThrow(/has a web ACL already/);
    await expect(aws.destroy("wafv2/webAcl", acl)).rejects.toThrow(/WAFAssociatedItemException/);
    await aws.destroy("lb/loadBalancer", balancer);
    await aws.destroy("wafv2/webAcl", acl);
  });

  it("keeps the sets that its rules name", async () => {
    const aws = new Account();
    const addresses = ["192.0.2.0/24"];
    const set = await aws.make("wafv2/ipSet", {
      name: "office",
      scope: "REGIONAL",
      ipAddressVersion: "IPV4",
      addresses,
    });
    const rule = {
      ...limited("office", 1, 100),
      statement: { ipSetReferenceStatement: { arn: text(set.properties, "arn") } },
    };
    const acl = await aws.make("wafv2/webAcl", webAcl([rule]));
    await expect(aws.destroy("wafv2/ipSet", set)).rejects.toThrow(/WAFAssociatedItemException/);
    await aws.destroy("wafv2/webAcl", acl);
    await aws.destroy("wafv2/ipSet", set);
  });

  it("logs only to what is named for it", async () => {
    const aws = new Account();
    const acl = await aws.make("wafv2/webAcl", webAcl([]));
    const log = async (name: string) => {
      const group = await aws.make("cloudwatch/logGroup", { name });
      return aws.make("wafv2/webAclLoggingConfiguration", {
        resourceArn: text(acl.properties, "arn"),
        logDestinationConfigs: [text(group.properties, "arn")],
      });
    };
    await expect(log("edge")).rejects.toThrow(/must begin with aws-waf-logs-/);
    await log("aws-waf-logs-edge");
  });
});

describe("an IP set", () => {
  it.each<[string, string]>([
    ["IPV4", "192.0.2.1"],
    ["IPV4", "0.0.0.0/0"],
    ["IPV4", "2001:db8::/32"],
    ["IPV6", "192.0.2.0/24"],
  ])("of %s is refused %s", async (ipAddressVersion, address) => {
    const inputs = { name: "office", scope: "REGIONAL", ipAddressVersion, addresses: [address] };
    await expect(new Account().make("wafv2/ipSet", inputs)).rejects.toThrow(/must be CIDR blocks/);
  });
});
