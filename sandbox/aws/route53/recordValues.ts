import { isIPv4, isIPv6 } from "node:net";

/** The record types that Route 53 has: docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html */
export const recordTypes = "A AAAA CAA CNAME DS HTTPS MX NAPTR NS PTR SOA SPF SRV SSHFP SVCB TLSA TXT".split(" ");

interface Form {
  readonly holds: (value: string) => boolean;
  readonly described: string;
}

const hostName: Form = {
  holds: (value) => value.length <= 256 && /^(\*\.)?([\w-]{1,63}\.)*[\w-]{1,63}\.?$/.test(value),
  described: "a host name",
};

/** The form of one value, by the record's type; a type without one here takes any text. */
const forms: Readonly<Record<string, Form>> = {
  A: { holds: (value) => isIPv4(value), described: "an IPv4 address" },
  AAAA: { holds: (value) => isIPv6(value), described: "an IPv6 address" },
  CNAME: hostName,
  NS: hostName,
  PTR: hostName,
  MX: { holds: (value) => /^\d{1,5} \S+$/.test(value), described: "a priority and a host name" },
  SRV: { holds: (value) => /^(\d{1,5} ){3}\S+$/.test(value), described: "priority, weight, port and host name" },
  CAA: {
    // RFC 8659 §4.1: flags are a byte, tags letters and digits.
    holds: (value) => Number(/^(\d{1,3}) [a-z0-9]{1,15} "[^"]{0,255}"$/i.exec(value)?.[1] ?? 256) <= 255,
    described: 'flags, tag and value: 0 issue "amazon.com"',
  },
  // A program's quotes inside a value begin the next of its strings.
  TXT: {
    holds: (value) => value.split(/" *"/).every((part) => part.replace(/^"|"$/g, "").length <= 255),
    described: 'strings of at most 255 characters: put "" between two parts of a longer one',
  },
};

/** What is wrong with each value that can't be one of its record type. */
export function badValues(type: string, values: readonly string[]): string[] {
  const form = forms[type];
  if (!form) return [];
  return values
    .filter((value) => !form.holds(value))
    .map((value) => `'${value}' is no value of a record of type ${type}, give ${form.described}`);
}
