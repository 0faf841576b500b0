/**
 * EC2 instance types of the families that clusters of servers are built from, with their sizes.
 * Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html
 */
const small = "nano micro small medium large xlarge 2xlarge";
const to16 = "medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge";
const to24 = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge";
const flex = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge";
const to48 = "medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge";

const sizes: readonly (readonly [families: string, sizes: string])[] = [
  ["t2 t3 t3a t4g", small],
  ["m5 m5a m5n r5 r5a r5n c5a", to24],
  ["c5", "large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge"],
  ["c5n", "large xlarge 2xlarge 4xlarge 9xlarge 18xlarge"],
  ["c6g c6gd c7g c7gd m6g m6gd m7g m7gd r6g r6gd r7g r7gd", to16],
  ["c6a m6a r6a", `${to24} 32xlarge 48xlarge`],
  ["c6i m6i r6i", `${to24} 32xlarge`],
  ["c7a m7a r7a", to48],
  ["c7i m7i r7i", `${to24} 48xlarge`],
  ["c7i-flex m7i-flex c8i-flex m8i-flex r8i-flex", flex],
  ["c8a c8g c8gd m8a m8g m8gd r8a r8g r8gd", `${to16} 24xlarge 48xlarge`],
  ["c8i m8i r8i", `${to24} 32xlarge 48xlarge 96xlarge`],
];

const known: ReadonlySet<string> = new Set(
  sizes.flatMap(([families, list]) =>
    families.split(" ").flatMap((family) => list.split(" ").map((size) => `${family}.${size}`)),
  ),
);

/** Whether EC2 has this instance type, among the general-purpose, compute- and memory-optimized families. */
export function isInstanceType(name: string): boolean {
  return known.has(name);
}

/** `arm64` for AWS Graviton families (`m7g`, `t4g`, `c6gd`), `x86_64` for the others. */
export function architectureOf(instanceType: string): "arm64" | "x86_64" {
  return /^[a-z]+\d+g/.test(instanceType) ? "arm64" : "x86_64";
}

/** Every instance type known here, for `getInstanceTypeOfferings`. */
export const instanceTypes: readonly string[] = [...known];
