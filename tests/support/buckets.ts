import { expect } from "@jest/globals";
import type { Run } from "./mocks";

/** Asserts everything that a bucket of the service must have; the controls of AWS's S3 security standard. */
export function expectHardenedBucket(run: Run, name: string, keyArn: unknown): void {
  const bucket = run.one("aws:s3/bucket:Bucket", name);
  expect(bucket.protect).toBe(true);
  expect(bucket.inputs["forceDestroy"]).toBe(false);
  // The bucket goes first: it stops a destroy while it holds objects, which are lost with their key.
  const key = run.ofType("aws:kms/key:Key").find(({ state }) => state["arn"] === keyArn);
  expect(bucket.dependsOn).toContain(`aws:kms/key:Key::${key?.name ?? ""}`);
  const part = (type: string) => {
    const { inputs } = run.one(`aws:s3/${type}:${type[0]?.toUpperCase() ?? ""}${type.slice(1)}`, name);
    expect(inputs["bucket"]).toBe(bucket.inputs["bucket"]);
    return inputs;
  };
  expect(part("bucketVersioning")["versioningConfiguration"]).toEqual({ status: "Enabled" });
  expect(part("bucketServerSideEncryptionConfiguration")["rules"]).toEqual([
    {
      bucketKeyEnabled: true,
      applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
    },
  ]);
  expect(part("bucketOwnershipControls")["rule"]).toEqual({ objectOwnership: "BucketOwnerEnforced" });
  expect(part("bucketPublicAccessBlock")).toMatchObject({
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  expect(part("bucketLifecycleConfiguration")["rules"]).toEqual([
    {
      id: "expire-noncurrent-versions",
      status: "Enabled",
      filter: {},
      noncurrentVersionExpiration: { noncurrentDays: 30 },
      expiration: { expiredObjectDeleteMarker: true },
    },
    {
      id: "abort-incomplete-uploads",
      status: "Enabled",
      filter: {},
      abortIncompleteMultipartUpload: { daysAfterInitiation: 14 },
    },
  ]);
  const bucketArn = `arn:aws:s3:::${String(bucket.inputs["bucket"])}`;
  const everything = { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [bucketArn, `${bucketArn}/*`] };
  expect(JSON.parse(String(part("bucketPolicy")["policy"]))).toEqual({
    Version: "2012-10-17",
    Statement: [
      { ...everything, Sid: "TlsOnly", Condition: { Bool: { "aws:SecureTransport": "false" } } },
      { ...everything, Sid: "Tls12", Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } } },
    ],
  });
}
