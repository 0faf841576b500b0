import { arn } from "./naming";
import { roleFor } from "./roles";
import type { ResourceRecord } from "./record";
import { between, named, refusals, taken, when, type NameRule } from "./rules";
import { block, isGiven, isJson, text } from "./values";

const RULES = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html";
const TARGETS = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/cloudwatch/${name}/`;
const ruleName: NameRule = { property: "name", maxLength: 64, pattern: /^[.\-_A-Za-z0-9]+$/ };

const eventRule: ResourceRecord = {
  type: "aws:cloudwatch/eventRule:EventRule",
  source: registry("eventrule"),
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { ...ruleName },
  defaults: { eventBusName: "default", state: "ENABLED", forceDestroy: false },
  replaceOn: ["name", "eventBusName"],
  errors: { notFound: "ResourceNotFoundException", inUse: "ValidationException" },
  outputs: (context) => ({ arn: arn(context, "events", `rule/${context.id}`) }),
  validate: ({ inputs }) => {
    const schedule = text(inputs.scheduleExpression);
    const pattern = text(inputs.eventPattern);
    return refusals(
      named(inputs, ruleName, "ValidationException", RULES),
      when(
        !isGiven(inputs.scheduleExpression) && !isGiven(inputs.eventPattern),
        "ValidationException",
        "give eventPattern or scheduleExpression",
        RULES,
      ),
      when(
        schedule !== undefined && !/^(rate\(\d+ (minutes?|hours?|days?)\)|cron\(.+\))$/.test(schedule),
        "ValidationException",
        `Parameter ScheduleExpression "${schedule ?? ""}" is not valid: rate(5 minutes) or cron(…)`,
        RULES,
      ),
      when(
        pattern !== undefined && !isJson(pattern),
        "InvalidEventPatternException",
        "Event pattern is not valid JSON",
        RULES,
      ),
    );
  },
  conflicts: (context) =>
    refusals(taken(context, "aws:cloudwatch/eventRule:EventRule", "name", "ResourceAlreadyExistsException", RULES)),
  seconds: { create: 1 },
};

const eventTarget: ResourceRecord = {
  type: "aws:cloudwatch/eventTarget:EventTarget",
  source: registry("eventtarget"),
  id: ({ inputs, world }) => `${text(inputs.rule) ?? ""}-${text(inputs.targetId) ?? world.newHexId("target")}`,
  autoname: { property: "targetId", maxLength: 64, pattern: /^[.\-_A-Za-z0-9]+$/ },
  defaults: { eventBusName: "default", forceDestroy: false },
  // AWS refuses to delete a rule that has targets.
  references: [{ path: "rule", to: "aws:cloudwatch/eventRule:EventRule" }],
  replaceOn: ["rule", "targetId"],
  validate: (context) => {
    const { inputs, world, preview } = context;
    const target = text(inputs.arn);
    const queue = target?.includes(":sqs:") === true;
    return refusals(
      when(
        queue && !preview && !world.find("aws:sqs/queue:Queue", ({ properties }) => properties.arn === target),
        "ValidationException",
        `arn: the queue ${target ?? ""} does not exist`,
        TARGETS,
      ),
      roleFor(context, "roleArn", inputs.roleArn, "events.amazonaws.com", "ValidationException", TARGETS),
      between(
        "retryPolicy.maximumRetryAttempts",
        block(inputs.retryPolicy).maximumRetryAttempts,
        0,
        185,
        "ValidationException",
        TARGETS,
      ),
    );
  },
  seconds: { create: 1 },
};

/** Amazon EventBridge. */
export const events: readonly ResourceRecord[] = [eventRule, eventTarget];
