import { shared } from "@selfhosted/common";
import type { IamConfig } from "../config";
import { allow, document, type Document, type Statement } from "./document";
import { scopeOf } from "./scope";
import { stateBucketNames } from "./state";

/**
 * Rights with which S3 copies the state buckets to their replicas in another region, wherever that is, decrypting and
 * encrypting through S3 alone.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html, and for KMS
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
 */
export function replicationPolicy(config: IamConfig): Document<Statement> {
  const { settings, names, caller } = config;
  const { arn, bucketArn, dnsSuffix } = scopeOf(config);
  const { buckets, keyAliases } = shared;
  const sources = stateBucketNames(config);
  const replicas = Object.values(buckets).map((component) => names.bucket(shared.replicaOf(component)));
  const throughS3 = (region: string) => ({ StringLike: { "kms:ViaService": `s3.${region}.${dnsSuffix}` } });
  const keysAnywhere = `arn:${caller.partition}:kms:*:${caller.account}:key/*`;
  const aliases = (...components: string[]) => ({
    "ForAnyValue:StringEquals": { "kms:ResourceAliases": components.map((component) => names.keyAlias(component)) },
  });
  return document(
    allow(
      "ReadRules",
      ["s3:GetReplicationConfiguration", "s3:ListBucket"],
      sources.map((bucket) => bucketArn(bucket)),
    ),
    allow(
      "ReadVersions",
      ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
      sources.map((bucket) => bucketArn(bucket, "*")),
    ),
    allow(
      "WriteReplicas",
      ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"],
      replicas.map((bucket) => bucketArn(bucket, "*")),
    ),
    allow("DecryptVersions", "kms:Decrypt", arn("kms", "key/*"), {
      ...throughS3(caller.region),
      ...aliases(keyAliases.app, keyAliases.data, keyAliases.esc),
    }),
    ...(settings.bucketKeyArns.length > 0
      ? [allow("DecryptVersionsGiven", "kms:Decrypt", settings.bucketKeyArns, throughS3(caller.region))]
      : []),
    allow("EncryptReplicas", ["kms:Encrypt", "kms:GenerateDataKey"], keysAnywhere, {
      ...throughS3("*"),
      ...aliases(keyAliases.replica, keyAliases.escReplica),
    }),
  );
}
