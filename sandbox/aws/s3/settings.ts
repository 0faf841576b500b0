import { keyExists, keyOfRegion } from "../kms";
import { policyDocument, statements } from "../policyDocuments";
import { roleFor } from "../roles";
import type { ResourceRecord, ValidateContext } from "../record";
import { oneOf, refusals, when, type Refusal } from "../rules";
import { block, blocks, flag, isGiven, number, text } from "../values";
import { bucketTypes, findBucket } from "./buckets";

const PUBLIC = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html";
const ENCRYPTION = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html";
const LIFECYCLE = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html";
const VERSIONING = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html";
const REPLICATION = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html";
const LOGGING = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html";
const POLICY = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html";
const OWNERSHIP = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html";

type Rules = (context: ValidateContext) => readonly Refusal[];

/** A setting of a bucket, which is a resource of its own, one per bucket: its id is the bucket's name. */
function setting(className: string, rules: Rules, more: Partial<ResourceRecord> = {}): ResourceRecord {
  const file = className.charAt(0).toLowerCase() + className.slice(1);
  return {
    type: `aws:s3/${file}:${className}`,
    source: `https://www.pulumi.com/registry/packages/aws/api-docs/s3/${className.toLowerCase()}/`,
    id: ({ inputs }) => text(inputs.bucket) ?? "",
    references: [{ path: "bucket", to: bucketTypes, weak: true }],
    replaceOn: ["bucket"],
    validate: (context) => refusals(inItsRegion(context), ...rules(context)),
    // S3 puts a setting in the place of the one that is there.
    overwrites: () => true,
    seconds: { create: 1 },
    ...more,
  };
}

/** S3 answers for a bucket only where it is: elsewhere with the address of where that is. */
function inItsRegion({ inputs, world, region, preview }: ValidateContext): Refusal {
  const own = findBucket(world, text(inputs.bucket) ?? "")?.region ?? region;
  return when(
    !preview && own !== region,
    "PermanentRedirect",
    `The bucket you are attempting to access must be addressed using the specified endpoint: it is in ${own}, not ${region}`,
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html",
  );
}

const versioning: Rules = ({ inputs }) => [
  oneOf(
    "versioningConfiguration.status",
    block(inputs.versioningConfiguration).status,
    ["Enabled", "Suspended", "Disabled"],
    "IllegalVersioningConfigurationException",
    VERSIONING,
  ),
];

const encryption: Rules = (context) =>
  blocks(context.inputs.rules).flatMap((rule) => {
    const applied = block(rule.applyServerSideEncryptionByDefault);
    const algorithm = text(applied.sseAlgorithm);
    const kms = algorithm?.startsWith("aws:kms") === true;
    return [
      oneOf("sseAlgorithm", algorithm, ["AES256", "aws:kms", "aws:kms:dsse"], "MalformedXML", ENCRYPTION),
      when(
        isGiven(applied.kmsMasterKeyId) && algorithm !== undefined && !kms,
        "InvalidArgument",
        "a kmsMasterKeyId goes with sseAlgorithm aws:kms",
        ENCRYPTION,
      ),
      keyExists(context, "kmsMasterKeyId", applied.kmsMasterKeyId),
      keyOfRegion("kmsMasterKeyId", applied.kmsMasterKeyId, context.region),
    ];
  });

const lifecycle: Rules = ({ inputs }) => {
  const rules = blocks(inputs.rules);
  const ids = rules.map((rule) => text(rule.id));
  return [
    when(rules.length > 1000, "InvalidRequest", "at most 1,000 rules", LIFECYCLE),
    when(new Set(ids).size < ids.length, "InvalidArgument", "Rule ID must be unique", LIFECYCLE),
    ...rules.flatMap((rule) => {
      const where = `rule "${text(rule.id) ?? ""}"`;
      const actions = [
        "abortIncompleteMultipartUpload",
        "expiration",
        "noncurrentVersionExpiration",
        "noncurrentVersionTransitions",
        "transitions",
      ];
      const multipart = block(rule.abortIncompleteMultipartUpload);
      const filter = block(rule.filter);
      const tagged = isGiven(filter.tag) || isGiven(block(filter.and).tags);
      return [
        oneOf(`${where}: status`, rule.status, ["Enabled", "Disabled"], "MalformedXML", LIFECYCLE),
        when(!actions.some((action) => isGiven(rule[action])), "InvalidRequest", `${where} has no action`, LIFECYCLE),
        when((text(rule.id) ?? "").length > 255, "InvalidArgument", `${where}: id is over 255 characters`, LIFECYCLE),
        when(
          Object.keys(multipart).length > 0 && tagged,
          "InvalidRequest",
          `${where}: AbortIncompleteMultipartUpload cannot be specified with tags`,
          LIFECYCLE,
        ),
        ...blocks(rule.transitions).flatMap((transition) => {
          const days = number(transition.days);
          return [
            oneOf(`${where}: storageClass`, transition.storageClass, storageClasses, "MalformedXML", LIFECYCLE),
            when(
              ["STANDARD_IA", "ONEZONE_IA"].includes(text(transition.storageClass) ?? "") &&
                days !== undefined &&
                days < 30,
              "InvalidArgument",
              `${where}: 'Days' in Transition action must be greater than or equal to 30 for storageClass ${text(transition.storageClass) ?? ""}`,
              LIFECYCLE,
            ),
          ];
        }),
      ];
    }),
  ];
};

