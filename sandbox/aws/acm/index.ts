import { LISTENER, LISTENER_CERTIFICATE } from "../lb/names";
import { arn, uuid } from "../naming";
import type { CreateContext, ResourceRecord, ValidateContext } from "../record";
import { clean, domainName } from "../route53/names";
import { oneOf, refusals, when, type Refusal } from "../rules";
import { CERTIFICATE, isIssued, missingProofs, namesOf, proofOf, type Proof } from "./proofs";
import { hasUnknown, isGiven, text, texts } from "../values";
import type { Properties } from "../../provider/types";

const REQUEST = "https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html";
const DNS = "https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html";
const IMPORT = "https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html";
const QUOTAS = "https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/acm/${name}/`;

/** Quota "Domain names per ACM certificate", default value. */
const MOST_NAMES = 10;
/** Longest first name: X.509 has no room for more in its common name. */
const LONGEST_COMMON_NAME = 64;
/** How long the provider waits for ACM: terraform-provider-aws, `aws_acm_certificate_validation`. */
const WAITED = "1h15m0s";
/** How long ACM's certificates are valid: docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html */
const VALID_MS = 395 * 24 * 60 * 60 * 1000;

/** ACM's own certificates have one of the first three; those of a private authority, and imported ones, any. */
const keyAlgorithms = ["RSA_2048", "EC_prime256v1", "EC_secp384r1", "RSA_1024", "RSA_3072", "RSA_4096", "EC_secp521r1"];

function issued(): Properties {
  const now = Date.now();
  const [notBefore, notAfter] = [now, now + VALID_MS].map((time) => new Date(time).toISOString());
  return { status: "ISSUED", notBefore: notBefore ?? "", notAfter: notAfter ?? "", renewalEligibility: "ELIGIBLE" };
}

/** Whether it comes from elsewhere, key and all. */
function isImported(inputs: Properties): boolean {
  return ["certificateBody", "privateKey", "privateKeyWo"].some((name) => isGiven(inputs[name]));
}

function certificateOutputs({ inputs, id, account, previous }: CreateContext & { id: string; previous?: Properties }) {
  const names = namesOf(inputs);
  const method = text(inputs.validationMethod) ?? "NONE";
  const pending = { status: "PENDING_VALIDATION", notBefore: "", notAfter: "", renewalEligibility: "INELIGIBLE" };
  const [type, state] = isImported(inputs)
    ? ["IMPORTED", { ...issued(), renewalEligibility: "INELIGIBLE" }]
    : isGiven(inputs.certificateAuthorityArn)
      ? ["PRIVATE", issued()]
      : ["AMAZON_ISSUED", pending];
  // What was issued stays so when its tags or options change.
  const kept = Object.keys(state).flatMap((name) => (previous?.[name] === undefined ? [] : [[name, previous[name]]]));
  return {
    arn: id,
    type,
    keyAlgorithm: text(inputs.keyAlgorithm) ?? "RSA_2048",
    subjectAlternativeNames: names,
    validationMethod: method,
    domainValidationOptions: method === "DNS" ? names.map((name) => proofOf(account, name)) : [],
    validationEmails: [],
    pendingRenewal: false,
    renewalSummaries: [],
    options: inputs.options ?? { certificateTransparencyLoggingPreference: "ENABLED", export: "DISABLED" },
    ...state,
    ...(Object.fromEntries(kept) as Properties),
  };
}

function nameRules(inputs: Properties): Refusal {
  const names = namesOf(inputs);
  const [first = ""] = names;
  return refusals(
    ...names.map((name) => domainName("domainName", name, "ValidationException")),
    ...names.map((name) =>
      when(
        !name.includes(".") || name.endsWith("."),
        "ValidationException",
        `"${name}" is no fully qualified domain name without a dot at its end`,
        REQUEST,
      ),
    ),
    when(
      first.length > LONGEST_COMMON_NAME,
      "ValidationException",
      `the first domain name has ${first.length} characters, the limit is ${LONGEST_COMMON_NAME}: put a shorter one first`,
      REQUEST,
    ),
    when(
      names.length > MOST_NAMES,
      "LimitExceededException",
      `a certificate has at most ${MOST_NAMES} names, this one ${names.length}: ask for a higher quota`,
      QUOTAS,
    ),
  );
}

