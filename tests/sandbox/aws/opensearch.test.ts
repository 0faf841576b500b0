import { describe, expect, it } from "@jest/globals";
import { Account, policy, text } from "./account";
import type { Existing, Properties } from "../../../sandbox/provider/types";

interface Place {
  readonly aws: Account;
  readonly subnetIds: string[];
  readonly securityGroupIds: string[];
}

async function place(): Promise<Place> {
  const aws = new Account();
  const { vpcId, subnetIds } = await aws.network();
  const { id } = await aws.make("ec2/securityGroup", { name: "search", vpcId });
  return { aws, subnetIds, securityGroupIds: [id] };
}

/** A domain of two nodes in two zones, with everything that fine-grained access control presupposes. */
function domain({ subnetIds, securityGroupIds }: Place): Record<string, Properties | string> {
  return {
    domainName: "search",
    engineVersion: "OpenSearch_2.13",
    clusterConfig: {
      instanceType: "r6g.large.search",
      instanceCount: 2,
      zoneAwarenessEnabled: true,
      zoneAwarenessConfig: { availabilityZoneCount: 2 },
    },
    ebsOptions: { ebsEnabled: true, volumeType: "gp3", volumeSize: 50 },
    vpcOptions: { subnetIds: subnetIds.slice(0, 2), securityGroupIds },
    encryptAtRest: { enabled: true },
    nodeToNodeEncryption: { enabled: true },
    domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: "Policy-Min-TLS-1-2-PFS-2023-10" },
    advancedSecurityOptions: {
      enabled: true,
      internalUserDatabaseEnabled: true,
      masterUserOptions: { masterUserName: "admin", masterUserPassword: "Correct-Horse-1" },
    },
  };
}

/** The same with some members of its blocks changed. */
function changed(inputs: Record<string, Properties | string>, changes: Properties): Properties {
  const merge = (name: string, value: Properties[string]) => {
    const before = inputs[name];
    const isBlock = typeof value === "object" && value !== null && !Array.isArray(value);
    return isBlock && typeof before === "object" ? { ...before, ...value } : value;
  };
  return {
    ...inputs,
    ...Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, merge(name, value)])),
  };
}

async function made(): Promise<{ aws: Account; inputs: Record<string, Properties | string>; existing: Existing }> {
  const where = await place();
  const inputs = domain(where);
  return { aws: where.aws, inputs, existing: await where.aws.make("opensearch/domain", inputs) };
}