const storageClasses = ["GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"];

const policy: Rules = ({ inputs, world, preview }) => {
  const name = text(inputs.bucket) ?? "";
  const found = statements(inputs.policy) ?? [];
  const foreign = found
    .flatMap(({ resources }) => resources)
    .find((resource) => resource !== "*" && !new RegExp(`^arn:[\\w-]+:s3:::${name}(/|$)`).test(resource));
  const block = world.get("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", name);
  const open = found.some(
    ({ effect, principals, raw }) =>
      effect === "Allow" && (principals.AWS ?? []).includes("*") && !isGiven(raw.Condition),
  );
  return [
    policyDocument({ world, preview }, "policy", inputs.policy, {
      kind: "resource",
      code: "MalformedPolicy",
      maxLength: 20_480,
      source: POLICY,
    }),
    when(
      name !== "" && foreign !== undefined,
      "MalformedPolicy",
      `Policy has invalid resource: ${foreign ?? ""} is not in the bucket ${name}`,
      POLICY,
    ),
    when(
      open && flag(block?.properties.blockPublicPolicy) === true,
      "AccessDenied",
      `the policy would make ${name} public, which its public access block forbids`,
      PUBLIC,
    ),
  ];
};

const ownership: Rules = ({ inputs }) => [
  oneOf(
    "rule.objectOwnership",
    block(inputs.rule).objectOwnership,
    ["BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"],
    "MalformedXML",
    OWNERSHIP,
  ),
];

const acl: Rules = ({ inputs, world, preview }) => {
  const name = text(inputs.bucket) ?? "";
  const controls = world.get("aws:s3/bucketOwnershipControls:BucketOwnershipControls", name)?.properties;
  // Since April 2023 buckets are made with ACLs off.
  const owner = text(block(controls?.rule).objectOwnership) ?? "BucketOwnerEnforced";
  return [
    when(
      owner === "BucketOwnerEnforced" && !preview && isGiven(inputs.acl) && inputs.acl !== "private",
      "AccessControlListNotSupported",
      `The bucket does not allow ACLs: make a BucketOwnershipControls for ${name} first, or use a policy`,
      OWNERSHIP,
    ),
  ];
};

const logging: Rules = ({ inputs, world, preview }) => {
  const target = text(inputs.targetBucket);
  const [from, to] = [
    findBucket(world, text(inputs.bucket) ?? ""),
    target === undefined ? undefined : findBucket(world, target),
  ];
  return [
    when(
      !preview && target !== undefined && !to,
      "InvalidTargetBucketForLogging",
      `The target bucket ${target ?? ""} does not exist`,
      LOGGING,
    ),
    when(
      from !== undefined && to !== undefined && from.region !== to.region,
      "CrossLocationLoggingProhibitted",
      "the target bucket is in another Region",
      LOGGING,
    ),
  ];
};

const replication: Rules = (context) => {
  const { inputs, world, preview } = context;
  const versioned = (name: string) => {
    if (preview) return true;
    const status = world.get("aws:s3/bucketVersioning:BucketVersioning", name)?.properties.versioningConfiguration;
    return block(status).status === "Enabled" || findBucket(world, name) === undefined;
  };
  const source = text(inputs.bucket);
  return [
    when(
      source !== undefined && !versioned(source),
      "InvalidRequest",
      `Versioning must be 'Enabled' on the bucket ${source ?? ""} to apply a replication configuration`,
      REPLICATION,
    ),
    roleFor(context, "role", inputs.role, "s3.amazonaws.com", "InvalidRequest", REPLICATION),
    ...blocks(inputs.rules).flatMap((rule) => {
      const destination = text(block(rule.destination).bucket);
      const name = destination?.replace(/^arn:[\w-]+:s3:::/, "") ?? "";
      const there = findBucket(world, name)?.region ?? context.region;
      const key = block(block(rule.destination).encryptionConfiguration).replicaKmsKeyId;
      const encrypted = block(block(rule.sourceSelectionCriteria).sseKmsEncryptedObjects).status === "Enabled";
      return [
        keyExists(context, "replicaKmsKeyId", key),
        preview ? undefined : keyOfRegion("replicaKmsKeyId", key, there),
        when(
          encrypted && !isGiven(key),
          "InvalidRequest",
          "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present",
          REPLICATION,
        ),
        when(
          !preview && destination !== undefined && !findBucket(world, name),
          "InvalidRequest",
          `Destination bucket ${name} must exist`,
          REPLICATION,
        ),
        when(
          destination !== undefined && !versioned(name),
          "InvalidRequest",
          `Destination bucket ${name} must have versioning enabled`,
          REPLICATION,
        ),
      ];
    }),
  ];
};

export const settingRecords: readonly ResourceRecord[] = [
  setting("BucketVersioning", versioning),
  setting("BucketServerSideEncryptionConfiguration", encryption),
  setting("BucketPublicAccessBlock", () => [], {
    defaults: {
      blockPublicAcls: false,
      blockPublicPolicy: false,
      ignorePublicAcls: false,
      restrictPublicBuckets: false,
    },
  }),
  setting("BucketPolicy", policy),
  setting("BucketLifecycleConfiguration", lifecycle),
  setting("BucketOwnershipControls", ownership),
  setting("BucketAcl", acl),
  setting("BucketLogging", logging),
  setting("BucketReplicationConfig", replication),
  setting("BucketNotification", () => []),
];
