import { describe, expect, it } from "@jest/globals";
import { Account, text } from "./account";
import { accountAsFound } from "../../../sandbox/seed";
import type { Existing, Properties } from "../../../sandbox/provider/types";

/** An account with a public zone. */
async function withZone(name = "example.org"): Promise<{ aws: Account; zone: Existing; zoneId: string }> {
  const aws = new Account();
  const zone = await aws.make("route53/zone", { name });
  return { aws, zone, zoneId: zone.id };
}

const address = { type: "A", ttl: 60, records: ["192.0.2.1"] };

describe("a hosted zone", () => {
  it("has four name servers, and the records that name them", async () => {
    const { aws, zone, zoneId } = await withZone();
    expect(zone.properties.nameServers).toHaveLength(4);
    expect(zoneId).toMatch(/^Z[0-9A-Z]{20}$/);
    const records = aws.world.list("aws:route53/record:Record");
    expect(records.map(({ properties }) => properties.type)).toEqual(["NS", "SOA"]);
  });

  it("isn't deleted while it holds records of others", async () => {
    const { aws, zone, zoneId } = await withZone();
    const record = await aws.make("route53/record", { zoneId, name: "api", ...address });
    await expect(aws.destroy("route53/zone", zone)).rejects.toThrow(/HostedZoneNotEmpty.*api\.example\.org A/);
    await aws.destroy("route53/record", record);
    await aws.destroy("route53/zone", zone);
    expect(aws.world.all()).toEqual([]);
  });

  it("goes with its records when it may be destroyed by force", async () => {
    const aws = new Account();
    const zone = await aws.make("route53/zone", { name: "example.org", forceDestroy: true });
    await aws.make("route53/record", { zoneId: zone.id, name: "api", ...address });
    await aws.destroy("route53/zone", zone);
    expect(aws.world.all()).toEqual([]);
  });

  it.each(["com", "ex ample.org", `${"a".repeat(64)}.org`])("is refused the name %s", async (name) => {
    await expect(new Account().make("route53/zone", { name })).rejects.toThrow(/InvalidDomainName/);
  });
});

describe("a private zone", () => {
  it("is alone with its name in a VPC, and keeps one VPC at least", async () => {
    const aws = new Account();
    const { vpcId } = await aws.network(1);
    const zone = await aws.make("route53/zone", { name: "example.org", vpcs: [{ vpcId }] });
    await expect(aws.make("route53/zone", { name: "example.org", vpcs: [{ vpcId }] })).rejects.toThrow(
      /ConflictingDomainExists/,
    );
    const other = (await aws.make("ec2/vpc", { cidrBlock: "10.9.0.0/16" })).id;
    const association = await aws.make("route53/zoneAssociation", { zoneId: zone.id, vpcId: other });
    await aws.destroy("route53/zoneAssociation", association);
  });

  it("is asked for: a public one has no VPC", async () => {
    const { aws, zone, zoneId } = await withZone();
    const { vpcId } = await aws.network(1);
    await expect(aws.make("route53/zoneAssociation", { zoneId, vpcId })).rejects.toThrow(/PublicZoneVPCAssociation/);
    await expect(aws.update("route53/zone", zone, { name: "example.org", vpcs: [{ vpcId }] })).rejects.toThrow(
      /PublicZoneVPCAssociation/,
    );
  });
});

