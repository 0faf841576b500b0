import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bucketPolicy, type BucketDoors } from "./bucketPolicy";
import { replicate, type ReplicationArgs, type VersionedBucket } from "./bucketReplication";
import type { Caller } from "./ownConfig";

/** How a bucket of the service is made, see {@link stateBucket}. */
export interface StateBucketArgs {
  readonly bucketName: string;
  readonly caller: Caller;
  /** Customer-managed key; without one S3's own encrypts, for what must be readable after every key is gone. */
  readonly encryptionKey: aws.kms.Key | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly protect: boolean;
  /** Whether a destroy deletes the objects too; otherwise a bucket with objects in it stops the destroy. */
  readonly forceDestroy: boolean;
  /** Days that an overwritten or deleted object can still be brought back. */
  readonly noncurrentDays: number;
  /** Bucket that gets the server access logs, below a prefix of the bucket's own name. */
  readonly accessLogsBucketName: string | undefined;
  /** From where objects are read and written; from anywhere, by whom IAM allows it, unless set. */
  readonly doors?: BucketDoors | undefined;
  /** Copy in another region, if there is to be one. */
  readonly replication?: ReplicationArgs | undefined;
  /**
   * Region of the bucket, when it isn't the stack's. By resource, not by a provider of its own, which would leave out
   * what the stack's configuration says of credentials (`aws:profile`, `aws:assumeRoles`).
   */
  readonly region?: string;
}

/** Days after which an upload that never ended is dropped. Source: Pulumi's self-hosting docs, object storage. */
const ABORTED_UPLOAD_DAYS = 14;

/**
 * A private bucket: versions kept for a while, encrypted, no ACLs, no public access, TLS only, and its copy in another
 * region where one is asked for. What reads and writes it is said by roles (01-iam), not here.
 */
export function stateBucket(name: string, args: StateBucketArgs): aws.s3.Bucket {
  const source = hardenedBucket(name, args);
  if (args.replication !== undefined) {
    const { region, bucketName, encryptionKey, tags } = args.replication;
    // Doors and logs are of the first region.
    const elsewhere = { doors: undefined, accessLogsBucketName: undefined };
    const replica = { ...args, ...elsewhere, region, bucketName, encryptionKey, tags };
    replicate(name, source, hardenedBucket(`${name}-replica`, replica), args.replication);
  }
  return source.bucket;
}

function hardenedBucket(name: string, args: StateBucketArgs): VersionedBucket {
  const { protect, region, encryptionKey } = args;
  const bucket = new aws.s3.Bucket(
    name,
    {
      bucket: args.bucketName,
      forceDestroy: args.forceDestroy,
      tags: { ...args.tags, Name: args.bucketName },
      region,
    },
    // A bucket that holds anything stops a destroy, and must do so before the key goes that its objects are encrypted with.
    { protect, dependsOn: encryptionKey ?? [] },
  );
  // Gone with the bucket and not before it: one that stops a destroy stays as closed as it was.
  const parent = { parent: bucket, deletedWith: bucket };
  const own = { bucket: bucket.bucket, region };
  const encryption =
    encryptionKey === undefined
      ? { sseAlgorithm: "AES256" }
      : { sseAlgorithm: "aws:kms", kmsMasterKeyId: encryptionKey.arn };
  const versioning = new aws.s3.BucketVersioning(
    name,
    { ...own, versioningConfiguration: { status: "Enabled" } },
    parent,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    name,
    {
      ...own,
      rules: [
        {
          // A bucket key saves a call to KMS per object; checkpoints are many and small.
          bucketKeyEnabled: encryptionKey !== undefined,
          applyServerSideEncryptionByDefault: encryption,
        },
      ],
    },
    parent,
  );
  new aws.s3.BucketOwnershipControls(name, { ...own, rule: { objectOwnership: "BucketOwnerEnforced" } }, parent);
  const publicAccess = new aws.s3.BucketPublicAccessBlock(
    name,
    {
      ...own,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    parent,
  );
  new aws.s3.BucketLifecycleConfiguration(
    name,
    {
      ...own,
      rules: lifecycleRules(args.noncurrentDays),
    },
    // A rule on noncurrent versions means nothing before versions are kept.
    { ...parent, dependsOn: versioning },
  );
  if (args.accessLogsBucketName !== undefined) {
    new aws.s3.BucketLogging(
      name,
      { ...own, targetBucket: args.accessLogsBucketName, targetPrefix: `${args.bucketName}/` },
      parent,
    );
  }
  new aws.s3.BucketPolicy(
    name,
    { ...own, policy: pulumi.jsonStringify(bucketPolicy(args.caller, args.bucketName, args.doors)) },
    // S3 refuses two changes of a bucket's access at once (OperationAborted).
    { ...parent, dependsOn: publicAccess },
  );
  return { bucket, versioning };
}

/** What goes by itself: versions that are over, and uploads that never ended. */
function lifecycleRules(noncurrentDays: number): aws.types.input.s3.BucketLifecycleConfigurationRule[] {
  return [
    {
      id: "expire-noncurrent-versions",
      status: "Enabled",
      filter: {},
      noncurrentVersionExpiration: { noncurrentDays },
      expiration: { expiredObjectDeleteMarker: true },
    },
    {
      id: "abort-incomplete-uploads",
      status: "Enabled",
      filter: {},
      abortIncompleteMultipartUpload: { daysAfterInitiation: ABORTED_UPLOAD_DAYS },
    },
  ];
}
