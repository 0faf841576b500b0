import * as aws from "@pulumi/aws";
import type { BucketDoors } from "./bucketPolicy";
import type { ReplicationArgs } from "./bucketReplication";
import { encryptionKey } from "./encryptionKey";
import { checkGivenBucket } from "./given";
import * as kinds from "./kinds";
import type { Names } from "./names";
import type { Caller } from "./ownConfig";
import { reasonOf, type Problems } from "./problems";
import { defaulted, optional, type Settings } from "./settings";
import { replicaOf } from "./shared";
import type { SettingValues } from "./spec";

/** Keys that say how the service's buckets are kept, the same wherever some are made. */
export const bucketSettings = {
  noncurrentDays: defaulted(kinds.integer(1, 3650), 30, "days that an overwritten object is kept"),
  forceDestroy: defaulted(kinds.boolean(), false, "whether a destroy deletes the buckets' objects too"),
  accessLogsBucketName: optional(kinds.bucketName(), "bucket that gets the buckets' access logs"),
  bucketsFromVpcOnly: defaulted(
    kinds.boolean(),
    false,
    "whether objects that only the service reads are refused to whoever comes from outside of the VPC",
  ),
  bucketsOpenTo: defaulted(
    kinds.list(kinds.principalArn()),
    [],
    "roles and users that reach those objects from anywhere all the same",
  ),
  replicaRegion: optional(kinds.region(), "other region that gets a copy of the buckets"),
  replicateDeletes: defaulted(kinds.boolean(), false, "whether a deletion is copied too"),
  replicationTimeControl: defaulted(kinds.boolean(), false, "whether S3 promises the copy within 15 minutes"),
} as const satisfies Settings;

/** What was configured of {@link bucketSettings}. */
export type BucketSettings = SettingValues<typeof bucketSettings>;

/** Checks the keys against each other and against AWS; what is wrong goes to `problems`. */
export async function checkBucketSettings(
  settings: BucketSettings,
  caller: Caller,
  vpcId: string | undefined,
  problems: Problems,
): Promise<void> {
  const { accessLogsBucketName, replicaRegion, bucketsOpenTo, bucketsFromVpcOnly } = settings;
  if (replicaRegion === caller.region) {
    problems.add(
      `replicaRegion is ${replicaRegion}, the buckets' own; run \`pulumi config set replicaRegion us-west-2\` with another one`,
    );
  }
  for (const key of ["replicateDeletes", "replicationTimeControl"] as const) {
    if (settings[key] && replicaRegion === undefined) {
      problems.add(`${key} means nothing without replicaRegion; set it, or run \`pulumi config rm ${key}\``);
    }
  }
  if (bucketsOpenTo.length > 0 && !bucketsFromVpcOnly) {
    problems.add("bucketsOpenTo means nothing without bucketsFromVpcOnly; run `pulumi config rm bucketsOpenTo`");
  }
  await Promise.all([
    accessLogsBucketName && checkGivenBucket("accessLogsBucketName", accessLogsBucketName, caller, problems),
    bucketsFromVpcOnly && vpcId !== undefined && checkS3Endpoint(vpcId, caller, problems),
  ]);
}

/** Without an endpoint for S3 in the VPC, what the service sends comes from outside, and would be refused. */
async function checkS3Endpoint(vpcId: string, { region }: Caller, problems: Problems): Promise<void> {
  try {
    await aws.ec2.getVpcEndpoint({
      vpcId,
      serviceName: `com.amazonaws.${region}.s3`,
      filters: [{ name: "vpc-endpoint-type", values: ["Gateway"] }],
    });
  } catch (error) {
    problems.add(
      `bucketsFromVpcOnly needs a gateway endpoint for S3 in ${vpcId} (${reasonOf(error)}); make one, or run \`pulumi config rm bucketsFromVpcOnly\``,
    );
  }
}

/** From where objects that only the service reads are reached, with AWS's own roles that copy them. */
export function doorsOf(
  settings: BucketSettings,
  vpcId: string | undefined,
  roleArns: readonly (string | undefined)[],
): BucketDoors | undefined {
  if (!settings.bucketsFromVpcOnly || vpcId === undefined) return undefined;
  const own = roleArns.filter((arn) => arn !== undefined);
  return { vpcId, principalArns: [...settings.bucketsOpenTo, ...own] };
}

/** How a stack's buckets are copied, by the component of each one's name; undefined when they aren't. */
export function replicationOf(
  config: {
    readonly settings: BucketSettings & { readonly protect: boolean };
    readonly names: Names;
    readonly caller: Caller;
    readonly tags: Readonly<Record<string, string>>;
  },
  roleArn: string | undefined,
  alias: string,
): ((component: string) => ReplicationArgs) | undefined {
  const { settings, names, caller, tags } = config;
  const { replicaRegion: region } = settings;
  if (region === undefined || roleArn === undefined) return undefined;
  const key = encryptionKey("replica", {
    alias,
    description: `Pulumi: copies of the buckets of ${caller.region}`,
    // The role that copies is granted it by its alias, like everybody who restores from the copies.
    delegates: "everything",
    caller,
    tags,
    protect: settings.protect,
    region,
  });
  return (component) => ({
    region,
    bucketName: names.bucket(replicaOf(component)),
    roleArn,
    encryptionKey: key,
    tags,
    deletes: settings.replicateDeletes,
    timeControl: settings.replicationTimeControl,
  });
}
