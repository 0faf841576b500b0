import { digest } from "../naming";
import { refusals, when, type Refusal } from "../rules";
import { text } from "../values";
import type { World, WorldObject } from "../../world";

export const ZONE = "aws:route53/zone:Zone";
export const RECORD = "aws:route53/record:Record";
const NAMES = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html";

/** A name as Route 53 compares it: lower case, without the dot at its end. */
export function clean(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

/** A record's whole name: one given without its zone (`api`) is in the zone all the same. */
export function fqdn(name: string, zoneName: string): string {
  const [own, zone] = [clean(name), clean(zoneName)];
  if (own === "") return zone;
  return own === zone || own.endsWith(`.${zone}`) ? own : `${own}.${zone}`;
}

/** A zone's id, e.g. `Z0123456789ABCDEFGHIJ`. */
export function newZoneId(seed: string): string {
  return `Z0${digest(seed, 19, "upper")}`;
}

/** The zone of this id, with or without `/hostedzone/` before it. */
export function findZone(world: World, id: string): WorldObject | undefined {
  return world.get(ZONE, id.replace(/^\/hostedzone\//, ""));
}

/** A zone's records: what programs made, and the NS and SOA that Route 53 made with it. */
export function recordsOf(world: World, zoneId: string): WorldObject[] {
  return world.list(RECORD).filter(({ properties }) => properties.zoneId === zoneId);
}

/** Name of a zone in lower case and without the last dot; empty when there is none. */
export function zoneNameOf(zone: WorldObject | undefined): string {
  return clean(text(zone?.properties.name) ?? "");
}

/** Refuses what is no host name; `*` may be a name's first label, `_` may begin one (`_dmarc`, ACM's proofs). */
export function domainName(property: string, value: string | undefined, code: string): Refusal {
  if (value === undefined) return undefined;
  const name = value.replace(/\.$/, "");
  const labels = name.split(".");
  return refusals(
    when(name.length > 255, code, `${property} "${name}" has ${name.length} characters: at most 255`, NAMES),
    when(
      labels.some((label) => label.length < 1 || label.length > 63),
      code,
      `${property} "${name}" has a label without characters, or with more than 63`,
      NAMES,
    ),
    when(
      !/^(\*\.)?[a-z0-9_\-.\\/]+$|^\*$/i.test(name),
      code,
      `${property} "${name}" has characters that no DNS name of yours needs: use a–z, 0–9, - and _`,
      NAMES,
    ),
  );
}