describe("a record", () => {
  it("is in its zone, whether its name says so or not", async () => {
    const { aws, zoneId } = await withZone();
    const short = await aws.make("route53/record", { zoneId, name: "api", ...address });
    const full = await aws.make("route53/record", { zoneId, name: "App.example.org.", ...address });
    expect([short.properties.fqdn, full.properties.fqdn]).toEqual(["api.example.org", "app.example.org"]);
    expect(short.id).toBe(`${zoneId}_api.example.org_A`);
  });

  it("is refused when it is there already, unless it may overwrite", async () => {
    const { aws, zoneId } = await withZone();
    const inputs = { zoneId, name: "api.example.org", ...address };
    await aws.make("route53/record", inputs);
    await expect(aws.make("route53/record", { ...inputs, name: "api" })).rejects.toThrow(/InvalidChangeBatch.*exists/);
    const other = { ...inputs, records: ["192.0.2.2"], allowOverwrite: true };
    expect((await aws.make("route53/record", other)).properties.records).toEqual(["192.0.2.2"]);
  });

  const cname = { type: "CNAME", ttl: 60, records: ["example.com"] };
  it.each<[string, Properties, RegExp]>([
    ["a CNAME at the apex", { name: "example.org", ...cname }, /not permitted at apex/],
    ["a CNAME beside another record", { name: "api", ...cname }, /a CNAME stands alone/],
    ["a host name for an address", { name: "b", type: "A", ttl: 60, records: ["example.com"] }, /IPv4 address/],
    ["an IPv4 address in an AAAA record", { name: "b", ...address, type: "AAAA" }, /IPv6 address/],
    ["no time to live", { name: "b", type: "A", records: ["192.0.2.1"] }, /ttl/],
    ["nothing to answer", { name: "b", type: "A" }, /give records/],
    ["one value twice", { name: "b", type: "A", ttl: 60, records: ["192.0.2.1", "192.0.2.1"] }, /Duplicate/],
    ["a type that doesn't exist", { name: "b", type: "B", ttl: 60, records: ["x"] }, /type is B/],
    [
      "weights without an identifier",
      { name: "b", ...address, weightedRoutingPolicies: [{ weight: 1 }] },
      /setIdentif/,
    ],
    ["a CAA value without quotes", { name: "b", type: "CAA", ttl: 60, records: ["0 issue amazon.com"] }, /0 issue "/],
    ["CAA flags over a byte", { name: "b", type: "CAA", ttl: 60, records: ['256 issue "amazon.com"'] }, /type CAA/],
    [
      "a routing policy beside a record without one",
      { name: "api", ...address, setIdentifier: "one", failoverRoutingPolicies: [{ type: "PRIMARY" }] },
      /another routing policy, or none/,
    ],
    ["a long text in one string", { name: "b", type: "TXT", ttl: 60, records: ["x".repeat(256)] }, /255 characters/],
  ])("is refused with %s", async (_what, inputs, reason) => {
    const { aws, zoneId } = await withZone();
    await aws.make("route53/record", { zoneId, name: "api", ...address });
    await expect(aws.make("route53/record", { zoneId, ...inputs })).rejects.toThrow(reason);
  });

  it("shares its name with those of the same routing policy, one of each place in a failover", async () => {
    const { aws, zoneId } = await withZone();
    const record = (setIdentifier: string, type: string) =>
      aws.make("route53/record", {
        zoneId,
        name: "api",
        ...address,
        setIdentifier,
        failoverRoutingPolicies: [{ type }],
      });
    await record("one", "PRIMARY");
    await record("two", "SECONDARY");
    await expect(record("three", "SECONDARY")).rejects.toThrow(/is the failover's SECONDARY already/);
    await expect(
      aws.make("route53/record", {
        zoneId,
        name: "api",
        ...address,
        setIdentifier: "four",
        weightedRoutingPolicies: [{ weight: 1 }],
      }),
    ).rejects.toThrow(/another routing policy/);
    await expect(aws.make("route53/record", { zoneId, name: "api", ...address })).rejects.toThrow(
      /another routing policy, or none/,
    );
  });

  it("needs a zone that exists", async () => {
    await expect(
      new Account().make("route53/record", { zoneId: "Z0123456789ABCDEFGHIJ", name: "api", ...address }),
    ).rejects.toThrow(/NoSuchHostedZone/);
  });

  it("can't be the zone's own name servers' when it is deleted", async () => {
    const { aws, zoneId } = await withZone();
    const servers = {
      zoneId,
      name: "example.org",
      type: "NS",
      ttl: 60,
      records: ["ns.example.com"],
      allowOverwrite: true,
    };
    const record = await aws.make("route53/record", servers);
    await expect(aws.destroy("route53/record", record)).rejects.toThrow(/at least one NS record/);
  });
});

describe("an alias", () => {
  const dnsName = "my-alb-1234567890.us-west-2.elb.amazonaws.com";
  const alias = (zoneId: string, name = dnsName) => ({
    name: "api",
    type: "A",
    aliases: [{ name, zoneId, evaluateTargetHealth: false }],
  });

  it("leads to a load balancer by the hosted zone of its Region", async () => {
    const { aws, zoneId } = await withZone();
    const record = await aws.make("route53/record", { zoneId, ...alias("Z1H1FL5HABSF5", `dualstack.${dnsName}`) });
    expect(record.properties.fqdn).toBe("api.example.org");
    await expect(aws.make("route53/record", { zoneId, ...alias("Z35SXDOTRQ7X7K"), name: "b" })).rejects.toThrow(
      /does not lie within the target zone/,
    );
  });

  it("leads to a record of its own zone only when that is there", async () => {
    const { aws, zoneId } = await withZone();
    await expect(aws.make("route53/record", { zoneId, ...alias(zoneId, "www.example.org") })).rejects.toThrow(
      /not found/,
    );
    await aws.make("route53/record", { zoneId, name: "www", ...address });
    await aws.make("route53/record", { zoneId, ...alias(zoneId, "www.example.org") });
  });

  it("has no ttl", async () => {
    const { aws, zoneId } = await withZone();
    await expect(aws.make("route53/record", { zoneId, ...alias("Z1H1FL5HABSF5"), ttl: 60 })).rejects.toThrow(/ttl out/);
  });
});

describe("a health check", () => {
  it.each<[Properties, RegExp]>([
    [{ type: "HTTPS" }, /fqdn or ipAddress/],
    [{ type: "HTTPS", fqdn: "example.org", failureThreshold: 11 }, /failureThreshold/],
    [{ type: "HTTPS", fqdn: "example.org", requestInterval: 20 }, /requestInterval/],
    [{ type: "TCP", ipAddress: "192.0.2.1" }, /port/],
  ])("is refused with %j", async (inputs, reason) => {
    await expect(new Account().make("route53/healthCheck", inputs)).rejects.toThrow(reason);
  });
});

describe("getZone", () => {
  const getZone = "aws:route53/getZone:getZone";

  it("finds the zone of the account as it was found", async () => {
    const aws = new Account();
    for (const object of accountAsFound()) aws.world.put(object);
    const zone = await aws.call(getZone, { name: "example.com", privateZone: false });
    expect(await aws.call(getZone, { zoneId: zone.zoneId ?? "" })).toMatchObject({
      name: "example.com",
      privateZone: false,
      resourceRecordSetCount: 2,
    });
  });

  it("tells public and private zones of one name apart", async () => {
    const { aws, zoneId } = await withZone();
    const { vpcId } = await aws.network(1);
    const inside = await aws.make("route53/zone", { name: "example.org", vpcs: [{ vpcId }] });
    const found = async (privateZone: boolean) =>
      text(await aws.call(getZone, { name: "example.org.", privateZone }), "zoneId");
    expect([await found(false), await found(true)]).toEqual([zoneId, inside.id]);
  });

  it("fails as AWS does for none and for several", async () => {
    const { aws } = await withZone();
    await expect(aws.call(getZone, { name: "example.net" })).rejects.toThrow(/no matching Route 53 Hosted Zone found/);
    await expect(aws.call(getZone, { zoneId: "Z0123456789ABCDEFGHIJ" })).rejects.toThrow(/NoSuchHostedZone/);
    await aws.make("route53/zone", { name: "example.org" });
    await expect(aws.call(getZone, { name: "example.org" })).rejects.toThrow(/multiple Route 53 Hosted Zones matched/);
  });
});
