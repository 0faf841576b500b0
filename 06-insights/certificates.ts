import * as tls from "@pulumi/tls";

const HOUR_DAYS = 24;
const AUTHORITY_DAYS = 3650;
const NODE_DAYS = 730;
/** The node certificate is made anew by the first `pulumi up` in its last 180 days. */
const RENEWAL_DAYS = 180;

/** Subject of the nodes' certificate, by which they know each other. */
export const NODE_NAME = "opensearch-node";

/**
 * An authority of this cluster's own and the certificate of its nodes, for clients and among themselves.
 * @param hosts Names under which nodes are reached.
 */
export function makeCertificates(hosts: readonly string[]) {
  const authorityKey = new tls.PrivateKey("authority", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const authority = new tls.SelfSignedCert("authority", {
    privateKeyPem: authorityKey.privateKeyPem,
    isCaCertificate: true,
    subject: { commonName: "Pulumi search" },
    validityPeriodHours: AUTHORITY_DAYS * HOUR_DAYS,
    allowedUses: ["cert_signing", "crl_signing"],
  });
  const nodeKey = new tls.PrivateKey("node", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const request = new tls.CertRequest("node", {
    privateKeyPem: nodeKey.privateKeyPem,
    subject: { commonName: NODE_NAME },
    dnsNames: [...hosts],
  });
  const node = new tls.LocallySignedCert("node", {
    certRequestPem: request.certRequestPem,
    caPrivateKeyPem: authorityKey.privateKeyPem,
    caCertPem: authority.certPem,
    validityPeriodHours: NODE_DAYS * HOUR_DAYS,
    earlyRenewalHours: RENEWAL_DAYS * HOUR_DAYS,
    allowedUses: ["digital_signature", "key_agreement", "server_auth", "client_auth"],
  });
  // OpenSearch reads PKCS 8 only. Source: OpenSearch documentation, Security, Configuring TLS certificates.
  return { authority: authority.certPem, certificate: node.certPem, key: nodeKey.privateKeyPemPkcs8 };
}
