import { describe, expect, it } from "@jest/globals";
import { addressOf, resolve } from "../../../sandbox/edge/resolve";
import type { Properties } from "../../../sandbox/provider/types";
import { World } from "../../../sandbox/world";

type Made = readonly [type: string, properties: Properties];

/** A world with zones, records and load balancers, by id. */
function worldOf(objects: Readonly<Record<string, Made>>): World {
  const world = new World();
  for (const [id, [type, properties]] of Object.entries(objects)) {
    world.put({ type, id, name: id, region: "us-east-1", createdAt: "2026-01-01T00:00:00Z", properties });
  }
  return world;
}

const [ZONE, RECORD, BALANCER] = [
  "aws:route53/zone:Zone",
  "aws:route53/record:Record",
  "aws:lb/loadBalancer:LoadBalancer",
];
const balancer = (dnsName: string) => [BALANCER, { dnsName }] as const;
const alias = (name: string, more: Properties = {}) => ({
  type: "A",
  aliases: [{ name, zoneId: "Z", evaluateTargetHealth: true }],
  ...more,
});
const one = "one-1.us-east-1.elb.amazonaws.com";
const other = "other-1.us-west-2.elb.amazonaws.com";

const healthy = () => Promise.resolve(true);
const data = async (world: World, name: string, type = "A") =>
  (await resolve(world, name, type, healthy))?.map((record) => record.data);

describe("the sandbox's DNS", () => {
  it("answers an alias with the load balancer's address, under the name that was asked for", async () => {
    const world = worldOf({
      Z1: [ZONE, { name: "example.org" }],
      api: [RECORD, { zoneId: "Z1", fqdn: "api.example.org", ...alias(`dualstack.${one.toUpperCase()}.`) }],
      lb: balancer(one),
    });
    const found = await resolve(world, "API.example.org.", "A", healthy);
    const [lb] = world.list(BALANCER);
    if (!lb) throw new Error("there is one");
    expect(found).toEqual([{ name: "api.example.org", type: "A", ttl: 60, data: addressOf(lb) }]);
    expect(await data(world, one)).toEqual([addressOf(lb)]);
    expect(await data(world, "api.example.org", "AAAA")).toEqual([]);
    expect(await data(world, "www.example.org")).toBeUndefined();
    expect(await data(world, "gone-1.us-east-1.elb.amazonaws.com")).toBeUndefined();
  });

  it("gives each load balancer an address of its own where the system has them all", () => {
    const world = worldOf({ a: balancer(one), b: balancer(other) });
    const addresses = world.list(BALANCER).map((each) => addressOf(each, "linux"));
    expect(new Set(addresses).size).toBe(2);
    for (const address of addresses) expect(address).toMatch(/^127\.\d+\.\d+\.\d+$/);
    expect(world.list(BALANCER).map((each) => addressOf(each, "darwin"))).toEqual(["127.0.0.1", "127.0.0.1"]);
  });

  it("looks into the private zone before the public one, and into the longest name's first", async () => {
    const address = (zoneId: string, value: string): Made => [
      RECORD,
      { zoneId, fqdn: "a.sub.example.org", type: "A", ttl: 30, records: [value] },
    ];
    const world = worldOf({
      Z1: [ZONE, { name: "example.org", vpcs: [{ vpcId: "vpc-1" }] }],
      Z2: [ZONE, { name: "sub.example.org" }],
      first: address("Z1", "192.0.2.1"),
      second: address("Z2", "192.0.2.2"),
    });
    expect(await data(world, "a.sub.example.org")).toEqual(["192.0.2.2"]);
    world.put({
      ...(world.get(ZONE, "Z2") ?? fail()),
      id: "Z3",
      properties: { name: "sub.example.org", vpcs: [{ vpcId: "vpc-1" }] },
    });
    expect(await data(world, "a.sub.example.org")).toBeUndefined();
  });

  it("follows CNAMEs, not for ever, and takes a wildcard where there is no such name", async () => {
    const cname = (fqdn: string, target: string): Made => [
      RECORD,
      { zoneId: "Z1", fqdn, type: "CNAME", ttl: 60, records: [target] },
    ];
    const world = worldOf({
      Z1: [ZONE, { name: "example.org" }],
      c: cname("www.example.org", `${one}.`),
      loop: cname("loop.example.org", "loop.example.org"),
      star: [RECORD, { zoneId: "Z1", fqdn: "*.example.org", type: "TXT", ttl: 60, records: ["any"] }],
      lb: balancer(one),
    });
    expect((await data(world, "www.example.org"))?.[0]).toBe(one);
    expect(await data(world, "www.example.org")).toHaveLength(2);
    expect((await data(world, "loop.example.org"))?.length).toBeLessThan(20);
    expect(await data(world, "x.example.org", "TXT")).toEqual(["any"]);
  });

  it("leads to the second region while the first has no healthy target, and to the first when neither has", async () => {
    const failover = (type: string) => ({ setIdentifier: type, failoverRoutingPolicies: [{ type }] });
    const world = worldOf({
      Z1: [ZONE, { name: "example.org" }],
      b: [RECORD, { zoneId: "Z1", fqdn: "api.example.org", ...alias(other, failover("SECONDARY")) }],
      a: [RECORD, { zoneId: "Z1", fqdn: "api.example.org", ...alias(one, failover("PRIMARY")) }],
      lbOne: balancer(one),
      lbOther: balancer(other),
    });
    const [first, second] = world.list(BALANCER).map((each) => addressOf(each));
    const answered = async (...well: string[]) => {
      const found = await resolve(world, "api.example.org", "A", ({ id }) => Promise.resolve(well.includes(id)));
      return found?.map((record) => record.data);
    };
    expect(await answered("lbOne", "lbOther")).toEqual([first]);
    expect(await answered("lbOther")).toEqual([second]);
    expect(await answered()).toEqual([first]);
  });
});

function fail(): never {
  throw new Error("the world has no such zone");
}
