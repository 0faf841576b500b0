import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Caller } from "./ownConfig";

/** How a bucket of the service is made, see {@link stateBucket}. */
export interface StateBucketArgs {
  readonly bucketName: string;
  readonly caller: Caller;
  /** Customer-managed key; without one S3's own encrypts, for what must be readable after every key is gone. */
  readonly encryptionKeyArn: pulumi.Input<string> | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly protect: boolean;
  /** Whether a destroy deletes the objects too; otherwise a bucket with objects in it stops the destroy. */
  readonly forceDestroy: boolean;
  /** Days that an overwritten or deleted object can still be brought back. */
  readonly noncurrentDays: number;
  /** Bucket that gets the server access logs, below a prefix of the bucket's own name. */
  readonly accessLogsBucketName: string | undefined;
}

/** Days after which an upload that never ended is dropped. Source: Pulumi's self-hosting docs, object storage. */
const ABORTED_UPLOAD_DAYS = 14;

/**
 * A private bucket: versions kept for a while, encrypted, no ACLs, no public access, TLS
 * only. What reads and writes it is said by roles (01-iam), not here.
 */
export function stateBucket(name: string, args: StateBucketArgs): aws.s3.Bucket {
  const { protect } = args;
  const bucket = new aws.s3.Bucket(
    name,
    { bucket: args.bucketName, forceDestroy: args.forceDestroy, tags: { ...args.tags, Name: args.bucketName } },
    { protect },
  );
  const parent = { parent: bucket };
  const encryption =
    args.encryptionKeyArn === undefined
      ? { sseAlgorithm: "AES256" }
      : { sseAlgorithm: "aws:kms", kmsMasterKeyId: args.encryptionKeyArn };
  const versioning = new aws.s3.BucketVersioning(
    name,
    { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
    parent,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    name,
    {
      bucket: bucket.bucket,
      rules: [
        {
          // A bucket key saves a call to KMS per object; checkpoints are many and small.
          bucketKeyEnabled: args.encryptionKeyArn !== undefined,
          applyServerSideEncryptionByDefault: encryption,
        },
      ],
    },
    parent,
  );
  new aws.s3.BucketOwnershipControls(
    name,
    { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
    parent,
  );
  const publicAccess = new aws.s3.BucketPublicAccessBlock(
    name,
    {
      bucket: bucket.bucket,
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
      bucket: bucket.bucket,
      rules: [
        {
          id: "expire-noncurrent-versions",
          status: "Enabled",
          filter: {},
          noncurrentVersionExpiration: { noncurrentDays: args.noncurrentDays },
          expiration: { expiredObjectDeleteMarker: true },
        },
        {
          id: "abort-incomplete-uploads",
          status: "Enabled",
          filter: {},
          abortIncompleteMultipartUpload: { daysAfterInitiation: ABORTED_UPLOAD_DAYS },
        },
      ],
    },
    // A rule on noncurrent versions means nothing before versions are kept.
    { ...parent, dependsOn: versioning },
  );
  if (args.accessLogsBucketName !== undefined) {
    new aws.s3.BucketLogging(
      name,
      { bucket: bucket.bucket, targetBucket: args.accessLogsBucketName, targetPrefix: `${args.bucketName}/` },
      parent,
    );
  }
  new aws.s3.BucketPolicy(
    name,
    { bucket: bucket.bucket, policy: pulumi.jsonStringify(tlsOnly(args.caller, args.bucketName)) },
    // S3 refuses two changes of a bucket's access at once (OperationAborted).
    { ...parent, dependsOn: publicAccess },
  );
  return bucket;
}

function tlsOnly({ partition }: Caller, bucketName: string): aws.iam.PolicyDocument {
  const bucketArn = `arn:${partition}:s3:::${bucketName}`;
  const denied = (
    Sid: string,
    Condition: NonNullable<aws.iam.PolicyStatement["Condition"]>,
  ): aws.iam.PolicyStatement => ({
    Sid,
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucketArn, `${bucketArn}/*`],
    Condition,
  });
  return {
    Version: "2012-10-17",
    Statement: [
      denied("TlsOnly", { Bool: { "aws:SecureTransport": "false" } }),
      denied("Tls12", { NumericLessThan: { "s3:TlsVersion": "1.2" } }),
    ],
  };
}
