import type { IamConfig } from "../config";
import { allow, document, type Document, type Statement } from "./document";

/** Types of records that external-dns writes: the names themselves, and TXT to mark them as its own. */
const RECORD_TYPES = ["A", "AAAA", "CNAME", "TXT"];

/**
 * Rights of external-dns: records of its types in the zones given, or in all of the account; never zones themselves, nor
 * the NS, MX and SOA records in them.
 * Source: https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws/ (IAM policy), and for the condition
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
 */
export function externalDnsPolicy({ caller, settings }: IamConfig): Document<Statement> {
  const zone = (id: string) => `arn:${caller.partition}:route53:::hostedzone/${id}`;
  const zones = settings.externalDnsZoneIds.length > 0 ? settings.externalDnsZoneIds.map(zone) : zone("*");
  const types = "route53:ChangeResourceRecordSetsRecordTypes";
  return document(
    allow("ChangeRecords", "route53:ChangeResourceRecordSets", zones, {
      "ForAllValues:StringEquals": { [types]: RECORD_TYPES },
      // Without values, "for all of them" would hold.
      Null: { [types]: "false" },
    }),
    allow("LookAtRecords", ["route53:ListResourceRecordSets", "route53:ListTagsForResources"], zones),
    // It knows no narrower resource.
    allow("FindZones", "route53:ListHostedZones", "*"),
  );
}