const certificate: ResourceRecord = {
  type: CERTIFICATE,
  source: registry("certificate"),
  id: (context) => arn(context, "acm", `certificate/${uuid(context.world.newHexId("certificate", 32))}`),
  replaceOn: [
    "domainName",
    "subjectAlternativeNames",
    "validationMethod",
    "validationOptions",
    "keyAlgorithm",
    "certificateAuthorityArn",
  ],
  errors: { notFound: "ResourceNotFoundException", inUse: "ResourceInUseException" },
  secrets: ["privateKey", "privateKeyWo"],
  outputs: certificateOutputs,
  validate: ({ inputs }) => {
    const imported = isImported(inputs);
    const body = text(inputs.certificateBody);
    const algorithms = isGiven(inputs.certificateAuthorityArn) ? keyAlgorithms : keyAlgorithms.slice(0, 3);
    return refusals(
      nameRules(inputs),
      oneOf("validationMethod", inputs.validationMethod, ["DNS", "EMAIL"], "ValidationException", REQUEST),
      oneOf("keyAlgorithm", inputs.keyAlgorithm, algorithms, "ValidationException", REQUEST),
      when(
        !imported && !isGiven(inputs.domainName),
        "ValidationException",
        "give domainName, or certificateBody and privateKey of a certificate that you have",
        REQUEST,
      ),
      when(
        !imported && !isGiven(inputs.certificateAuthorityArn) && !isGiven(inputs.validationMethod),
        "ValidationException",
        "validationMethod is missing: give DNS",
        REQUEST,
      ),
      when(
        imported && !(isGiven(inputs.certificateBody) && (isGiven(inputs.privateKey) || isGiven(inputs.privateKeyWo))),
        "ValidationException",
        "a certificate of your own needs both certificateBody and privateKey",
        IMPORT,
      ),
      when(
        body !== undefined && !body.includes("-----BEGIN CERTIFICATE-----"),
        "ValidationException",
        "Could not parse certificate: certificateBody is no PEM text",
        IMPORT,
      ),
    );
  },
  blocksDeletion: ({ world, id }) => {
    const user = [LISTENER, LISTENER_CERTIFICATE]
      .flatMap((type) => world.list(type))
      .find(({ properties }) => properties.certificateArn === id);
    return when(
      user !== undefined,
      "ResourceInUseException",
      `Certificate ${id} is in use: delete the ${user?.type.split(":").at(-1) ?? ""} "${user?.name ?? ""}" first, or give it another`,
      "https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html",
    );
  },
  seconds: { create: 10, delete: 1 },
};

/** What the provider awaits; with the records it was told of, it compares what ACM wants before it waits. */
function awaited({ world, inputs, region }: ValidateContext): Refusal {
  const found = world.get(CERTIFICATE, text(inputs.certificateArn) ?? "");
  if (!found) return undefined;
  const given = texts(inputs.validationRecordFqdns).map((name) => clean(name));
  const wanted = namesOf(found.properties).map((name) => proofOf(world.account, name));
  const untold = wanted.filter(({ resourceRecordName }) => !given.includes(clean(resourceRecordName)));
  const isTold = isGiven(inputs.validationRecordFqdns) && !hasUnknown(inputs.validationRecordFqdns);
  const missing = isIssued(world, found) ? [] : missingProofs(world, found);
  const lacks = ({ domainName: name, resourceRecordName, resourceRecordValue }: Proof) =>
    `${name} lacks ${resourceRecordName} CNAME ${resourceRecordValue}`;
  return refusals(
    when(
      found.region !== region,
      "ResourceNotFoundException",
      `Could not find certificate ${found.id} in ${region}`,
      "https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html",
    ),
    when(
      isTold && untold.length > 0,
      "ValidationException",
      `missing DNS validation record: ${untold.map((proof) => clean(proof.resourceRecordName)).join(", ")}`,
      DNS,
    ),
    when(
      missing.length > 0,
      "PENDING_VALIDATION",
      `waiting for ACM Certificate (${found.id}) to be issued: timeout while waiting for state to become 'ISSUED' ` +
        `(last state: 'PENDING_VALIDATION', timeout: ${WAITED}): no public hosted zone answers with its proofs: ` +
        missing.map((proof) => lacks(proof)).join("; "),
      DNS,
    ),
  );
}

const certificateValidation: ResourceRecord = {
  type: "aws:acm/certificateValidation:CertificateValidation",
  source: registry("certificatevalidation"),
  // It is no object of AWS's: two programs may wait for one certificate.
  id: ({ world }) => world.newHexId("validation"),
  references: [{ path: "certificateArn", to: CERTIFICATE, by: "arn", weak: true }],
  replaceOn: ["certificateArn", "validationRecordFqdns"],
  conflicts: (context) => refusals(awaited(context)),
  onCreate: ({ world, inputs }) => {
    const found = world.get(CERTIFICATE, text(inputs.certificateArn) ?? "");
    if (found && found.properties.status !== "ISSUED") {
      world.put({ ...found, properties: { ...found.properties, ...issued() } });
    }
    return Promise.resolve(undefined);
  },
  seconds: { create: 107, delete: 1 },
};

/** AWS Certificate Manager. */
export const acm: readonly ResourceRecord[] = [certificate, certificateValidation];
