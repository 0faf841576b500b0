import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import type { ServiceConfig } from "./config";

/** The given certificate, else one for both names, proven by records in the zone; its ARN, ready to use. */
export function certificateArn(config: ServiceConfig): pulumi.Input<string> {
  const { settings, tags, names, apiDomain, consoleDomain } = config;
  if (settings.certificateArn !== undefined) return settings.certificateArn;
  const { zoneId, provider } = asked(config.zone, "the zone");
  const certificate = new aws.acm.Certificate(
    "service",
    {
      domainName: apiDomain,
      subjectAlternativeNames: [consoleDomain],
      validationMethod: "DNS",
      tags: { ...tags, Name: names.of("service") },
    },
    // A new one is proven before the listener lets the old one go.
    { deleteBeforeReplace: false },
  );
  const proofs = Object.entries({ api: apiDomain, console: consoleDomain }).map(([name, domain]) => {
    // ACM lists the proofs in no order of ours.
    const proof = certificate.domainValidationOptions.apply((options) =>
      asked(
        options.find((option) => option.domainName === domain),
        `ACM's proof for ${domain}`,
      ),
    );
    return new aws.route53.Record(
      `proof-${name}`,
      {
        zoneId,
        name: proof.resourceRecordName,
        type: proof.resourceRecordType,
        records: [proof.resourceRecordValue],
        ttl: 60,
        // A certificate for the same name, of an earlier installation, asks for the very same record.
        allowOverwrite: true,
      },
      { provider },
    );
  });
  return new aws.acm.CertificateValidation("service", {
    certificateArn: certificate.arn,
    validationRecordFqdns: proofs.map((record) => record.fqdn),
  }).certificateArn;
}
