import type { ValidateContext } from "../record";
import { between, oneOf, refusals, when, type Refusal } from "../rules";
import { block, blocks, isBlock, isGiven, number, text } from "../values";
import { CAPACITY, capacityOf, managedGroups, MOST_CAPACITY } from "./capacity";
import { api, INVALID } from "./names";
import type { Properties } from "../../provider/types";

const RULE = api("Rule");
const RATE = api("RateBasedStatement");

/** What counts requests and shows samples of them. */
export function visibility(where: string, value: Properties): Refusal {
  const metric = text(value.metricName);
  return when(
    metric !== undefined && !/^[\w#:./-]{1,255}$/.test(metric),
    INVALID,
    `${where}.metricName "${metric ?? ""}" has characters that CloudWatch doesn't take, or over 255 of them`,
    api("VisibilityConfig"),
  );
}

function statementRules(where: string, statement: Properties): Refusal {
  const kinds = Object.keys(statement).filter((kind) => isGiven(statement[kind]));
  const managed = block(statement.managedRuleGroupStatement);
  const rate = block(statement.rateBasedStatement);
  const isAws = text(managed.vendorName) === "AWS";
  const nested = ["andStatement", "orStatement"].flatMap((kind) =>
    isBlock(statement[kind]) ? [[kind, blocks(block(statement[kind]).statements)] as const] : [],
  );
  return refusals(
    when(
      kinds.length !== 1,
      INVALID,
      `${where} must be exactly one statement, it has ${kinds.join(", ") || "none"}`,
      RULE,
    ),
    isAws
      ? oneOf(
          `${where}.managedRuleGroupStatement.name`,
          managed.name,
          Object.keys(managedGroups),
          "WAFNonexistentItemException",
          CAPACITY,
        )
      : undefined,
    between(`${where}.rateBasedStatement.limit`, rate.limit, 10, 2_000_000_000, INVALID, RATE),
    oneOf(
      `${where}.rateBasedStatement.evaluationWindowSec`,
      rate.evaluationWindowSec,
      [60, 120, 300, 600],
      INVALID,
      RATE,
    ),
    oneOf(
      `${where}.rateBasedStatement.aggregateKeyType`,
      rate.aggregateKeyType,
      ["IP", "FORWARDED_IP", "CUSTOM_KEYS", "CONSTANT"],
      INVALID,
      RATE,
    ),
    when(
      rate.aggregateKeyType === "FORWARDED_IP" && !isGiven(rate.forwardedIpConfig),
      INVALID,
      `${where}.rateBasedStatement: FORWARDED_IP needs forwardedIpConfig`,
      RATE,
    ),
    ...nested.flatMap(([kind, statements]) => [
      when(statements.length < 2, INVALID, `${where}.${kind} combines two statements at least`, RULE),
      ...statements.map((one, index) => statementRules(`${where}.${kind}[${index}]`, one)),
    ]),
  );
}

function oneRule(where: string, rule: Properties): Refusal {
  const statement = block(rule.statement);
  const isGroup = isBlock(statement.managedRuleGroupStatement) || isBlock(statement.ruleGroupReferenceStatement);
  return refusals(
    isBlock(rule.statement) ? statementRules(`${where}.statement`, statement) : undefined,
    when(
      isBlock(rule.statement) && isGroup !== isGiven(rule.overrideAction),
      INVALID,
      isGroup
        ? `${where} refers to a rule group, whose rules have actions of their own: give overrideAction (none or count)`
        : `${where} refers to no rule group: give action, not overrideAction`,
      RULE,
    ),
    when(isGroup && isGiven(rule.action), INVALID, `${where}: a rule group's reference has no action`, RULE),
    when(
      isBlock(rule.statement) && !isGroup && !isGiven(rule.action),
      INVALID,
      `${where} needs an action: allow, block, count, captcha or challenge`,
      RULE,
    ),
    visibility(`${where}.visibilityConfig`, block(rule.visibilityConfig)),
  );
}

/** Rules of a web ACL or a rule group: each by itself, their order, and what they cost together. */
export function ruleList({ inputs, world }: ValidateContext, most = MOST_CAPACITY): Refusal {
  const rules = blocks(inputs.rules);
  const [names, priorities] = [rules.map((rule) => text(rule.name)), rules.map((rule) => number(rule.priority))];
  const twice = <T>(values: readonly (T | undefined)[]) =>
    values.filter((value, index) => value !== undefined && values.indexOf(value) < index);
  const capacity = rules.reduce((sum, rule) => sum + capacityOf(world, block(rule.statement)), 0);
  return refusals(
    ...rules.map((rule, index) => oneRule(`rules[${index}]`, rule)),
    when(twice(names).length > 0, INVALID, `rules: ${twice(names).join(", ")} is there twice`, RULE),
    when(
      twice(priorities).length > 0,
      INVALID,
      `rules: priority ${twice(priorities).join(", ")} is there twice, each needs one of its own`,
      RULE,
    ),
    when(
      capacity > most,
      "WAFLimitsExceededException",
      `the rules use ${capacity} web ACL capacity units, the limit is ${most}`,
      CAPACITY,
    ),
  );
}

/** Paths at which rules name sets and groups of AWS WAF: at their top, which is where programs have them. */
export function referencePaths(statement: string): string {
  return `rules[].statement.${statement}.arn`;
}
