import type { ResourceRecord, ValidateContext } from "../record";
import { between, refusals, when, type Refusal } from "../rules";
import { block, blocks, isBlock, isGiven, number, text, texts } from "../values";
import { actionRules, servesAnother, targetGroupPaths } from "./actions";
import { api, LISTENER, loadBalancerOf, registry, RULE, rulesOf, TARGET_GROUP } from "./names";
import type { Properties } from "../../provider/types";

const CREATE = api("CreateRule");
const CONDITION = api("RuleCondition");
const QUOTAS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html";
const CODE = "ValidationError";
/** Quotas "Condition Values Per Rule" and "Rules per Application Load Balancer", default values. */
const [MOST_VALUES, MOST_RULES] = [5, 100];
const HIGHEST_PRIORITY = 50_000;

const kinds = ["hostHeader", "httpHeader", "httpRequestMethod", "pathPattern", "queryStrings", "sourceIp"];

/** What a condition compares with; a query string's pair counts as one value. */
function valuesOf(condition: Properties): string[] {
  const lists = kinds.flatMap((kind) => {
    const { values, regexValues } = block(condition[kind]);
    return [...texts(values), ...texts(regexValues)];
  });
  return [...lists, ...blocks(condition.queryStrings).map((pair) => text(pair.value) ?? "")];
}

function condition(where: string, one: Properties): Refusal {
  const given = kinds.filter((kind) => isGiven(one[kind]));
  const [hosts, paths] = [texts(block(one.hostHeader).values), texts(block(one.pathPattern).values)];
  const empty = given.filter((kind) => {
    const member = one[kind];
    return isBlock(member) && member.values === undefined && member.regexValues === undefined;
  });
  return refusals(
    when(given.length !== 1, CODE, `${where} must be about exactly one of ${kinds.join(", ")}`, CONDITION),
    when(empty.length > 0, CODE, `${where}.${empty[0] ?? ""} needs values`, CONDITION),
    ...hosts.map((host) =>
      when(
        host.length > 128 || !/^[a-z0-9.\-*?]+$/i.test(host) || !host.includes("."),
        CODE,
        `${where}: '${host}' is no host name: letters, digits, - and the wildcards * and ?, with a dot, at most 128 characters`,
        CONDITION,
      ),
    ),
    ...paths.map((path) =>
      when(
        path.length > 128 || !/^[\w\-.$/~"'@:+*?&]+$/.test(path),
        CODE,
        `${where}: the path pattern '${path}' has over 128 characters, or some that aren't allowed`,
        CONDITION,
      ),
    ),
  );
}

/** The priority given, the one it has, or the next that is free. */
function priorityOf({ world, inputs }: ValidateContext, previous: Properties | undefined): number {
  const own = number(inputs.priority) ?? number(previous?.priority);
  if (own !== undefined) return own;
  const taken = rulesOf(world, text(inputs.listenerArn) ?? "").map(
    ({ properties }) => number(properties.priority) ?? 0,
  );
  return Math.max(0, ...taken) + 1;
}

const listenerRule: ResourceRecord = {
  type: RULE,
  source: registry("listenerrule"),
  id: ({ inputs, world }) => {
    const listener = (text(inputs.listenerArn) ?? "").replace(":listener/", ":listener-rule/");
    return `${listener}/${world.newHexId("x", 16).slice(2)}`;
  },
  references: [
    // A listener's deletion takes its rules along.
    { path: "listenerArn", to: LISTENER, weak: true },
    ...targetGroupPaths("actions").map((path) => ({ path, to: TARGET_GROUP, by: "arn" })),
  ],
  replaceOn: ["listenerArn"],
  errors: { notFound: "RuleNotFound" },
  outputs: (context) => ({ arn: context.id, priority: priorityOf(context, context.previous) }),
  validate: (context) => {
    const { inputs, world } = context;
    const conditions = blocks(inputs.conditions);
    const values = conditions.flatMap((one) => valuesOf(one));
    return refusals(
      between("priority", inputs.priority, 1, HIGHEST_PRIORITY, CODE, CREATE),
      when(
        Array.isArray(inputs.conditions) && inputs.conditions.length === 0,
        CODE,
        "A rule must have at least one condition",
        CREATE,
      ),
      ...conditions.map((one, index) => condition(`conditions[${index}]`, one)),
      when(
        values.length > MOST_VALUES,
        "TooManyConditionValues",
        `a rule compares with at most ${MOST_VALUES} values, this one with ${values.length}: make two`,
        QUOTAS,
      ),
      actionRules(context, "actions", loadBalancerOf(world, text(inputs.listenerArn))),
    );
  },
  conflicts: (context) => {
    const { world, inputs, id } = context;
    const others = rulesOf(world, text(inputs.listenerArn) ?? "").filter((other) => other.id !== id);
    const priority = number(inputs.priority);
    const twin = others.find(({ properties }) => priority !== undefined && number(properties.priority) === priority);
    return refusals(
      when(
        twin !== undefined,
        "PriorityInUse",
        `Priority '${String(priority)}' is currently in use by the rule "${twin?.name ?? ""}": choose another`,
        CREATE,
      ),
      when(others.length >= MOST_RULES, "TooManyRules", `a load balancer has at most ${MOST_RULES} rules`, QUOTAS),
      servesAnother(context, "actions", loadBalancerOf(world, text(inputs.listenerArn))?.id),
    );
  },
  seconds: { create: 1 },
};

export const ruleRecords: readonly ResourceRecord[] = [listenerRule];
