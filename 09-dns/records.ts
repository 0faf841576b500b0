import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { DnsConfig } from "./config";
import type { Zone } from "@selfhosted/common";

/**
 * Points a name at the load balancer by an alias, which costs nothing to resolve and may stand at a zone's apex;
 * returns the name.
 */
export function makeAlias(
  { settings, upstream }: DnsConfig,
  { zoneId, provider }: Zone,
  name: string,
  hostName: string,
): pulumi.Output<string> {
  const { loadBalancerDnsName, loadBalancerZoneId } = upstream.service;
  const make = (logicalName: string, type: "A" | "AAAA") =>
    new aws.route53.Record(
      logicalName,
      {
        zoneId,
        name: hostName,
        type,
        aliases: [
          {
            name: loadBalancerDnsName,
            zoneId: loadBalancerZoneId,
            evaluateTargetHealth: settings.evaluateTargetHealth,
          },
        ],
      },
      { provider },
    );
  if (settings.ipv6) make(`${name}-ipv6`, "AAAA");
  return make(name, "A").name;
}
