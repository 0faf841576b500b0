import { digest } from "../naming";
import { clean, findZone, RECORD } from "../route53/names";
import { isPrivate } from "../route53/zones";
import { text, texts } from "../values";
import type { Properties } from "../../provider/types";
import type { World, WorldObject } from "../../world";

export const CERTIFICATE = "aws:acm/certificate:Certificate";

/** One DNS record that proves who owns a name. */
export interface Proof extends Properties {
  readonly domainName: string;
  readonly resourceRecordName: string;
  readonly resourceRecordType: string;
  readonly resourceRecordValue: string;
}

/**
 * ACM derives a proof from account and name alone, so every certificate for a name asks for the same record; a wildcard
 * and its base name share theirs.
 */
export function proofOf(account: string, domain: string): Proof {
  const base = clean(domain).replace(/^\*\./, "");
  const target = `${digest(`acm zone ${account} ${base}`, 10, "upper").toLowerCase().replace(/\d/g, "x")}.acm-validations.aws.`;
  return {
    domainName: domain,
    resourceRecordName: `_${digest(`acm name ${account} ${base}`, 32)}.${base}.`,
    resourceRecordType: "CNAME",
    resourceRecordValue: `_${digest(`acm value ${account} ${base}`, 32)}.${target}`,
  };
}

/** All names of a certificate, each once, its own first. */
export function namesOf(inputs: Properties): string[] {
  return [...new Set([...texts([inputs.domainName ?? null]), ...texts(inputs.subjectAlternativeNames)])];
}

/** The proofs that ACM doesn't see in public DNS: no record, or one with another value. */
export function missingProofs(world: World, certificate: WorldObject): Proof[] {
  const published = world
    .list(RECORD)
    .map(({ properties }) => properties)
    .filter((record) => {
      const zone = findZone(world, text(record.zoneId) ?? "");
      return record.type === "CNAME" && zone !== undefined && !isPrivate(zone.properties);
    });
  return namesOf(certificate.properties)
    .map((name) => proofOf(world.account, name))
    .filter(
      (proof) =>
        !published.some(
          (record) =>
            clean(text(record.fqdn) ?? "") === clean(proof.resourceRecordName) &&
            texts(record.records).some((value) => clean(value) === clean(proof.resourceRecordValue)),
        ),
    );
}

/** Whether a load balancer can serve with it: ACM issues as soon as it sees all proofs, waited for or not. */
export function isIssued(world: World, { properties, ...certificate }: WorldObject): boolean {
  if (properties.status === "ISSUED") return true;
  return properties.validationMethod === "DNS" && missingProofs(world, { ...certificate, properties }).length === 0;
}
