import { arn, uuid } from "./naming";
import { policyDocument, statements } from "./policyDocuments";
import type { CreateContext, ResourceRecord, ValidateContext } from "./record";
import { between, named, oneOf, refusals, taken, when, type Refusal } from "./rules";
import { flag, isGiven, text, texts } from "./values";
import { UNKNOWN, type Value } from "../provider/types";
import type { World } from "../world";

const KEY = "aws:kms/key:Key";
const REPLICA = "aws:kms/replicaKey:ReplicaKey";
const ALIAS = "aws:kms/alias:Alias";
const POLICY = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html";
const DELETION = "https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html";
const ALIASES = "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html";
const CREATE_KEY = "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/kms/${name}/`;

/** Refuses a key, named by id, ARN, alias or alias ARN, that doesn't exist; AWS's own keys (`alias/aws/rds`) do. */
export function keyExists(
  context: Pick<ValidateContext, "world" | "preview">,
  property: string,
  value: Value | undefined,
): Refusal {
  const key = text(value);
  if (key === undefined || context.preview || /(^|:)alias\/aws\//.test(key)) return undefined;
  return when(
    !findKey(context.world, key),
    "NotFoundException",
    `${property}: Key '${key}' does not exist: give the ARN, id or alias of a KMS key of this account and Region`,
    "https://docs.aws.amazon.com/kms/latest/developerguide/find-cmk-id-arn.html",
  );
}

/** The key of this id, ARN, alias or alias ARN. */
export function findKey(world: World, key: string) {
  const alias = [...world.list(ALIAS)].find((one) => one.id === key || one.properties.arn === key);
  const target = text(alias?.properties.targetKeyId) ?? key;
  return [KEY, REPLICA]
    .flatMap((type) => world.list(type))
    .find((one) => one.id === target || one.properties.arn === target);
}

/**
 * Refuses a key of another Region than that of what it is to encrypt. Aliases and ids are looked up in their own Region
 * and aren't judged here.
 */
export function keyOfRegion(property: string, value: Value | undefined, region: string): Refusal {
  const [, , , own] = text(value)?.split(":") ?? [];
  return when(
    own !== undefined && own !== region,
    "KMS.NotFoundException",
    `${property}: Invalid arn ${own ?? ""}: the key must be in ${region}`,
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
  );
}

/** The policy a key gets when none is given: the account's administrators decide through IAM. */
function defaultPolicy({ partition, account }: CreateContext): string {
  const root = `arn:${partition}:iam::${account}:root`;
  return JSON.stringify({
    Version: "2012-10-17",
    Id: "key-default-1",
    Statement: [
      { Sid: "Enable IAM User Permissions", Effect: "Allow", Principal: { AWS: root }, Action: "kms:*", Resource: "*" },
    ],
  });
}

function policyRules({ inputs, world, account, preview }: ValidateContext): Refusal {
  const managers = (statements(inputs.policy) ?? []).filter(
    ({ effect, actions, principals }) =>
      effect === "Allow" &&
      actions.some((action) => ["kms:*", "*", "kms:PutKeyPolicy", "kms:Put*"].includes(action)) &&
      (principals.AWS ?? []).some((principal) => principal === "*" || principal.includes(account)),
  );
  const readable = statements(inputs.policy) !== undefined && !JSON.stringify(inputs.policy).includes(UNKNOWN);
  return refusals(
    policyDocument({ world, preview }, "policy", inputs.policy, {
      kind: "resource",
      code: "MalformedPolicyDocumentException",
      maxLength: 32_768,
      source: "https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html",
    }),
    when(
      readable && managers.length === 0 && flag(inputs.bypassPolicyLockoutSafetyCheck) !== true,
      "MalformedPolicyDocumentException",
      "The new key policy will not allow you to update the key policy in the future: let the account's root do kms:*",
      POLICY,
    ),
  );
}

function windowRule(inputs: ValidateContext["inputs"]): Refusal {
  return between("deletionWindowInDays", inputs.deletionWindowInDays, 7, 30, "ValidationException", DELETION);
}

/** Multi-Region keys have the same id in every Region, which begins with mrk-. */
function keyIdOf(multiRegion: boolean, seed: string): string {
  return multiRegion ? `mrk-${uuid(seed).replaceAll("-", "")}` : uuid(seed);
}

const key: ResourceRecord = {
  type: KEY,
  source: registry("key"),
  id: ({ world, inputs }) => keyIdOf(flag(inputs.multiRegion) === true, world.newHexId("key", 32)),
  defaults: {
    customerMasterKeySpec: "SYMMETRIC_DEFAULT",
    keyUsage: "ENCRYPT_DECRYPT",
    isEnabled: true,
    enableKeyRotation: false,
    multiRegion: false,
    bypassPolicyLockoutSafetyCheck: false,
    description: "",
  },
  replaceOn: ["keyUsage", "customerMasterKeySpec", "multiRegion"],
  errors: { notFound: "NotFoundException" },
  outputs: (context) => ({
    keyId: context.id,
    arn: arn(context, "kms", `key/${context.id}`),
    policy: isGiven(context.inputs.policy) ? (context.inputs.policy ?? null) : defaultPolicy(context),
  }),
  validate: (context) => {
    const { inputs } = context;
    const usages = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"];
    const symmetric = (text(inputs.customerMasterKeySpec) ?? "SYMMETRIC_DEFAULT") === "SYMMETRIC_DEFAULT";
    return refusals(
      policyRules(context),
      windowRule(inputs),
      oneOf("keyUsage", inputs.keyUsage, usages, "ValidationException", CREATE_KEY),
      between("rotationPeriodInDays", inputs.rotationPeriodInDays, 90, 2560, "ValidationException", CREATE_KEY),
      when(
        !symmetric && flag(inputs.enableKeyRotation) === true,
        "UnsupportedOperationException",
        "only symmetric encryption keys rotate by themselves",
        "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
      ),
      when(
        (text(inputs.description) ?? "").length > 8192,
        "ValidationException",
        "description is over 8192 characters",
        CREATE_KEY,
      ),
    );
  },
  seconds: { create: 20, delete: 1 },
};

const replicaKey: ResourceRecord = {
  type: REPLICA,
  source: registry("replicakey"),
  id: ({ inputs }) => text(inputs.primaryKeyArn)?.split("/").at(-1) ?? "",
  defaults: { enabled: true },
  references: [{ path: "primaryKeyArn", to: KEY, by: "arn" }],
  replaceOn: ["primaryKeyArn"],
  outputs: (context) => ({
    keyId: context.id,
    arn: arn(context, "kms", `key/${context.id}`),
    keyRotationEnabled: false,
    keySpec: "SYMMETRIC_DEFAULT",
    keyUsage: "ENCRYPT_DECRYPT",
    policy: isGiven(context.inputs.policy) ? (context.inputs.policy ?? null) : defaultPolicy(context),
  }),
  validate: (context) => {
    const primary = text(context.inputs.primaryKeyArn);
    const object = context.world.find(KEY, ({ properties }) => properties.arn === primary);
    const source = "https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html";
    return refusals(
      policyRules(context),
      windowRule(context.inputs),
      when(
        object !== undefined && flag(object.properties.multiRegion) !== true,
        "UnsupportedOperationException",
        `${primary ?? ""} is no multi-Region primary key: make it with multiRegion`,
        source,
      ),
      when(
        object?.region === context.region,
        "ValidationException",
        "a replica is in another Region than its primary",
        source,
      ),
    );
  },
  seconds: { create: 20 },
};

const alias: ResourceRecord = {
  type: ALIAS,
  source: registry("alias"),
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { property: "name", maxLength: 256 },
  replaceOn: ["name"],
  outputs: (context) => {
    const target = text(context.inputs.targetKeyId) ?? "";
    const found = findKey(context.world, target);
    return {
      arn: arn(context, "kms", context.id),
      targetKeyArn: text(found?.properties.arn) ?? "",
      targetKeyId: found?.id ?? target,
    };
  },
  validate: (context) => {
    const name = text(context.inputs.name);
    return refusals(
      when(
        name !== undefined && !/^alias\/[a-zA-Z0-9/_-]+$/.test(name),
        "ValidationException",
        `name "${name ?? ""}" must begin with alias/ and go on with letters, digits, /, _ or -`,
        ALIASES,
      ),
      when(
        name?.startsWith("alias/aws/") === true,
        "NotAuthorizedException",
        "aliases that begin with alias/aws/ are AWS's own",
        ALIASES,
      ),
      keyExists(context, "targetKeyId", context.inputs.targetKeyId),
    );
  },
  conflicts: (context) => refusals(taken(context, ALIAS, "name", "AlreadyExistsException", ALIASES)),
  seconds: { create: 1 },
};

const grant: ResourceRecord = {
  type: "aws:kms/grant:Grant",
  source: registry("grant"),
  id: ({ world, inputs }) => `${text(inputs.keyId) ?? ""}:${world.newHexId("grant", 64).slice(6)}`,
  replaceOn: ["keyId", "granteePrincipal", "operations", "name", "constraints"],
  outputs: ({ id }) => ({ grantId: id.split(":").at(-1) ?? "", grantToken: Buffer.from(id).toString("base64") }),
  validate: (context) =>
    refusals(
      keyExists(context, "keyId", context.inputs.keyId),
      named(
        context.inputs,
        { property: "name", maxLength: 256, pattern: /^[a-zA-Z0-9:/_-]+$/ },
        "ValidationException",
        CREATE_KEY,
      ),
      ...texts(context.inputs.operations).map((operation) =>
        oneOf(
          "operations",
          operation,
          grantOperations,
          "ValidationException",
          "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html",
        ),
      ),
    ),
};

const grantOperations = [
  ..."Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo Sign Verify".split(" "),
  ..."GetPublicKey CreateGrant RetireGrant DescribeKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext".split(
    " ",
  ),
  ..."GenerateMac VerifyMac DeriveSharedSecret".split(" "),
];

const keyPolicy: ResourceRecord = {
  type: "aws:kms/keyPolicy:KeyPolicy",
  source: registry("keypolicy"),
  id: ({ inputs }) => text(inputs.keyId) ?? "",
  references: [{ path: "keyId", to: KEY, weak: true }],
  validate: (context) => refusals(policyRules(context)),
};

/** AWS Key Management Service. */
export const kms: readonly ResourceRecord[] = [key, replicaKey, alias, grant, keyPolicy];
