import { createHash } from "node:crypto";
import type { CreateContext } from "./record";
import { region } from "./regions";

const HEX = "0123456789abcdef";
const LOWER = "abcdefghijklmnopqrstuvwxyz0123456789";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export const alphabets = { hex: HEX, lower: LOWER, upper: UPPER, digits: "0123456789" } as const;

/**
 * The part of an id or a host name that AWS chooses, derived from `seed` so that it stays the same for as long as the
 * object lives: `digest("mycluster", 12, "lower")` → `c9akciq32rgu`-like.
 */
export function digest(seed: string, length: number, alphabet: keyof typeof alphabets = "hex"): string {
  const letters = alphabets[alphabet];
  let bytes = Buffer.alloc(0);
  for (let round = 0; bytes.length < length; round++) {
    bytes = Buffer.concat([bytes, createHash("sha256").update(`${seed}#${round}`).digest()]);
  }
  return [...bytes.subarray(0, length)].map((byte) => letters[byte % letters.length]).join("");
}

/** A UUID-shaped id, e.g. of a KMS key or an ACM certificate. */
export function uuid(seed: string): string {
  const hex = digest(seed, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20)].join("-");
}

/** Where an ARN belongs, see {@link arn}. */
export type Place = Pick<CreateContext, "partition" | "region" | "account">;

/**
 * An ARN, e.g. `arn:aws:ec2:us-west-2:123456789012:vpc/vpc-…`.
 * @param without Parts that the service leaves empty: IAM has no region, S3 neither region nor account.
 */
export function arn(
  place: Place,
  service: string,
  resource: string,
  without: readonly ("region" | "account")[] = [],
): string {
  const regionPart = without.includes("region") ? "" : place.region;
  const accountPart = without.includes("account") ? "" : place.account;
  return `arn:${place.partition}:${service}:${regionPart}:${accountPart}:${resource}`;
}

/** The parts of an ARN; undefined when the text is none. */
export function parseArn(
  value: string,
): { partition: string; service: string; region: string; account: string; resource: string } | undefined {
  const match = /^arn:(aws[\w-]*):([\w-]+):([\w-]*):(\d{12}|aws|):(.+)$/.exec(value);
  if (!match) return undefined;
  const [, partition = "", service = "", regionPart = "", account = "", resource = ""] = match;
  return { partition, service, region: regionPart, account, resource };
}

/** What host names in this place end in: `amazonaws.com`. */
export function dnsSuffix(place: Pick<Place, "region">): string {
  return region(place.region).dnsSuffix;
}
