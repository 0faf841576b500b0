import { CERTIFICATE } from "../acm/proofs";
import { keyExists } from "../kms";
import { statements } from "../policyDocuments";
import type { ValidateContext } from "../record";
import { oneOf, refusals, when, type Refusal } from "../rules";
import { block, blocks, flag, isGiven, text } from "../values";
import { fits } from "../wildcards";

const FGAC = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html";
const ENDPOINT = "https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainEndpointOptions.html";
const LOGS =
  "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html";
const AUDIT = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/audit-logs.html";
const CODE = "ValidationException";

const tlsPolicies = [
  "Policy-Min-TLS-1-0-2019-07",
  "Policy-Min-TLS-1-2-2019-07",
  "Policy-Min-TLS-1-2-PFS-2023-10",
  "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08",
];
const logTypes = ["INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS", "ES_APPLICATION_LOGS", "AUDIT_LOGS"];

/** Fine-grained access control: what it presupposes, and who its first user is. */
export function accessControl({ inputs, world, id }: ValidateContext): Refusal {
  const security = block(inputs.advancedSecurityOptions);
  const master = block(security.masterUserOptions);
  const on = flag(security.enabled) === true;
  const internal = flag(security.internalUserDatabaseEnabled) === true;
  const before = id === undefined ? undefined : world.get("aws:opensearch/domain:Domain", id)?.properties;
  const wasOn = flag(block(before?.advancedSecurityOptions).enabled) === true;
  const [byName, byArn] = [isGiven(master.masterUserName), isGiven(master.masterUserArn)];
  const needed = {
    "encryptAtRest.enabled": block(inputs.encryptAtRest).enabled,
    "nodeToNodeEncryption.enabled": block(inputs.nodeToNodeEncryption).enabled,
    "domainEndpointOptions.enforceHttps": block(inputs.domainEndpointOptions).enforceHttps,
  };
  const missing = Object.entries(needed).flatMap(([name, value]) =>
    isGiven(value) && flag(value) !== false ? [] : [name],
  );
  return refusals(
    when(
      on && missing.length > 0,
      CODE,
      `You must enable encryption at rest, node-to-node encryption and HTTPS to use advanced security options: set ${missing.join(", ")}`,
      FGAC,
    ),
    when(
      on && internal && !(byName && isGiven(master.masterUserPassword)) && !wasOn,
      CODE,
      "the internal user database needs masterUserName and masterUserPassword",
      FGAC,
    ),
    when(
      on && !internal && byName,
      CODE,
      "masterUserName goes with internalUserDatabaseEnabled; without it, give masterUserArn",
      FGAC,
    ),
    when(byName && byArn, CODE, "give masterUserName or masterUserArn, not both", FGAC),
    password(text(master.masterUserPassword)),
  );
}

function password(value: string | undefined): Refusal {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z0-9]/];
  return when(
    value !== undefined && (value.length < 8 || value.length > 128 || !kinds.every((kind) => kind.test(value))),
    CODE,
    "The master user password must have 8 to 128 characters, among them an uppercase letter, a lowercase letter, a number and a special character",
    FGAC,
  );
}

/** Encryption at rest and on the way. */
export function encryption(context: ValidateContext): Refusal {
  const { inputs, world, preview } = context;
  const endpoint = block(inputs.domainEndpointOptions);
  const custom = flag(endpoint.customEndpointEnabled) === true;
  const certificate = text(endpoint.customEndpointCertificateArn);
  const rest = block(inputs.encryptAtRest);
  return refusals(
    keyExists(context, "encryptAtRest.kmsKeyId", rest.kmsKeyId),
    when(
      isGiven(rest.kmsKeyId) && flag(rest.enabled) === false,
      CODE,
      "encryptAtRest.kmsKeyId goes with encryptAtRest.enabled",
      "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/encryption-at-rest.html",
    ),
    oneOf("domainEndpointOptions.tlsSecurityPolicy", endpoint.tlsSecurityPolicy, tlsPolicies, CODE, ENDPOINT),
    when(
      custom && !isGiven(endpoint.customEndpoint),
      CODE,
      "domainEndpointOptions.customEndpointEnabled needs customEndpoint",
      ENDPOINT,
    ),
    when(
      !preview && certificate !== undefined && !world.get(CERTIFICATE, certificate),
      CODE,
      `domainEndpointOptions.customEndpointCertificateArn: there is no certificate ${certificate ?? ""}`,
      ENDPOINT,
    ),
  );
}

/** Whether a policy of CloudWatch Logs lets the service write to this log group: all three actions, on its streams. */
function mayWrite({ world, region }: ValidateContext, logGroupArn: string): boolean {
  const allowed = world
    .list("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
    .filter((policy) => policy.region === region)
    .flatMap(({ properties }) => statements(properties.policyDocument) ?? [])
    .filter(({ effect, principals }) => effect === "Allow" && (principals.Service ?? []).includes("es.amazonaws.com"))
    .filter(({ resources }) => resources.some((pattern) => fits(pattern, `${logGroupArn}:log-stream:any`)))
    .flatMap(({ actions }) => actions);
  return ["logs:PutLogEvents", "logs:CreateLogStream"].every((action) =>
    allowed.some((pattern) => fits(pattern, action)),
  );
}

/** The logs that the domain writes to CloudWatch. */
export function logs(context: ValidateContext): Refusal {
  const { inputs, preview } = context;
  const published = blocks(inputs.logPublishingOptions).filter(({ enabled }) => flag(enabled) !== false);
  const kinds = published.flatMap(({ logType }) => text(logType) ?? []);
  const closed = published
    .flatMap(({ cloudwatchLogGroupArn }) => text(cloudwatchLogGroupArn)?.replace(/:\*$/, "") ?? [])
    .filter((group) => !preview && !mayWrite(context, group));
  return refusals(
    ...kinds.map((kind) => oneOf("logPublishingOptions.logType", kind, logTypes, CODE, LOGS)),
    when(new Set(kinds).size < kinds.length, CODE, "logPublishingOptions: each logType once", LOGS),
    when(
      closed.length > 0,
      CODE,
      "The Resource Access Policy specified for the CloudWatch Logs log group does not grant sufficient permissions for " +
        `Amazon OpenSearch Service to create a log stream: let es.amazonaws.com write to ${closed.join(", ")} with an ` +
        "aws.cloudwatch.LogResourcePolicy, and make the domain depend on it",
      LOGS,
    ),
    when(
      kinds.includes("AUDIT_LOGS") && flag(block(inputs.advancedSecurityOptions).enabled) === false,
      CODE,
      "audit logs need advancedSecurityOptions",
      AUDIT,
    ),
    when(
      kinds.includes("AUDIT_LOGS") && !isGiven(inputs.advancedSecurityOptions),
      CODE,
      "audit logs need advancedSecurityOptions",
      AUDIT,
    ),
  );
}
