import { LOAD_BALANCER } from "../aws/lb/names";
import { digest } from "../aws/naming";
import { aliasOf } from "../aws/route53/aliases";
import { clean, recordsOf, ZONE, zoneNameOf } from "../aws/route53/names";
import { isPrivate } from "../aws/route53/zones";
import { block, blocks, flag, number, text, texts } from "../aws/values";
import type { Properties } from "../provider/types";
import type { World, WorldObject } from "../world";

/** One record of an answer. */
interface AnswerRecord {
  readonly name: string;
  readonly type: "A" | "AAAA" | "CNAME" | "NS" | "TXT";
  /** Seconds. */
  readonly ttl: number;
  readonly data: string;
}

/** What a name server says; `undefined` records: the name doesn't exist. */
export type Resolution = readonly AnswerRecord[] | undefined;

/** Time to live of an alias to a load balancer, and of a load balancer's own name. Source: Route 53 developer guide, alias records. */
const ALIAS_TTL = 60;
/** More steps from one name to the next than anybody needs; a loop has more. */
const MOST_STEPS = 8;

/** Tells whether a load balancer has a target to send requests to. */
export type IsHealthy = (loadBalancer: WorldObject) => Promise<boolean>;

/**
 * The address of a load balancer: one of loopback's, its own where the system has them all (Linux). AWS gives it one in
 * each zone, and changes them.
 */
export function addressOf(loadBalancer: WorldObject, platform: string = process.platform): string {
  if (platform !== "linux") return "127.0.0.1";
  const part = (index: number) => 1 + (parseInt(digest(loadBalancer.id, 12).slice(index, index + 4), 16) % 254);
  return `127.${part(0)}.${part(4)}.${part(8)}`;
}

/**
 * Answers as the resolver of a VPC does that all private zones are associated with: the zone with the longest name, a
 * private one before a public one, and load balancers by their own names. Nobody else is asked.
 */
export async function resolve(world: World, name: string, type: string, isHealthy: IsHealthy): Promise<Resolution> {
  return step(world, clean(name), type, isHealthy, 0);
}

async function step(
  world: World,
  name: string,
  type: string,
  isHealthy: IsHealthy,
  depth: number,
): Promise<Resolution> {
  if (depth > MOST_STEPS) return [];
  const loadBalancer = balancerNamed(world, name);
  if (loadBalancer) return type === "A" ? [{ name, type, ttl: ALIAS_TTL, data: addressOf(loadBalancer) }] : [];
  const zone = zoneFor(world, name);
  if (!zone) return undefined;
  const named = recordsNamed(world, zone, name);
  if (named.length === 0) return undefined;
  const cname = named.find(({ properties }) => properties.type === "CNAME");
  if (cname && type !== "CNAME") {
    const [target = ""] = texts(cname.properties.records);
    const own = { name, type: "CNAME", ttl: number(cname.properties.ttl) ?? 0, data: clean(target) } as const;
    return [own, ...((await step(world, clean(target), type, isHealthy, depth + 1)) ?? [])];
  }
  const chosen = await choose(
    world,
    named.filter(({ properties }) => properties.type === type),
    isHealthy,
  );
  if (!chosen) return [];
  const alias = aliasOf(chosen.properties);
  if (alias) {
    const found = (await step(world, clean(text(alias.name) ?? ""), type, isHealthy, depth + 1)) ?? [];
    return found.filter((one) => one.type === type).map((one) => ({ ...one, name }));
  }
  if (!isAnswerable(type)) return [];
  return texts(chosen.properties.records).map((data) => ({
    name,
    type,
    ttl: number(chosen.properties.ttl) ?? 0,
    data,
  }));
}

/** By failover routing the first whose load balancer is healthy, or the first; other policies take their first record. */
async function choose(
  world: World,
  records: readonly WorldObject[],
  isHealthy: IsHealthy,
): Promise<WorldObject | undefined> {
  const rank = ({ properties }: WorldObject) =>
    text(blocks(properties.failoverRoutingPolicies)[0]?.type) === "SECONDARY" ? 1 : 0;
  const ordered = [...records].sort((one, other) => rank(one) - rank(other));
  for (const record of ordered) {
    const alias = aliasOf(record.properties);
    const target = alias && balancerNamed(world, clean(text(alias.name) ?? ""));
    // A load balancer of another account or none: nothing is known of its targets.
    if (!alias || flag(alias.evaluateTargetHealth) !== true || (target && (await isHealthy(target)))) return record;
  }
  return ordered[0];
}

/** The load balancer of a DNS name, also with `dualstack.` before it, as the console writes aliases. */
function balancerNamed(world: World, name: string): WorldObject | undefined {
  const own = name.replace(/^dualstack\./, "");
  return world.find(LOAD_BALANCER, ({ properties }) => clean(text(properties.dnsName) ?? "") === own);
}

function zoneFor(world: World, name: string): WorldObject | undefined {
  const rank = (zone: WorldObject) => zoneNameOf(zone).length * 2 + (isPrivate(zone.properties) ? 1 : 0);
  return world
    .list(ZONE)
    .filter((zone) => name === zoneNameOf(zone) || name.endsWith(`.${zoneNameOf(zone)}`))
    .sort((one, other) => rank(other) - rank(one))[0];
}

/** Records of this very name, or else of the wildcard that covers it. */
function recordsNamed(world: World, zone: WorldObject, name: string): WorldObject[] {
  const all = recordsOf(world, zone.id);
  const own = all.filter((record) => fqdnOf(record.properties) === name);
  const wildcard = `*.${name.split(".").slice(1).join(".")}`;
  return own.length > 0 ? own : all.filter((record) => fqdnOf(record.properties) === wildcard);
}

function fqdnOf(properties: Properties): string {
  return clean(text(block(properties).fqdn) ?? "");
}

function isAnswerable(type: string): type is AnswerRecord["type"] {
  return ["A", "AAAA", "CNAME", "NS", "TXT"].includes(type);
}
