import * as aws from "@pulumi/aws";

/** How a bucket is copied to another region, see {@link replicate}. */
export interface ReplicationArgs {
  readonly region: string;
  /** Name of the copy. */
  readonly bucketName: string;
  /** Role with which S3 reads the one and writes the other (01-iam). */
  readonly roleArn: string;
  /** Key of the copy's region. */
  readonly encryptionKey: aws.kms.Key;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether a deletion is copied too; otherwise what was deleted by mistake, or in malice, is still in the copy. */
  readonly deletes: boolean;
  /** Whether S3 promises the copy within fifteen minutes, and measures it. */
  readonly timeControl: boolean;
}

/** A bucket that keeps versions, once both are there. */
export interface VersionedBucket {
  readonly bucket: aws.s3.Bucket;
  readonly versioning: aws.s3.BucketVersioning;
}

/** What replication time control promises; there is no other. Source: S3 user guide, "Meeting compliance requirements with RTC". */
const MINUTES = 15;

/**
 * Copies every version that is written from now on; what was there before is copied by S3 Batch Replication only.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
 */
export function replicate(
  name: string,
  source: VersionedBucket,
  replica: VersionedBucket,
  args: ReplicationArgs,
): void {
  new aws.s3.BucketReplicationConfig(
    name,
    {
      bucket: source.bucket.bucket,
      role: args.roleArn,
      rules: [
        {
          id: "everything",
          status: "Enabled",
          priority: 0,
          filter: {},
          deleteMarkerReplication: { status: args.deletes ? "Enabled" : "Disabled" },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
          destination: {
            bucket: replica.bucket.arn,
            encryptionConfiguration: { replicaKmsKeyId: args.encryptionKey.arn },
            ...(args.timeControl && {
              replicationTime: { status: "Enabled", time: { minutes: MINUTES } },
              metrics: { status: "Enabled", eventThreshold: { minutes: MINUTES } },
            }),
          },
        },
      ],
    },
    // Both keep versions, or S3 refuses.
    { parent: source.bucket, deletedWith: source.bucket, dependsOn: [source.versioning, replica.versioning] },
  );
}
