import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { asked, shared } from "@selfhosted/common";
import type { ResolvedConfig, ServiceConfig } from "./config";
import type { Secret } from "./secretSources";

/** What the containers serve with when they speak TLS; the load balancer takes any, the console checks the API's. */
export interface PodTls {
  /** PEM, with its chain: the console trusts the API by it. */
  readonly certificate: pulumi.Input<string>;
  readonly privateKey: Secret;
}

/** Ten years, and anew a year before the end: only the console trusts it, and gets the new one in the same rollout. */
const [VALIDITY_HOURS, RENEWAL_HOURS] = [10 * 365 * 24, 365 * 24];

/** What the load balancer and the console speak to the containers, and where these listen. */
export function serving({ podTls }: ResolvedConfig["settings"]) {
  return podTls
    ? ({ protocol: "HTTPS", ports: shared.tlsPorts } as const)
    : ({ protocol: "HTTP", ports: shared.ports } as const);
}

/** The given pair, else one made for the API's address inside the cluster; nothing when it is off. */
export function podTlsPair({ settings, secrets }: ServiceConfig, apiAddress: string): PodTls | undefined {
  if (!settings.podTls) return undefined;
  if (settings.podTlsCertificate !== undefined) {
    return {
      certificate: settings.podTlsCertificate,
      privateKey: asked(secrets.podTlsPrivateKey, "podTlsPrivateKey"),
    };
  }
  const host = new URL(apiAddress).hostname;
  const key = new tls.PrivateKey("pod-tls", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const certificate = new tls.SelfSignedCert("pod-tls", {
    privateKeyPem: key.privateKeyPem,
    subject: { commonName: host, organization: "Pulumi self-hosted" },
    dnsNames: [host],
    validityPeriodHours: VALIDITY_HOURS,
    earlyRenewalHours: RENEWAL_HOURS,
    allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
  });
  return { certificate: certificate.certPem, privateKey: { value: pulumi.secret(key.privateKeyPem) } };
}
