/** Where the types are listed, and where their volumes' limits. */
export const TYPES =
  "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/supported-instance-types.html";
export const VOLUMES = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html#ebsresource";

const upTo12 = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge";
const upTo16 = `${upTo12} 16xlarge`;

/** The families that nodes can be of, with their sizes. */
const families: readonly (readonly [names: string, sizes: string])[] = [
  ["t3", "small medium"],
  ["m5 r5", "large xlarge 2xlarge 4xlarge 12xlarge"],
  ["c5", "large xlarge 2xlarge 4xlarge 9xlarge 18xlarge"],
  ["m6g c6g r6g", upTo12],
  ["c7g c8g om2 c7i m7i r7i r6gd im4gn", upTo16],
  ["m7g r7g m8g r8g r7gd r8gd or1 or2", `medium ${upTo16}`],
  ["i3", "large xlarge 2xlarge 4xlarge 8xlarge 16xlarge"],
  ["i4g", "large xlarge 2xlarge 4xlarge 8xlarge 16xlarge"],
  ["i4i i7i i8g", upTo16],
  ["oi2", `${upTo16} 24xlarge`],
];

/** Families whose nodes keep their data on disks of their own, and take no EBS volume. */
const withDisks = ["i3", "i4g", "i4i", "i7i", "i8g", "im4gn", "oi2", "r6gd", "r7gd", "r8gd"];
/** Families that keep their data in S3, on top of a volume. */
const optimized = ["or1", "or2", "om2"];

const sizesFromMedium = ["medium", ...upTo16.split(" ")];
/** Largest gp3 volume in GiB by size, from `medium` or `large` on. */
const largest: Readonly<Record<string, readonly number[]>> = {
  "r6g r7g r8g or1 or2": [768, 1536, 3072, 6144, 12_288, 16_384, 24_576, 36_864],
  "m7g m8g om2": [768, 1536, 2048, 3072, 6144, 12_288, 18_432, 24_576],
  "c7g c8g": [0, 256, 512, 1024, 1536, 3072, 4608, 6144],
};
/** What any volume of a domain may have at most, GiB. */
const LARGEST = 36_864;

const types: ReadonlySet<string> = new Set(
  families.flatMap(([names, sizes]) =>
    names.split(" ").flatMap((family) => sizes.split(" ").map((size) => `${family}.${size}.search`)),
  ),
);

/** Whether OpenSearch Service has this instance type. */
export function isInstanceType(type: string): boolean {
  return types.has(type);
}

/** Whether nodes of this type take no EBS volume. */
export function hasDisks(type: string): boolean {
  return withDisks.includes(familyOf(type));
}

/** The sizes that a data node's volume may have, GiB. */
export function volumeSizes(type: string): { readonly smallest: number; readonly largest: number } {
  const [family, size] = [familyOf(type), type.split(".")[1] ?? ""];
  const smallest = optimized.includes(family) ? 20 : 10;
  if (family === "t3") return { smallest, largest: size === "small" ? 100 : 200 };
  const entry = Object.entries(largest).find(([names]) => names.split(" ").includes(family));
  return { smallest, largest: entry?.[1][sizesFromMedium.indexOf(size)] ?? LARGEST };
}

/** `r6g` of `r6g.large.search`. */
export function familyOf(type: string): string {
  return type.split(".")[0] ?? "";
}

/** Types that three dedicated masters, a warm tier or Auto-Tune may not have: they save up their speed. */
export function isBurstable(type: string): boolean {
  return /^t\d/.test(type);
}
