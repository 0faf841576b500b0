import { addressIn, overlap, parseCidr, type Cidr } from "../aws/cidr";

/** One subnet spec of `awsx.ec2.Vpc`, as far as addresses go. */
export interface SubnetSpec {
  /** `Public`, `Private`, `Isolated`, or `Unused` for a gap. */
  readonly type: string;
  readonly name?: string;
  readonly cidrMask?: number;
  /** Number of addresses; another way to give `cidrMask`. */
  readonly size?: number;
  /** One CIDR block a zone, instead of a computed one. */
  readonly cidrBlocks?: string[];
}

/** A spec laid out in one zone. */
export interface PlacedSubnet<Spec extends SubnetSpec> {
  readonly spec: Spec;
  readonly zone: string;
  /** 1 for the first zone. */
  readonly zoneNumber: number;
  readonly cidrBlock: string;
}

/** What awsx makes when the program names no subnets: a larger private and a smaller public one a zone. */
const DEFAULT_TYPES = ["Private", "Public"];

/**
 * Lays subnets out by the strategies Auto and Exact of awsx: the network is divided evenly among the zones, and each
 * zone's part is given out in the order of the specs, each block aligned to its size.
 * Source: https://www.pulumi.com/registry/packages/awsx/api-docs/ec2/vpc/#subnet-layout-strategies
 * @throws Error when they don't fit.
 */
export function layOut<Spec extends SubnetSpec>(
  cidrBlock: string,
  zones: readonly string[],
  specs: readonly Spec[],
  zoneMask?: number,
): PlacedSubnet<Spec>[] {
  const network = parseCidr(cidrBlock);
  if (!network)
    throw new Error(`cidrBlock "${cidrBlock}" is no CIDR block: write its first address, as in 10.0.0.0/16`);
  checkNames(specs);
  const perZone = zoneMask ?? network.prefix + bitsFor(zones.length);
  const placed = zones.flatMap((zone, index) => {
    const start = index * 2 ** (32 - perZone);
    const blocks = specs.some(({ cidrBlocks }) => cidrBlocks)
      ? specs.map((spec) => explicitBlock(spec, index, zones.length))
      : zoneBlocks({ address: addressIn(network, start), prefix: perZone }, specs);
    return specs.map((spec, place) => ({ spec, zone, zoneNumber: index + 1, cidrBlock: blocks[place] ?? "" }));
  });
  checkOverlaps(placed);
  return placed;
}

/** The specs when the program gives none. @param zoneMask Prefix length of a zone's part of the network. */
export function defaultSpecs(cidrBlock: string, zoneCount: number, zoneMask?: number): SubnetSpec[] {
  const perZone = zoneMask ?? (parseCidr(cidrBlock)?.prefix ?? 16) + bitsFor(zoneCount);
  // Of a network larger than /16 only the first /16 is given out; the rest is the owner's to add.
  return DEFAULT_TYPES.map((type, index) => ({ type, cidrMask: Math.max(perZone, 16) + index + 1 }));
}

function zoneBlocks(part: Cidr, specs: readonly SubnetSpec[]): string[] {
  const evenly = part.prefix + bitsFor(specs.length);
  const masks = specs.map((spec) => spec.cidrMask ?? (spec.size ? 32 - Math.log2(spec.size) : evenly));
  const capacity = 2 ** (32 - part.prefix);
  const needed = masks.reduce((sum, mask) => sum + 2 ** (32 - mask), 0);
  if (needed > capacity) {
    throw new Error(
      `Subnets are too large for VPC. VPC has ${capacity} addresses, but subnets require ${needed} addresses.`,
    );
  }
  let next = 0;
  return masks.map((mask) => {
    const size = 2 ** (32 - mask);
    const start = Math.ceil(next / size) * size;
    next = start + size;
    return `${addressIn(part, start)}/${mask}`;
  });
}

function explicitBlock(spec: SubnetSpec, zone: number, zoneCount: number): string {
  if (spec.cidrBlocks?.length !== zoneCount) {
    throw new Error(
      `The number of CIDR blocks in each of subnetSpecs must match the number of availability zones (${zoneCount}).`,
    );
  }
  return spec.cidrBlocks[zone] ?? "";
}

function checkNames(specs: readonly SubnetSpec[]): void {
  const names = specs.filter(({ type }) => type !== "Unused").map((spec) => spec.name ?? spec.type.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`Multiple subnet specs of type "${twice}" require unique names.`);
}

function checkOverlaps(placed: readonly PlacedSubnet<SubnetSpec>[]): void {
  const blocks = placed.flatMap(({ cidrBlock }) => parseCidr(cidrBlock) ?? []);
  const clash = blocks.find((one, index) => blocks.slice(index + 1).some((other) => overlap(one, other)));
  if (clash) {
    throw new Error(
      `The subnet ${clash.address}/${clash.prefix} overlaps with another: make the VPC's CIDR larger, or the subnets smaller`,
    );
  }
}

function bitsFor(count: number): number {
  return count === 0 ? 0 : Math.ceil(Math.log2(count));
}
