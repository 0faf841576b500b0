import { UNKNOWN, type Value } from "../provider/types";
import { parseArn } from "./naming";
import type { ValidateContext } from "./record";
import { refusals, when, type Refusal } from "./rules";
import { isBlock, isGiven, isUnknown } from "./values";

const SOURCE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html";

type Lookup = Pick<ValidateContext, "world" | "preview">;

/** A statement with its lists made lists. */
export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** By kind, e.g. `Service` → `["eks.amazonaws.com"]`; the principal `"*"` is `{ AWS: ["*"] }`. */
  readonly principals: Readonly<Record<string, readonly string[]>>;
  readonly raw: Readonly<Record<string, Value>>;
}

/** Whom a policy is attached to decides what its statements must name. */
export type PolicyKind = "identity" | "trust" | "resource";

/** AWS's codes and limits for policies of one service. */
export interface PolicyRule {
  readonly kind: PolicyKind;
  /** E.g. `MalformedPolicyDocument`. */
  readonly code: string;
  /** Characters, white space not counted for `identity` as IAM does. */
  readonly maxLength: number;
  /** The page that states the limit. */
  readonly source: string;
}

/** The statements of a policy given as JSON text or as an object; undefined when not known or not readable. */
export function statements(policy: Value | undefined): Statement[] | undefined {
  const document = parse(policy);
  if (!document) return undefined;
  const list = document.Statement;
  return (Array.isArray(list) ? list : [list ?? null]).filter((item) => isBlock(item)).map((raw) => toStatement(raw));
}

/** Refuses a policy that the service wouldn't take. */
export function policyDocument(
  context: Lookup,
  property: string,
  policy: Value | undefined,
  rule: PolicyRule,
): Refusal {
  if (!isGiven(policy) || JSON.stringify(policy).includes(UNKNOWN)) return undefined;
  const written = typeof policy === "string" ? policy : JSON.stringify(policy);
  const document = parse(policy);
  if (!document) return when(true, rule.code, `${property} is not a JSON object`, SOURCE);
  const length = rule.kind === "identity" ? written.replace(/\s/g, "").length : written.length;
  const found = statements(policy) ?? [];
  const version = document.Version;
  return refusals(
    when(
      length > rule.maxLength,
      rule.code === "MalformedPolicyDocument" ? "LimitExceeded" : rule.code,
      `${property} has ${length} characters, the limit is ${rule.maxLength}: split it`,
      rule.source,
    ),
    when(
      version !== undefined && version !== "2012-10-17" && version !== "2008-10-17",
      rule.code,
      `${property}: Version must be "2012-10-17"`,
      SOURCE,
    ),
    when(found.length === 0, rule.code, `${property} has no Statement`, SOURCE),
    ...found.map((statement, index) => checkStatement(context, `${property}, statement ${index + 1}`, statement, rule)),
  );
}

function checkStatement(context: Lookup, where: string, statement: Statement, rule: PolicyRule): Refusal {
  const { raw } = statement;
  const has = (key: string) => raw[key] !== undefined;
  const known = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
  ];
  const misspelt = Object.keys(raw).filter((key) => !known.includes(key));
  const badActions = statement.actions.filter((action) => !/^(\*|[\w-]+:[\w*?]+)$/.test(action));
  const badResources = statement.resources.filter((resource) => resource !== "*" && !/^(arn|\*)[:*]/.test(resource));
  return refusals(
    when(misspelt.length > 0, rule.code, `${where}: ${misspelt.join(", ")} is no element of a statement`, SOURCE),
    when(!["Allow", "Deny"].includes(statement.effect), rule.code, `${where}: Effect must be Allow or Deny`, SOURCE),
    when(has("Action") === has("NotAction"), rule.code, `${where}: give Action or NotAction`, SOURCE),
    when(badActions.length > 0, rule.code, `${where}: ${badActions.join(", ")} is not service:Action`, SOURCE),
    when(
      badResources.length > 0,
      rule.code,
      `${where}: resource ${badResources.join(", ")} must be an ARN or "*"`,
      SOURCE,
    ),
    when(
      rule.kind === "identity" && has("Resource") === has("NotResource"),
      rule.code,
      `${where}: give Resource or NotResource`,
      SOURCE,
    ),
    when(
      rule.kind === "identity" && has("Principal"),
      rule.code,
      `${where}: an identity's policy has no Principal`,
      SOURCE,
    ),
    when(
      rule.kind !== "identity" && has("Principal") === has("NotPrincipal"),
      rule.code,
      `${where}: ${rule.kind === "trust" ? "a trust policy" : "a resource's policy"} names whom it is about: give Principal`,
      SOURCE,
    ),
    when(rule.kind === "trust" && has("Resource"), rule.code, `${where}: a trust policy has no Resource`, SOURCE),
    when(
      rule.kind === "trust" && statement.actions.some((action) => !action.startsWith("sts:")),
      rule.code,
      `${where}: a trust policy allows only sts: actions`,
      SOURCE,
    ),
    ...(statement.principals.AWS ?? []).map((principal) => checkPrincipal(context, where, principal, rule.code)),
  );
}

/** AWS turns a principal's ARN into its unique id when a policy is saved, so the role or user must exist. */
function checkPrincipal({ world, preview }: Lookup, where: string, principal: string, code: string): Refusal {
  if (principal === "*" || /^\d{12}$/.test(principal) || /^A(RO|ID)A[A-Z0-9]{17}$/.test(principal)) return undefined;
  const parsed = parseArn(principal);
  const missingRole =
    !preview &&
    parsed?.service === "iam" &&
    parsed.account === world.account &&
    parsed.resource.startsWith("role/") &&
    !world.find("aws:iam/role:Role", (role) => role.properties.arn === principal);
  return when(
    !parsed || missingRole,
    code,
    `${where}: invalid principal ${principal}: it is no role, user or account that exists`,
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
  );
}

/** Whether a role's trust policy lets this service take the role on. */
export function trusts(trustPolicy: Value | undefined, service: string): boolean {
  return (statements(trustPolicy) ?? []).some(
    (statement) =>
      statement.effect === "Allow" &&
      statement.actions.some((action) => ["sts:AssumeRole", "sts:*", "*"].includes(action)) &&
      (statement.principals.Service ?? []).includes(service),
  );
}

function parse(policy: Value | undefined): Readonly<Record<string, Value>> | undefined {
  if (isUnknown(policy)) return undefined;
  if (isBlock(policy)) return policy;
  if (typeof policy !== "string") return undefined;
  try {
    const value = JSON.parse(policy) as Value;
    return isBlock(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function toStatement(raw: Readonly<Record<string, Value>>): Statement {
  const principal = raw.Principal;
  return {
    effect: typeof raw.Effect === "string" ? raw.Effect : "",
    actions: toList(raw.Action ?? raw.NotAction),
    resources: toList(raw.Resource ?? raw.NotResource),
    principals: isBlock(principal)
      ? Object.fromEntries(Object.entries(principal).map(([kind, value]) => [kind, toList(value)]))
      : { AWS: toList(principal) },
    raw,
  };
}

function toList(value: Value | undefined): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string");
}
