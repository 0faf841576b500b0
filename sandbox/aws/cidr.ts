import { BlockList, isIPv4 } from "node:net";

/** An IPv4 CIDR block. */
export interface Cidr {
  /** Its first address, e.g. `10.0.0.0`. */
  readonly address: string;
  /** Prefix length, 0 to 32. */
  readonly prefix: number;
}

/** Undefined when the text is no CIDR block, or has bits set beyond its prefix (`10.0.0.1/16`), which EC2 refuses. */
export function parseCidr(value: string): Cidr | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(value);
  const [address, prefix] = [match?.[1] ?? "", Number(match?.[2])];
  if (!match || !isIPv4(address) || prefix > 32) return undefined;
  const hostBits = 2 ** (32 - prefix);
  return toNumber(address) % hostBits === 0 ? { address, prefix } : undefined;
}

/** Whether every address of `inner` is in `outer`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  const list = new BlockList();
  list.addSubnet(outer.address, outer.prefix);
  return inner.prefix >= outer.prefix && list.check(inner.address);
}

/** Two blocks overlap when one contains the other: CIDR blocks can't overlap in part. */
export function overlap(one: Cidr, other: Cidr): boolean {
  return contains(one, other) || contains(other, one);
}

/** The nth address of a block (0 is the network address). */
export function addressIn(cidr: Cidr, nth: number): string {
  const value = toNumber(cidr.address) + nth;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** Number of addresses that instances can have: EC2 keeps five of each subnet for itself. */
export function usableAddresses(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefix) - 5;
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
