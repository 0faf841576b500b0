import { shared } from "@selfhosted/common";
import type { IamConfig } from "../config";
import { allow, document, type Document, type Statement } from "./document";
import { scopeOf } from "./scope";

/** The four actions that the service's KMS mode needs. Source: Pulumi's self-hosting docs, "Encryption service". */
const encryptionActions = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"];

/** What an append-only log that people search needs; no action in it changes or deletes an entry. */
const auditActions = ["dynamodb:BatchWriteItem", "dynamodb:DescribeTable", "dynamodb:PutItem", "dynamodb:Query"];

/** Names of the buckets in which the service keeps its state: those given, otherwise those of the convention. */
export function stateBucketNames({ settings, names }: IamConfig): string[] {
  const { buckets } = shared;
  return [
    settings.checkpointsBucketName ?? names.bucket(buckets.checkpoints),
    settings.policyPacksBucketName ?? names.bucket(buckets.policyPacks),
    settings.eventsBucketName ?? names.bucket(buckets.events),
    settings.metadataBucketName ?? names.bucket(buckets.metadata),
    settings.registryPublicBucketName ?? names.bucket(buckets.registryPublic),
    settings.registryPrivateBucketName ?? names.bucket(buckets.registryPrivate),
  ];
}

/**
 * What the API does in AWS, and nothing else: objects in the state buckets, entries of the audit log, and encryption with
 * the application's key. Buckets and keys don't exist yet, so buckets are named by the convention of `common/` and keys by alias; those that
 * exist already are named by the ids given.
 */
export function statePolicy(config: IamConfig): Document<Statement> {
  const { keyAliases } = shared;
  const { settings, names, caller } = config;
  const scope = scopeOf(config);
  const own = stateBucketNames(config);
  const table = scope.arn("dynamodb", `table/${settings.auditTableName ?? names.of(shared.auditTable)}`);
  const aliases = (...components: string[]) => components.map((component) => names.keyAlias(component));
  const through = (service: string) => ({ "kms:ViaService": `${service}.${caller.region}.${scope.dnsSuffix}` });
  const throughS3 = { StringEquals: through("s3") };
  return document(
    allow(
      "ListBuckets",
      ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions"],
      own.map((bucket) => scope.bucketArn(bucket)),
    ),
    allow(
      "UseObjects",
      [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ],
      own.map((bucket) => scope.bucketArn(bucket, "*")),
    ),
    allow("KeepAuditLogs", auditActions, [table, `${table}/index/*`]),
    settings.encryptionKeyArn === undefined
      ? allow("EncryptSecrets", encryptionActions, scope.arn("kms", "key/*"), {
          "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases(keyAliases.app) },
        })
      : allow("EncryptSecrets", encryptionActions, settings.encryptionKeyArn),
    // Objects are encrypted by S3 in the caller's name: these keys serve buckets only.
    allow("EncryptObjects", ["kms:Decrypt", "kms:GenerateDataKey"], scope.arn("kms", "key/*"), {
      ...throughS3,
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases(keyAliases.app, keyAliases.data, keyAliases.esc) },
    }),
    // DynamoDB opens the audit table's key in the caller's name whenever it isn't in its cache.
    // Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    allow("OpenAuditTable", ["kms:Decrypt", "kms:DescribeKey"], scope.arn("kms", "key/*"), {
      StringEquals: through("dynamodb"),
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases(keyAliases.data) },
    }),
    ...(settings.bucketKeyArns.length > 0
      ? [allow("EncryptObjectsGiven", ["kms:Decrypt", "kms:GenerateDataKey"], settings.bucketKeyArns, throughS3)]
      : []),
  );
}
