import { arn, digest, uuid } from "./naming";
import { keyExists } from "./kms";
import { policyDocument } from "./policyDocuments";
import type { ResourceRecord, ValidateContext } from "./record";
import { between, named, refusals, taken, when, type NameRule } from "./rules";
import { block, blocks, flag, isGiven, number, text, texts } from "./values";
import { regionNames } from "./regions";
import type { World } from "../world";

const SECRET = "aws:secretsmanager/secret:Secret";
const SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion";
const SOURCE = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html";
const DELETE = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html";
const LIMITS = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html";
const ROTATE = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/secretsmanager/${name}/`;

const secretName: NameRule = { property: "name", maxLength: 512, pattern: /^[A-Za-z0-9/_+=.@-]+$/ };
/** Characters of a secret's value. */
const LARGEST = 65_536;

/** A secret by name or ARN. */
export function findSecret(world: World, nameOrArn: string) {
  return world.find(SECRET, ({ id, properties }) => id === nameOrArn || properties.name === nameOrArn);
}

const policyRule = {
  kind: "resource",
  code: "MalformedPolicyDocumentException",
  maxLength: 20_480,
  source: LIMITS,
} as const;

const secret: ResourceRecord = {
  type: SECRET,
  source: registry("secret"),
  // AWS appends six random characters to the name, so that a deleted secret's ARN is never used again.
  id: (context) => {
    const suffix = digest(context.world.newHexId("secret"), 6, "lower");
    return arn(context, "secretsmanager", `secret:${text(context.inputs.name) ?? ""}-${suffix}`);
  },
  autoname: { ...secretName },
  defaults: { recoveryWindowInDays: 30, forceOverwriteReplicaSecret: false },
  replaceOn: ["name"],
  errors: { notFound: "ResourceNotFoundException" },
  outputs: ({ id }) => ({ arn: id }),
  validate: (context) => {
    const { inputs, world, region, preview } = context;
    const replicas = blocks(inputs.replicas);
    return refusals(
      named(inputs, secretName, "ValidationException", SOURCE),
      // 0 deletes at once, without a window.
      number(inputs.recoveryWindowInDays) === 0
        ? undefined
        : between("recoveryWindowInDays", inputs.recoveryWindowInDays, 7, 30, "InvalidParameterException", DELETE),
      keyExists(context, "kmsKeyId", inputs.kmsKeyId),
      policyDocument({ world, preview }, "policy", inputs.policy, policyRule),
      ...replicas.map((replica) =>
        when(
          text(replica.region) !== undefined &&
            (replica.region === region || !regionNames.includes(text(replica.region) ?? "")),
          "InvalidParameterException",
          `replicas: ${text(replica.region) ?? ""} is the secret's own Region, or none`,
          SOURCE,
        ),
      ),
    );
  },
  conflicts: (context) => refusals(taken(context, SECRET, "name", "ResourceExistsException", SOURCE)),
  seconds: { create: 1 },
};

const secretVersion: ResourceRecord = {
  type: SECRET_VERSION,
  source: registry("secretversion"),
  id: ({ inputs, world }) => `${text(inputs.secretId) ?? ""}|${uuid(world.newHexId("version"))}`,
  references: [{ path: "secretId", to: SECRET, weak: true }],
  replaceOn: ["secretId", "secretString", "secretBinary"],
  secrets: ["secretString", "secretBinary"],
  outputs: ({ id, inputs }) => ({
    arn: text(inputs.secretId) ?? "",
    secretArn: text(inputs.secretId) ?? "",
    versionId: id.split("|").at(-1) ?? "",
    versionStages: texts(inputs.versionStages).length > 0 ? texts(inputs.versionStages) : ["AWSCURRENT"],
    hasSecretStringWo: isGiven(inputs.secretStringWo),
  }),
  validate: ({ inputs }) => {
    const given = ["secretString", "secretBinary", "secretStringWo"].filter((property) => isGiven(inputs[property]));
    return refusals(
      when(given.length > 1, "InvalidParameterException", `give one of ${given.join(", ")}`, SOURCE),
      when(
        (text(inputs.secretString) ?? "").length > LARGEST,
        "ValidationException",
        `the secret's value has over ${LARGEST} characters`,
        LIMITS,
      ),
    );
  },
  seconds: { create: 1 },
};

const secretRotation: ResourceRecord = {
  type: "aws:secretsmanager/secretRotation:SecretRotation",
  source: registry("secretrotation"),
  id: ({ inputs }) => text(inputs.secretId) ?? "",
  references: [{ path: "secretId", to: SECRET, weak: true }],
  replaceOn: ["secretId"],
  outputs: () => ({ rotationEnabled: true }),
  validate: ({ inputs, world }: ValidateContext) => {
    const rules = block(inputs.rotationRules);
    const owner = findSecret(world, text(inputs.secretId) ?? "");
    const managed = owner !== undefined && flag(owner.properties.ownedByService) === true;
    return refusals(
      between(
        "rotationRules.automaticallyAfterDays",
        rules.automaticallyAfterDays,
        1,
        1000,
        "InvalidParameterException",
        ROTATE,
      ),
      when(
        isGiven(rules.automaticallyAfterDays) && isGiven(rules.scheduleExpression),
        "InvalidParameterException",
        "give automaticallyAfterDays or scheduleExpression",
        ROTATE,
      ),
      when(
        owner !== undefined && !managed && !isGiven(inputs.rotationLambdaArn),
        "InvalidRequestException",
        "No Lambda rotation function ARN is associated with this secret: give rotationLambdaArn",
        ROTATE,
      ),
    );
  },
};

const secretPolicy: ResourceRecord = {
  type: "aws:secretsmanager/secretPolicy:SecretPolicy",
  source: registry("secretpolicy"),
  id: ({ inputs }) => text(inputs.secretArn) ?? "",
  references: [{ path: "secretArn", to: SECRET, weak: true }],
  replaceOn: ["secretArn"],
  validate: ({ inputs, world, preview }) =>
    refusals(policyDocument({ world, preview }, "policy", inputs.policy, policyRule)),
};

/** AWS Secrets Manager. */
export const secretsmanager: readonly ResourceRecord[] = [secret, secretVersion, secretRotation, secretPolicy];
