import { arn, dnsSuffix } from "../naming";
import { region as regionOf } from "../regions";
import type { ResourceRecord } from "../record";
import { refusals, when } from "../rules";
import { flag, text } from "../values";
import { bucketName } from "./names";
import type { World } from "../../world";

export const BUCKET = "aws:s3/bucket:Bucket";
const BUCKET_V2 = "aws:s3/bucketV2:BucketV2";
const OBJECTS = ["aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2"] as const;
/** Both resource types make the same thing. */
export const bucketTypes: readonly string[] = [BUCKET, BUCKET_V2];
const SOURCE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html";

/** Whether a bucket exists, by name or ARN. */
export function findBucket(world: World, nameOrArn: string) {
  const name = nameOrArn.replace(/^arn:[\w-]+:s3:::/, "");
  return world.get(BUCKET, name) ?? world.get(BUCKET_V2, name);
}

/** Number of objects in a bucket: those that Pulumi made, and what rehearsed workloads wrote. */
export function objectsIn(world: World, bucket: string): number {
  const made = OBJECTS.flatMap((type) => world.list(type)).filter(({ properties }) => properties.bucket === bucket);
  return made.length;
}

function bucket(type: string, page: string): ResourceRecord {
  return {
    type,
    source: `https://www.pulumi.com/registry/packages/aws/api-docs/s3/${page}/`,
    id: ({ inputs }) => text(inputs.bucket) ?? "",
    autoname: { property: "bucket", maxLength: 63, pattern: /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/ },
    defaults: { forceDestroy: false, objectLockEnabled: false },
    replaceOn: ["bucket", "objectLockEnabled"],
    errors: { notFound: "NoSuchBucket", inUse: "BucketNotEmpty" },
    outputs: (context) => {
      const { id, region } = context;
      return {
        arn: arn(context, "s3", id, ["region", "account"]),
        bucketDomainName: `${id}.s3.${dnsSuffix(context)}`,
        bucketRegionalDomainName: `${id}.s3.${region}.${dnsSuffix(context)}`,
        bucketRegion: region,
        hostedZoneId: regionOf(region).hostedZones.s3 ?? "",
        requestPayer: "BucketOwner",
      };
    },
    validate: ({ inputs }) => refusals(bucketName(text(inputs.bucket))),
    conflicts: ({ world, inputs, id }) => {
      const name = text(inputs.bucket) ?? "";
      const other = findBucket(world, name);
      return refusals(
        when(
          other !== undefined && id === undefined,
          "BucketAlreadyOwnedByYou",
          `${name} exists already: bucket names are unique in all Regions; choose another, or import it`,
          "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
        ),
      );
    },
    blocksDeletion: ({ world, id, properties }) =>
      when(
        objectsIn(world, id) > 0 && flag(properties.forceDestroy) !== true,
        "BucketNotEmpty",
        `The bucket you tried to delete is not empty: ${id} holds ${objectsIn(world, id)} objects; empty it, or set forceDestroy and run \`pulumi up\` before destroying`,
        SOURCE,
      ),
    onDelete: ({ world, id }) => {
      // Its objects and its settings.
      for (const object of world.all()) {
        if (/^aws:s3\/bucket[A-Z]/.test(object.type) && object.properties.bucket === id)
          world.remove(object.type, object.id);
      }
      return Promise.resolve();
    },
    seconds: { create: 3, delete: 2 },
  };
}

export const bucketRecords: readonly ResourceRecord[] = [bucket(BUCKET, "bucket"), bucket(BUCKET_V2, "bucketv2")];
