import { z } from "zod";
import { parseCidr } from "../cidr";
import { text, type Kind } from "./kind";
import { integer } from "./plain";

/** An IPv4 range in CIDR notation whose prefix length lies between two bounds, host bits zero. */
export function cidrBlock(shortest = 0, longest = 32): Kind<string> {
  const wrong = `must be an IPv4 range like 10.0.0.0/16, /${shortest} to /${longest}, with no bits set behind the prefix`;
  const schema = z.string().refine((value) => {
    const range = parseCidr(value);
    return range !== undefined && range.prefix >= shortest && range.prefix <= longest && range.address === range.first;
  }, wrong);
  return { form: "10.0.0.0/16", schema, written: "text", example: "10.0.0.0/16", secret: false };
}

/** A DNS host name of at least two labels, without a trailing dot. Source: RFC 1035 §2.3.4 (63 a label, 253 in all). */
export function hostName(example = "app.example.com"): Kind<string> {
  const label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
  return text(example, new RegExp(`^(?=.{4,253}$)(?:${label}\\.)+${label}$`), `must be a host name like ${example}`);
}

/** A TCP port. */
export function port(): Kind<number> {
  return { ...integer(1, 65535), example: 3306 };
}

/** An `https://` address without a path. */
export function httpsUrl(example = "https://app.example.com"): Kind<string> {
  return text(example, /^https:\/\/[a-zA-Z0-9.-]+(?::\d{2,5})?$/, `must be an address like ${example}`);
}

/** Certificates in PEM, one or several one after the other; empty means none. */
export function certificates(): Kind<string> {
  const wrong = "must be the text of PEM certificates (-----BEGIN CERTIFICATE-----…), not a path to them";
  const one = String.raw`-----BEGIN CERTIFICATE-----[\s\w+/=]+-----END CERTIFICATE-----\s*`;
  return {
    ...text("-----BEGIN CERTIFICATE-----…", new RegExp(`^(?:${one})*$`), wrong),
    example: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
  };
}
