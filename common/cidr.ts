/** An IPv4 range as numbers; `first` and `last` are the addresses at its ends. */
export interface Range {
  readonly address: number;
  readonly prefix: number;
  readonly first: number;
  readonly last: number;
}

/** Reads CIDR notation; `undefined` when it isn't. */
export function parseCidr(value: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(value);
  if (!match) return undefined;
  const octets = match.slice(1, 5).map(Number);
  const prefix = Number(match[5]);
  if (octets.some((octet) => octet > 255) || prefix > 32) return undefined;
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(address / size) * size;
  return { address, prefix, first, last: first + size - 1 };
}

/** Whether two ranges in CIDR notation have an address in common. */
export function overlap(one: string, other: string): boolean {
  const [left, right] = [parseCidr(one), parseCidr(other)];
  return left !== undefined && right !== undefined && left.first <= right.last && right.first <= left.last;
}
