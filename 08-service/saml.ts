import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { asked } from "@selfhosted/common";
import type { ServiceConfig } from "./config";
import type { Secret } from "./secretSources";

/** The service provider's pair, with which the service signs what it asks the identity provider. */
export interface SamlPair {
  readonly certificate: pulumi.Input<string>;
  readonly privateKey: Secret;
}

/**
 * Ten years. A certificate that ran out would be made anew by the next `pulumi up`, and every identity provider that
 * trusts the old one would turn users away; so its end must be a planned change, not one that happens.
 */
const VALIDITY_HOURS = 10 * 365 * 24;

/** The given pair, else one made once; nothing when SAML is off. */
export function samlPair({ settings, secrets, consoleDomain }: ServiceConfig): SamlPair | undefined {
  if (!settings.samlSso) return undefined;
  if (settings.samlCertificate !== undefined) {
    return { certificate: settings.samlCertificate, privateKey: asked(secrets.samlPrivateKey, "samlPrivateKey") };
  }
  const key = new tls.PrivateKey("saml", { algorithm: "RSA", rsaBits: 2048 });
  const certificate = new tls.SelfSignedCert("saml", {
    privateKeyPem: key.privateKeyPem,
    subject: { commonName: consoleDomain, organization: "Pulumi self-hosted" },
    validityPeriodHours: VALIDITY_HOURS,
    earlyRenewalHours: 0,
    allowedUses: ["digital_signature", "key_encipherment"],
  });
  return { certificate: certificate.certPem, privateKey: { value: pulumi.secret(key.privateKeyPem) } };
}
