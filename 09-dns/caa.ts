import * as aws from "@pulumi/aws";
import type { DnsConfig } from "./config";

/** Seconds that a certificate authority may remember the answer: an hour, for issuers seldom change. */
const TTL = 3600;

/**
 * Says who may issue certificates for a name; every public authority must look (RFC 8659). The record stands at the name
 * itself, so a zone's own policy for its other names is left as it is.
 */
export function makeCaa({ settings, zone: { zoneId, provider } }: DnsConfig, name: string, hostName: string): void {
  if (settings.caaIssuers.length === 0) return;
  new aws.route53.Record(
    `${name}-caa`,
    {
      zoneId,
      name: hostName,
      type: "CAA",
      ttl: TTL,
      records: settings.caaIssuers.map((issuer) => `0 issue "${issuer}"`),
    },
    { provider },
  );
}
