import { region as regionOf, regionNames } from "../regions";
import { when, type Refusal } from "../rules";
import { block, text } from "../values";
import { clean, findZone, fqdn, recordsOf, zoneNameOf } from "./names";
import type { CreateContext } from "../record";
import type { Properties } from "../../provider/types";

const SOURCE = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html";

/** Hosted zones of AWS's global services, which are the same for everybody. */
const globalZones: Readonly<Record<string, string>> = {
  "cloudfront.net": "Z2FDTNDATAQYW2",
  "awsglobalaccelerator.com": "Z2BJ6XQ5FK7U4H",
};

/** The hosted zone that a load balancer's host name lies in, by what the name itself says. */
function loadBalancerZone(name: string): string | undefined {
  const application = /\.([a-z0-9-]+)\.elb\.amazonaws\.com(?:\.cn)?$/.exec(name)?.[1];
  const network = /\.elb\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(name)?.[1];
  const place = application ?? network ?? "";
  if (!regionNames.includes(place)) return undefined;
  const { alb, nlb } = regionOf(place).hostedZones;
  return application === undefined ? nlb : alb;
}

/**
 * Refuses an alias that Route 53 can't follow: a host name of AWS's in another hosted zone than the one named, or a
 * record of the same zone that isn't there.
 */
export function aliasTarget({ world, inputs }: CreateContext, alias: Properties, preview = false): Refusal {
  const [target, zoneId] = [clean(text(alias.name) ?? ""), text(alias.zoneId)];
  const type = text(inputs.type) ?? "";
  if (target === "" || zoneId === undefined) return undefined;
  const own = findZone(world, text(inputs.zoneId) ?? "");
  if (own?.id === zoneId) {
    const wanted = fqdn(target, zoneNameOf(own));
    const there = recordsOf(world, zoneId).some(
      ({ properties }) => properties.fqdn === wanted && properties.type === type,
    );
    return when(
      !there && !preview,
      "InvalidChangeBatch",
      `Tried to create an alias that targets ${wanted}., type ${type} in zone ${zoneId}, but that target was not found`,
      SOURCE,
    );
  }
  const service = Object.keys(globalZones).find((domain) => target.endsWith(`.${domain}`));
  const expected = service === undefined ? loadBalancerZone(target.replace(/^dualstack\./, "")) : globalZones[service];
  return when(
    expected !== undefined && expected !== zoneId,
    "InvalidChangeBatch",
    `Tried to create an alias that targets ${target}., type ${type} in zone ${zoneId}, but the alias target name does ` +
      `not lie within the target zone: that is ${expected ?? ""}`,
    SOURCE,
  );
}

/** A record's aliases; it has one at most. */
export function aliasOf(inputs: Properties): Properties | undefined {
  return Array.isArray(inputs.aliases) && inputs.aliases.length > 0 ? block(inputs.aliases[0]) : undefined;
}
