import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Caller } from "./ownConfig";

/** How a customer-managed key is made, see {@link encryptionKey}. */
export interface EncryptionKeyArgs {
  /** `alias/…`, from `names.keyAlias`; roles are granted rights on the key by this name. */
  readonly alias: string;
  readonly description: string;
  readonly caller: Caller;
  readonly tags: Readonly<Record<string, string>>;
  readonly protect: boolean;
  /**
   * What the account's IAM policies may allow on the key: `everything`, or `administration` only, so that nobody but
   * the principals of `statements` encrypts or decrypts with it, whatever IAM says.
   */
  readonly delegates: "everything" | "administration";
  /**
   * Who alone may do what is delegated, besides the account's root user, whom AWS needs to keep a key from belonging to
   * nobody; everybody whom IAM allows it, unless set.
   */
  readonly administratorArns?: readonly string[];
  /** Further statements of the key policy. */
  readonly statements?: readonly aws.iam.PolicyStatement[];
  readonly multiRegion?: boolean;
  /** Other region that gets a replica of a multi-Region key: the same key material, under the same policy. */
  readonly replicaRegion?: string | undefined;
  /**
   * Whether the key stays in the account when the stack is destroyed: snapshots and backups outlive their stack, and
   * without the key that they are encrypted with nobody can read them again.
   */
  readonly outlivesStack?: boolean;
  /** Region of the key, when it isn't the stack's. */
  readonly region?: string;
  /** What a destroy must come to after this key. */
  readonly dependsOn?: aws.kms.Key | undefined;
}

/**
 * What a key administrator does; no action in it reads or writes data.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators
 */
const ADMINISTRATION = [
  "kms:CancelKeyDeletion",
  "kms:Create*",
  "kms:Delete*",
  "kms:Describe*",
  "kms:Disable*",
  "kms:Enable*",
  "kms:Get*",
  "kms:List*",
  "kms:Put*",
  "kms:ReplicateKey",
  "kms:Revoke*",
  "kms:RotateKeyOnDemand",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:Update*",
];

/** Days between the deletion of a key and its end, the longest KMS grants: until then it can be called back. */
const DELETION_WINDOW_DAYS = 30;

/** A customer-managed symmetric key with yearly rotation and an alias. The account's root stays in every policy. */
export function encryptionKey(name: string, args: EncryptionKeyArgs): aws.kms.Key {
  const root = `arn:${args.caller.partition}:iam::${args.caller.account}:root`;
  const administrators = args.administratorArns ?? [];
  const account: aws.iam.PolicyStatement = {
    Sid: "Account",
    Effect: "Allow",
    // The account as a whole, which lets IAM decide, and not its root user alone, who hardly ever signs in.
    Principal: { AWS: root },
    Action: args.delegates === "everything" ? "kms:*" : ADMINISTRATION,
    Resource: "*",
    ...(administrators.length > 0 && { Condition: { ArnEquals: { "aws:PrincipalArn": [root, ...administrators] } } }),
  };
  const both = {
    description: args.description,
    deletionWindowInDays: DELETION_WINDOW_DAYS,
    policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: [account, ...(args.statements ?? [])] }),
    tags: { ...args.tags, Name: args.alias.replace(/^alias\//, "") },
  };
  const kept = { protect: args.protect, retainOnDelete: args.outlivesStack ?? false };
  const key = new aws.kms.Key(
    name,
    { ...both, enableKeyRotation: true, multiRegion: args.multiRegion ?? false, region: args.region },
    { ...kept, dependsOn: args.dependsOn ?? [] },
  );
  if (args.replicaRegion !== undefined) {
    new aws.kms.ReplicaKey(`${name}-replica`, { ...both, primaryKeyArn: key.arn, region: args.replicaRegion }, kept);
  }
  new aws.kms.Alias(
    name,
    { name: args.alias, targetKeyId: key.keyId, region: args.region },
    // No child of the key, as it once was: it would stay with it whatever is said here, and the next key needs the name.
    { protect: args.protect, aliases: [{ parent: key }] },
  );
  return key;
}

/**
 * Lets roles use a key for data. The condition names them instead of `Principal`: KMS turns a principal into the id of
 * the role that had the name when the policy was written, so a role destroyed and made again would be locked out.
 */
export function keyUsers(sid: string, caller: Caller, roleArns: readonly string[]): aws.iam.PolicyStatement {
  return {
    Sid: sid,
    Effect: "Allow",
    Principal: { AWS: `arn:${caller.partition}:iam::${caller.account}:root` },
    Action: [
      "kms:Encrypt",
      "kms:Decrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:DescribeKey",
    ],
    Resource: "*",
    Condition: { ArnEquals: { "aws:PrincipalArn": [...roleArns] } },
  };
}

/**
 * Lets CloudWatch Logs of this region encrypt log groups below `prefix` with a key.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export function logsMayUseKey(caller: Caller, prefix: string): aws.iam.PolicyStatement {
  const { partition, region, account } = caller;
  return {
    Sid: "CloudWatchLogs",
    Effect: "Allow",
    Principal: { Service: `logs.${region}.${partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"}` },
    Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
    Resource: "*",
    Condition: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:${prefix}*`,
      },
    },
  };
}
