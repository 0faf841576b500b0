import type * as aws from "@pulumi/aws";
import { encryptionKey, keyUsers, kinds, logsMayUseKey, shared } from "@selfhosted/common";
import type { DatabaseConfig } from "./config";

/**
 * Key of the database's storage, backups, logs and password, and of the state buckets' objects.
 * @param encryption The service's key, which goes after this one, and so after everything that this one encrypts: a
 * destroy that a bucket with objects in it stops leaves both in the state, and the next `up` goes on with them.
 */
export function makeDataKey(config: DatabaseConfig, encryption: aws.kms.Key | undefined): aws.kms.Key {
  const { names, caller, tags, settings } = config;
  return encryptionKey("data", {
    alias: names.keyAlias(shared.keyAliases.data),
    description: "Pulumi: the database and the state buckets",
    // RDS, S3 and Secrets Manager use it in the name of whoever asks them; the roles of 01-iam are granted it by alias.
    delegates: "everything",
    statements: [logsMayUseKey(caller, "/aws/rds/cluster/"), ...copiersMayUseKey(config)],
    caller,
    tags,
    protect: settings.protect,
    outlivesStack: true,
    dependsOn: encryption,
  });
}

/**
 * Lets the account of a vault elsewhere take copies: a backup of Aurora is encrypted with the database's own key, and who
 * copies it into another account must be able to open it. One of this account needs nothing.
 * Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
 */
function copiersMayUseKey({ caller, settings }: DatabaseConfig): aws.iam.PolicyStatement[] {
  const account = settings.backupCopyVaultArn && kinds.parseArn(settings.backupCopyVaultArn)?.account;
  if (account === undefined || account === caller.account) return [];
  const theirs = {
    Effect: "Allow",
    Principal: { AWS: `arn:${caller.partition}:iam::${account}:root` },
    Resource: "*",
  } as const;
  return [
    {
      Sid: "CopyBackups",
      ...theirs,
      Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    },
    {
      Sid: "CopyBackupsByGrants",
      ...theirs,
      Action: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
      Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
  ];
}

/**
 * Key with which the service encrypts its users' secrets (PULUMI_KMS_KEY). Only the API's role encrypts and decrypts
 * with it: an administrator of the account can manage the key, but not read secrets, without changing this policy.
 */
export function makeEncryptionKey({ names, caller, tags, settings, upstream }: DatabaseConfig): aws.kms.Key {
  const users = [upstream.iam.apiRoleArn, upstream.iam.apiTaskRoleArn].filter((arn) => arn !== undefined);
  return encryptionKey("app", {
    alias: names.keyAlias(shared.keyAliases.app),
    description: "Pulumi: the service's encrypted secrets. Without this key they can't be read again, ever",
    delegates: "administration",
    administratorArns: settings.encryptionKeyAdministratorArns,
    statements: [keyUsers("Service", caller, users)],
    multiRegion: settings.multiRegionKey,
    // Beside the copies of the buckets: objects and rows are worth nothing there without it.
    replicaRegion: settings.multiRegionKey ? settings.replicaRegion : undefined,
    caller,
    tags,
    protect: settings.protect,
    outlivesStack: true,
  });
}
