import * as tls from "node:tls";
import { contract } from "@selfhosted/common";
import { reason } from "../reason";
import type { Facts } from "./facts";
import type { Network } from "./network";
import { Failure, type Check } from "./outcome";
import { bringBack, reach } from "./remedies";
import { shakeHands, type Handshake } from "./web";

const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Days that a certificate must still hold. ACM renews 60 days before the end, so with fewer than this something is in its
 * way. Source: https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
 */
export const DEFAULT_MINIMUM_DAYS = 14;

/** How certificates are judged. */
export interface CertificateOptions {
  /** PEM of authorities that are trusted besides the well-known ones. */
  readonly ca?: readonly string[] | undefined;
  /** Days that it must still hold. */
  readonly minimumDays: number;
}

/** Whether browsers and `pulumi` would trust the host: chain, name, time left. */
export function certificateCheck(facts: Facts, network: Network, host: string, options: CertificateOptions): Check {
  return {
    name: `certificate ${host}`,
    look: async () => {
      const { certificate, distrust } = await greet(network, host, options, facts);
      const wrongName = tls.checkServerIdentity(host, certificate);
      if (wrongName) {
        throw new Failure(
          `it is for ${namesOf(certificate)}, not for ${host}`,
          `in ${contract.service.folder}, give certificateArn one for both names, or run \`pulumi config rm certificateArn\`; then pulumi up --stack ${facts.stack}`,
        );
      }
      const days = Math.floor((Date.parse(certificate.valid_to) - Date.now()) / DAY_MS);
      if (days < options.minimumDays) {
        throw new Failure(
          days < 0 ? `it ended on ${certificate.valid_to}` : `it ends in ${days} days, on ${certificate.valid_to}`,
          `ACM renews 60 days before while its proof records stand: ${bringBack(facts)}; an imported one must be imported anew`,
        );
      }
      if (distrust !== undefined) {
        throw new Failure(
          `issued by ${issuerOf(certificate)}, whom this machine doesn't trust (${distrust})`,
          "for an authority of your own: --ca authority.pem; otherwise import the certificate with its whole chain",
        );
      }
      return `${namesOf(certificate)}; from ${issuerOf(certificate)}, ${days} days left`;
    },
  };
}

/** Whether only TLS 1.2 and newer is spoken. */
export function tlsCheck(facts: Facts, network: Network, host: string): Check {
  return {
    name: `TLS ${host}`,
    look: async () => {
      const { version } = await greet(network, host, { minimumDays: 0 }, facts);
      const old = await shakeHands(network, host, { oldest: true }).catch(() => undefined);
      if (old) {
        throw new Failure(
          `it also speaks ${old.version}`,
          `the listener's security policy was changed: ${bringBack(facts)}`,
        );
      }
      return `${version}; 1.1 and older are refused`;
    },
  };
}

async function greet(network: Network, host: string, options: CertificateOptions, facts: Facts): Promise<Handshake> {
  try {
    return await shakeHands(network, host, options);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${host}:443: ${reason(error)}`, reach(facts, 443));
  }
}

function namesOf({ subjectaltname = "", subject }: tls.PeerCertificate): string {
  const names = subjectaltname.split(", ").map((name) => name.replace(/^DNS:/, ""));
  return subjectaltname === "" ? subject.CN : names.join(", ");
}

function issuerOf({ issuer }: tls.PeerCertificate): string {
  return [issuer.O, issuer.CN].filter((part) => typeof part === "string" && part !== "").join(" ");
}
