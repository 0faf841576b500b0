import * as aws from "@pulumi/aws";
import * as tls from "@pulumi/tls";

const { privateKeyPem } = new tls.PrivateKey("service", { algorithm: "ECDSA", ecdsaCurve: "P256" });
const { certPem } = new tls.SelfSignedCert("service", {
  privateKeyPem,
  subject: { commonName: "api.pulumi.example.com", organization: "Example" },
  dnsNames: ["api.pulumi.example.com", "app.pulumi.example.com"],
  validityPeriodHours: 365 * 24,
  allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
});
const certificate = new aws.acm.Certificate("service", { certificateBody: certPem, privateKey: privateKeyPem });

export = { arn: certificate.arn, pem: certPem };
