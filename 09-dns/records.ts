import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Zone } from "@selfhosted/common";
import type { DnsConfig } from "./config";
import type { Target } from "./targets";

/** Which of two records of one name answers: the second while the first one's load balancer has no healthy target. */
type Role = "primary" | "secondary";

/**
 * Points a name at the load balancer by aliases, which cost nothing to resolve and may stand at a zone's apex: in the
 * zone and in the private one of a split horizon, for IPv4 and, if asked for, IPv6. Returns the name.
 */
export function makeAliases(config: DnsConfig, name: string, hostName: string): pulumi.Output<string> {
  const { zone, privateZone } = config;
  if (privateZone) makeIn(config, privateZone, `${name}-private`, hostName);
  return makeIn(config, zone, name, hostName).name;
}

function makeIn(config: DnsConfig, zone: Zone, name: string, hostName: string): aws.route53.Record {
  if (config.settings.ipv6) makeRecords(config, zone, `${name}-ipv6`, hostName, "AAAA");
  return makeRecords(config, zone, name, hostName, "A");
}

/** One record; two where another region's load balancer takes over. */
function makeRecords(
  { settings, upstream, secondary }: DnsConfig,
  { zoneId, provider }: Zone,
  logicalName: string,
  hostName: string,
  type: "A" | "AAAA",
): aws.route53.Record {
  const { loadBalancerDnsName, loadBalancerZoneId } = upstream.service;
  const make = (suffix: string, zone: pulumi.Input<string>, target: Target, role?: Role) =>
    new aws.route53.Record(
      `${logicalName}${suffix}`,
      {
        zoneId: zone,
        name: hostName,
        type,
        aliases: [
          {
            name: target.dnsName,
            zoneId: target.zoneId,
            evaluateTargetHealth: settings.evaluateTargetHealth ?? role !== undefined,
          },
        ],
        setIdentifier: role,
        failoverRoutingPolicies: role && [{ type: role === "primary" ? "PRIMARY" : "SECONDARY" }],
      },
      // A name has records with a routing policy or one without: where the one becomes the other, the old one goes first.
      { provider, deleteBeforeReplace: true },
    );
  const target = { dnsName: loadBalancerDnsName, zoneId: loadBalancerZoneId };
  if (!secondary) return make("", zoneId, target);
  const primary = make("", zoneId, target, "primary");
  // By its zone it hangs on the first one, and so goes before that one becomes a record without a routing policy.
  make("-secondary", primary.zoneId, secondary, "secondary");
  return primary;
}