describe("a search domain", () => {
  it("has an endpoint in its VPC", async () => {
    const { existing } = await made();
    expect(existing.id).toBe("arn:aws:es:us-west-2:123456789012:domain/search");
    expect(existing.properties.endpoint).toMatch(/^vpc-search-[a-z0-9]{26}\.us-west-2\.es\.amazonaws\.com$/);
    expect(existing.properties.vpcOptions).toMatchObject({ availabilityZones: ["us-west-2a", "us-west-2b"] });
  });

  it("keeps its endpoint when it changes, and its subnets from being deleted", async () => {
    const { aws, inputs, existing } = await made();
    const grown = changed(inputs, { ebsOptions: { volumeSize: 100 }, clusterConfig: { instanceCount: 4 } });
    const after = await aws.update("opensearch/domain", existing, grown);
    expect(after.properties.endpoint).toBe(text(existing.properties, "endpoint"));
    const [subnet] = aws.world.list("aws:ec2/subnet:Subnet");
    if (!subnet) throw new Error("there are three");
    await expect(aws.destroy("ec2/subnet", subnet)).rejects.toThrow(/DependencyViolation/);
  });

  const cluster = (change: Properties) => ({ clusterConfig: change });
  it.each<[Properties, RegExp]>([
    [{ domainName: "ab" }, /3 to 28/],
    [{ domainName: "Search" }, /Search/],
    [{ domainName: "a".repeat(29) }, /29 characters/],
    [{ engineVersion: "OpenSearch_2.4" }, /engineVersion/],
    [cluster({ instanceType: "r6g.large" }), /none that OpenSearch Service has/],
    [cluster({ instanceType: "r6g.small.search" }), /none that OpenSearch Service has/],
    [cluster({ instanceCount: 3 }), /multiple of 2/],
    [cluster({ instanceCount: 82 }), /1 to 80/],
    [cluster({ zoneAwarenessConfig: { availabilityZoneCount: 4 } }), /choose 2 or 3/],
    [cluster({ zoneAwarenessEnabled: false }), /exactly 1 subnet,/],
    [
      cluster({ dedicatedMasterEnabled: true, dedicatedMasterType: "m6g.large.search", dedicatedMasterCount: 2 }),
      /3, 5/,
    ],
    [cluster({ dedicatedMasterCount: 3 }), /dedicatedMasterEnabled/],
    [cluster({ warmEnabled: true }), /warmType/],
    [{ ...cluster({ instanceType: "t3.small.search" }), autoTuneOptions: { desiredState: "ENABLED" } }, /Auto-Tune/],
    [{ ebsOptions: { ebsEnabled: false } }, /EBS storage must be selected/],
    [cluster({ instanceType: "r6gd.large.search" }), /disks of its own/],
    [{ ebsOptions: { volumeSize: 5 } }, /between 10 and 1536/],
    [{ ...cluster({ instanceType: "t3.small.search" }), ebsOptions: { volumeSize: 200 } }, /between 10 and 100/],
    [{ ebsOptions: { iops: 100 } }, /iops/],
    [{ ebsOptions: { volumeType: "gp4" } }, /volumeType/],
    [{ encryptAtRest: { enabled: false } }, /set encryptAtRest\.enabled/],
    [{ nodeToNodeEncryption: { enabled: false } }, /set nodeToNodeEncryption\.enabled/],
    [{ domainEndpointOptions: { enforceHttps: false } }, /set domainEndpointOptions\.enforceHttps/],
    [{ domainEndpointOptions: { tlsSecurityPolicy: "Policy-Min-TLS-1-3" } }, /tlsSecurityPolicy/],
    [{ advancedSecurityOptions: { masterUserOptions: { masterUserName: "admin" } } }, /masterUserPassword/],
    [
      { advancedSecurityOptions: { masterUserOptions: { masterUserName: "admin", masterUserPassword: "password" } } },
      /uppercase letter/,
    ],
    [{ advancedSecurityOptions: { internalUserDatabaseEnabled: false } }, /masterUserArn/],
    [{ encryptAtRest: { kmsKeyId: "01234567-89ab-4cde-8f01-0123456789ab" } }, /does not exist/],
    [{ offPeakWindowOptions: { offPeakWindow: { windowStartTime: { hours: 24, minutes: 0 } } } }, /hours is 24/],
    [{ accessPolicies: "none" }, /JSON/],
  ])("is refused with %j", async (change, reason) => {
    const where = await place();
    await expect(where.aws.make("opensearch/domain", changed(domain(where), change))).rejects.toThrow(reason);
  });

  it("is in one subnet of each zone", async () => {
    const where = await place();
    const { aws, subnetIds } = where;
    const three = changed(domain(where), { vpcOptions: { subnetIds } });
    await expect(aws.make("opensearch/domain", three)).rejects.toThrow(/exactly 2 subnets/);
    const [first = ""] = subnetIds;
    const vpcId = text(aws.world.get("aws:ec2/subnet:Subnet", first)?.properties ?? {}, "vpcId");
    const inputs = { vpcId, cidrBlock: "10.0.9.0/24", availabilityZone: "us-west-2a" };
    const beside = (await aws.make("ec2/subnet", inputs)).id;
    const same = changed(domain(where), { vpcOptions: { subnetIds: [first, beside] } });
    await expect(aws.make("opensearch/domain", same)).rejects.toThrow(/another Availability Zone/);
  });

  it("goes forward by the ways that lead to a version, and never back", async () => {
    const { aws, inputs, existing } = await made();
    const to = (engineVersion: string) => aws.update("opensearch/domain", existing, { ...inputs, engineVersion });
    await expect(to("OpenSearch_3.1")).rejects.toThrow(/in one step/);
    await to("OpenSearch_2.19");
    await expect(to("OpenSearch_2.13")).rejects.toThrow(/can't go back/);
    await to("OpenSearch_3.1");
  });

  it("is made anew when its protection or its network is taken from it, and changes in place otherwise", async () => {
    const { aws, inputs, existing } = await made();
    const replaces = async (next: Properties) => (await aws.diff("opensearch/domain", existing, next)).replaces;
    const plain: Properties = { ...inputs };
    delete plain.vpcOptions;
    expect(await replaces(plain)).toEqual(["vpcOptions"]);
    expect(await replaces(changed(inputs, { advancedSecurityOptions: { enabled: false } }))).toEqual([
      "advancedSecurityOptions",
    ]);
    expect(await replaces(changed(inputs, { ebsOptions: { volumeSize: 100 } }))).toEqual([]);
  });

  it("is alone with its name", async () => {
    const { aws, inputs } = await made();
    await expect(aws.make("opensearch/domain", inputs)).rejects.toThrow(/ResourceAlreadyExistsException/);
  });
});

describe("a domain's logs", () => {
  const publish = (arn: string, logType = "ES_APPLICATION_LOGS") => ({
    logPublishingOptions: [{ cloudwatchLogGroupArn: arn, logType }],
  });
  const allow = (resource: string) =>
    policy({
      Effect: "Allow",
      Principal: { Service: "es.amazonaws.com" },
      Action: ["logs:PutLogEvents", "logs:CreateLogStream"],
      Resource: resource,
    });

  it("go to a log group that is there, by a policy for the service", async () => {
    const where = await place();
    const { aws } = where;
    const group = await aws.make("cloudwatch/logGroup", { name: "/search/application" });
    const arn = text(group.properties, "arn");
    const inputs = { ...domain(where), ...publish(arn) };
    await expect(aws.make("opensearch/domain", inputs)).rejects.toThrow(/Resource Access Policy/);
    const other = { policyName: "other", policyDocument: allow(`${arn}-of-others:*`) };
    await aws.make("cloudwatch/logResourcePolicy", other);
    await expect(aws.make("opensearch/domain", inputs)).rejects.toThrow(/Resource Access Policy/);
    await aws.make("cloudwatch/logResourcePolicy", { policyName: "search", policyDocument: allow(`${arn}:*`) });
    await aws.make("opensearch/domain", inputs);
    const missing = publish(arn.replace("application", "none"));
    await expect(aws.make("opensearch/domain", { ...domain(where), domainName: "second", ...missing })).rejects.toThrow(
      /LogGroup/,
    );
  });

  it("are audited only with fine-grained access control", async () => {
    const where = await place();
    const inputs = changed(domain(where), {
      ...publish("arn:aws:logs:us-west-2:123456789012:log-group:none", "AUDIT_LOGS"),
      advancedSecurityOptions: { enabled: false },
    });
    await expect(where.aws.make("opensearch/domain", inputs)).rejects.toThrow(/audit logs need/);
  });
});
