import { dnsSuffix } from "../naming";
import { findKey } from "../kms";
import { AwsError } from "../errors";
import type { Invoke } from "../record";
import { text } from "../values";
import { lookedUp } from "./lookup";

/** Look-ups of what data is kept in and encrypted with: S3, KMS, Secrets Manager. */
export const data: Readonly<Record<string, Invoke>> = {
  "aws:s3/getBucket:getBucket": (args, context) => {
    const name = text(args.bucket) ?? "";
    // S3 answers for a bucket of any Region, and says which one it is in.
    const bucket = context.world.get("aws:s3/bucket:Bucket", name);
    if (!bucket) {
      throw new AwsError(
        "NotFound",
        `the S3 bucket ${name} doesn't exist, or isn't yours to see`,
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html",
      );
    }
    const region = bucket.region;
    return {
      ...args,
      id: name,
      arn: bucket.properties.arn ?? "",
      region,
      bucketRegion: region,
      bucketDomainName: `${name}.s3.${dnsSuffix({ region })}`,
      bucketRegionalDomainName: `${name}.s3.${region}.${dnsSuffix({ region })}`,
      hostedZoneId: "",
    };
  },

  "aws:kms/getKey:getKey": (args, context) => {
    const name = text(args.keyId) ?? "";
    const key = findKey(context.world, name);
    if (key?.region !== context.region) {
      throw new AwsError(
        "NotFoundException",
        `Key '${name}' does not exist in ${context.region}`,
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html",
      );
    }
    return {
      ...args,
      ...key.properties,
      id: key.id,
      keyId: name,
      awsAccountId: context.account,
      enabled: true,
      keyManager: "CUSTOMER",
      keyState: "Enabled",
      keyUsage: key.properties.keyUsage ?? "ENCRYPT_DECRYPT",
      keySpec: key.properties.customerMasterKeySpec ?? "SYMMETRIC_DEFAULT",
      origin: "AWS_KMS",
    };
  },

  "aws:secretsmanager/getSecretVersion:getSecretVersion": (args, context) => {
    const id = text(args.secretId) ?? "";
    const version = lookedUp(
      context,
      "aws:secretsmanager/secretVersion:SecretVersion",
      ({ properties }) => properties.secretId === id || properties.arn === id,
      {
        code: "ResourceNotFoundException",
        message: `Secrets Manager can't find the specified secret value for ${id}.`,
        source: "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html",
      },
    );
    return { ...args, ...version.properties, id: version.id };
  },
};
