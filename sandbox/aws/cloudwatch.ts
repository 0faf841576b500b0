import { arn } from "./naming";
import { keyExists } from "./kms";
import { policyDocument } from "./policyDocuments";
import type { ResourceRecord } from "./record";
import { between, named, oneOf, refusals, taken, when, type NameRule } from "./rules";
import { blocks, flag, isGiven, isJson, number, text, texts } from "./values";

const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const LOGS = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html";
const RETENTION = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html";
const RESOURCE_POLICY =
  "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html";
const ALARM = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html";
const DASHBOARD = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/cloudwatch/${name}/`;

/** Days that CloudWatch Logs can keep events; 0 is for ever. */
export const retentions = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const groupName: NameRule = { property: "name", maxLength: 512, pattern: /^[.\-_/#A-Za-z0-9]+$/ };

const logGroup: ResourceRecord = {
  type: LOG_GROUP,
  source: registry("loggroup"),
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { ...groupName },
  defaults: { retentionInDays: 0, skipDestroy: false, logGroupClass: "STANDARD", deletionProtectionEnabled: false },
  replaceOn: ["name", "logGroupClass"],
  errors: { notFound: "ResourceNotFoundException" },
  outputs: (context) => ({ arn: arn(context, "logs", `log-group:${context.id}`) }),
  validate: (context) => {
    const { inputs } = context;
    return refusals(
      named(inputs, groupName, "InvalidParameterException", LOGS),
      when(
        text(inputs.name)?.startsWith("aws/") === true,
        "InvalidParameterException",
        "names that begin with aws/ are AWS's own",
        LOGS,
      ),
      oneOf("retentionInDays", inputs.retentionInDays, retentions, "InvalidParameterException", RETENTION),
      oneOf(
        "logGroupClass",
        inputs.logGroupClass,
        ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"],
        "InvalidParameterException",
        LOGS,
      ),
      keyExists(context, "kmsKeyId", inputs.kmsKeyId),
      when(
        text(inputs.kmsKeyId) !== undefined && !text(inputs.kmsKeyId)?.startsWith("arn:"),
        "InvalidParameterException",
        "kmsKeyId is the ARN of a key",
        LOGS,
      ),
    );
  },
  conflicts: (context) => refusals(taken(context, LOG_GROUP, "name", "ResourceAlreadyExistsException", LOGS)),
  blocksDeletion: ({ properties, id }) =>
    when(
      flag(properties.deletionProtectionEnabled) === true,
      "ValidationException",
      `log group ${id} is protected: set deletionProtectionEnabled to false first`,
      LOGS,
    ),
  seconds: { create: 1 },
};

const logResourcePolicy: ResourceRecord = {
  type: "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
  source: registry("logresourcepolicy"),
  id: ({ inputs }) => text(inputs.policyName) ?? text(inputs.resourceArn) ?? "",
  replaceOn: ["policyName", "resourceArn"],
  outputs: ({ inputs }) => ({ policyScope: isGiven(inputs.resourceArn) ? "RESOURCE" : "ACCOUNT", revisionId: "" }),
  validate: ({ inputs, world, preview }) =>
    refusals(
      when(
        isGiven(inputs.policyName) === isGiven(inputs.resourceArn),
        "InvalidParameterException",
        "give policyName (a policy of the account) or resourceArn (of one log group)",
        RESOURCE_POLICY,
      ),
      policyDocument({ world, preview }, "policyDocument", inputs.policyDocument, {
        kind: "resource",
        code: "InvalidParameterException",
        maxLength: 5120,
        source: RESOURCE_POLICY,
      }),
    ),
  conflicts: ({ world, region, id }) =>
    refusals(
      when(
        world
          .list("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
          .filter((one) => one.region === region && one.id !== id).length >= 10,
        "LimitExceededException",
        "a Region has at most 10 resource policies of CloudWatch Logs",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html",
      ),
    ),
};

const comparisons = [
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
  "LessThanLowerOrGreaterThanUpperThreshold",
  "LessThanLowerThreshold",
  "GreaterThanUpperThreshold",
];

const metricAlarm: ResourceRecord = {
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  source: registry("metricalarm"),
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { property: "name", maxLength: 255 },
  defaults: { actionsEnabled: true, treatMissingData: "missing" },
  replaceOn: ["name"],
  outputs: (context) => ({ arn: arn(context, "cloudwatch", `alarm:${context.id}`) }),
  validate: ({ inputs }) => {
    const period = number(inputs.period);
    const math = blocks(inputs.metricQueries).length > 0;
    const actions = ["alarmActions", "okActions", "insufficientDataActions"] as const;
    return refusals(
      oneOf("comparisonOperator", inputs.comparisonOperator, comparisons, "ValidationError", ALARM),
      oneOf(
        "treatMissingData",
        inputs.treatMissingData,
        ["missing", "ignore", "breaching", "notBreaching"],
        "ValidationError",
        ALARM,
      ),
      oneOf(
        "statistic",
        inputs.statistic,
        ["SampleCount", "Average", "Sum", "Minimum", "Maximum"],
        "ValidationError",
        ALARM,
      ),
      when(
        period !== undefined && ![10, 20, 30].includes(period) && period % 60 !== 0,
        "ValidationError",
        `period ${String(period)} must be 10, 20, 30 or a multiple of 60 seconds`,
        ALARM,
      ),
      between("evaluationPeriods", inputs.evaluationPeriods, 1, 1440, "ValidationError", ALARM),
      when(math && isGiven(inputs.metricName), "ValidationError", "give metricName or metricQueries, not both", ALARM),
      when(
        !math && isGiven(inputs.metricName) && isGiven(inputs.statistic) === isGiven(inputs.extendedStatistic),
        "ValidationError",
        "give statistic or extendedStatistic",
        ALARM,
      ),
      ...actions.flatMap((property) => [
        when(texts(inputs[property]).length > 5, "ValidationError", `${property}: at most 5`, ALARM),
        when(
          texts(inputs[property]).some((action) => !action.startsWith("arn:")),
          "ValidationError",
          `${property} holds ARNs`,
          ALARM,
        ),
      ]),
    );
  },
  seconds: { create: 1 },
};

const dashboard: ResourceRecord = {
  type: "aws:cloudwatch/dashboard:Dashboard",
  source: registry("dashboard"),
  id: ({ inputs }) => text(inputs.dashboardName) ?? "",
  replaceOn: ["dashboardName"],
  outputs: (context) => ({ dashboardArn: arn(context, "cloudwatch", `dashboard/${context.id}`, ["region"]) }),
  validate: ({ inputs }) => {
    const body = text(inputs.dashboardBody);
    return refusals(
      named(
        inputs,
        { property: "dashboardName", maxLength: 255, pattern: /^[A-Za-z0-9_-]+$/ },
        "InvalidParameterValue",
        DASHBOARD,
      ),
      when(
        body !== undefined && !isJson(body),
        "InvalidParameterInput",
        "The dashboard body is invalid: it is no JSON",
        DASHBOARD,
      ),
    );
  },
  seconds: { create: 1 },
};

/** Amazon CloudWatch and CloudWatch Logs. */
export const cloudwatch: readonly ResourceRecord[] = [logGroup, logResourcePolicy, metricAlarm, dashboard];
