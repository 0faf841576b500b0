import { arn, dnsSuffix } from "./naming";
import { keyExists } from "./kms";
import { policyDocument } from "./policyDocuments";
import type { ResourceRecord, ValidateContext } from "./record";
import { between, named, oneOf, refusals, taken, when, type NameRule, type Refusal } from "./rules";
import { flag, text } from "./values";

const QUEUE = "aws:sqs/queue:Queue";
const TOPIC = "aws:sns/topic:Topic";
const SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html";
const SNS = "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html";
const SUBSCRIBE = "https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html";
const registry = (path: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/${path}/`;

const queueName: NameRule = { property: "name", maxLength: 80, pattern: /^[A-Za-z0-9_-]+(\.fifo)?$/ };
const topicName: NameRule = { property: "name", maxLength: 256, pattern: /^[A-Za-z0-9_-]+(\.fifo)?$/ };

/** Names of FIFO queues and topics end in .fifo, those of others don't. */
function fifoRule(inputs: ValidateContext["inputs"], fifo: boolean, source: string): Refusal {
  const name = text(inputs.name);
  return when(
    name !== undefined && name.endsWith(".fifo") !== fifo,
    "InvalidParameterValue",
    `"${name ?? ""}": the name of a FIFO queue or topic, and no other, ends in .fifo`,
    source,
  );
}

function queueUrl(context: Parameters<typeof arn>[0], name: string): string {
  return `https://sqs.${context.region}.${dnsSuffix(context)}/${context.account}/${name}`;
}

const queue: ResourceRecord = {
  type: QUEUE,
  source: registry("sqs/queue"),
  id: (context) => queueUrl(context, text(context.inputs.name) ?? ""),
  autoname: { ...queueName },
  defaults: {
    delaySeconds: 0,
    fifoQueue: false,
    contentBasedDeduplication: false,
    // SQS raised its largest message from 256 KiB to 1 MiB in 2025.
    maxMessageSize: 1_048_576,
    messageRetentionSeconds: 345_600,
    receiveWaitTimeSeconds: 0,
    visibilityTimeoutSeconds: 30,
    kmsDataKeyReusePeriodSeconds: 300,
  },
  replaceOn: ["name", "fifoQueue"],
  errors: { notFound: "QueueDoesNotExist" },
  outputs: (context) => ({
    url: context.id,
    arn: arn(context, "sqs", text(context.inputs.name) ?? ""),
    sqsManagedSseEnabled:
      flag(context.inputs.sqsManagedSseEnabled) ?? text(context.inputs.kmsMasterKeyId) === undefined,
  }),
  validate: (context) => {
    const { inputs, world, preview } = context;
    const within = (property: string, low: number, high: number) =>
      between(property, inputs[property], low, high, "InvalidAttributeValue", SQS);
    return refusals(
      named(inputs, queueName, "InvalidParameterValue", SQS),
      fifoRule(inputs, flag(inputs.fifoQueue) === true, SQS),
      within("delaySeconds", 0, 900),
      within("maxMessageSize", 1024, 1_048_576),
      within("messageRetentionSeconds", 60, 1_209_600),
      within("receiveWaitTimeSeconds", 0, 20),
      within("visibilityTimeoutSeconds", 0, 43_200),
      within("kmsDataKeyReusePeriodSeconds", 60, 86_400),
      keyExists(context, "kmsMasterKeyId", inputs.kmsMasterKeyId),
      policyDocument({ world, preview }, "policy", inputs.policy, queuePolicyRule),
    );
  },
  conflicts: (context) => refusals(taken(context, QUEUE, "name", "QueueAlreadyExists", SQS)),
  seconds: { create: 26 },
};

const queuePolicyRule = { kind: "resource", code: "InvalidAttributeValue", maxLength: 8192, source: SQS } as const;

const queuePolicy: ResourceRecord = {
  type: "aws:sqs/queuePolicy:QueuePolicy",
  source: registry("sqs/queuepolicy"),
  id: ({ inputs }) => text(inputs.queueUrl) ?? "",
  references: [{ path: "queueUrl", to: QUEUE, weak: true }],
  replaceOn: ["queueUrl"],
  validate: ({ inputs, world, preview }) =>
    refusals(policyDocument({ world, preview }, "policy", inputs.policy, queuePolicyRule)),
  seconds: { create: 26 },
};

const topicPolicyRule = { kind: "resource", code: "InvalidParameter", maxLength: 30_720, source: SNS } as const;

const topic: ResourceRecord = {
  type: TOPIC,
  source: registry("sns/topic"),
  id: (context) => arn(context, "sns", text(context.inputs.name) ?? ""),
  autoname: { ...topicName },
  defaults: { fifoTopic: false, contentBasedDeduplication: false },
  replaceOn: ["name", "fifoTopic"],
  errors: { notFound: "NotFound" },
  outputs: (context) => ({ arn: context.id, owner: context.account, beginningArchiveTime: "" }),
  validate: (context) =>
    refusals(
      named(context.inputs, topicName, "InvalidParameter", SNS),
      fifoRule(context.inputs, flag(context.inputs.fifoTopic) === true, SNS),
      keyExists(context, "kmsMasterKeyId", context.inputs.kmsMasterKeyId),
      policyDocument(context, "policy", context.inputs.policy, topicPolicyRule),
    ),
  // CreateTopic answers with the topic that is there already, but Pulumi would then share it.
  conflicts: (context) => refusals(taken(context, TOPIC, "name", "InvalidParameter", SNS)),
  seconds: { create: 1 },
};

const topicPolicy: ResourceRecord = {
  type: "aws:sns/topicPolicy:TopicPolicy",
  source: registry("sns/topicpolicy"),
  id: ({ inputs }) => text(inputs.arn) ?? "",
  references: [{ path: "arn", to: TOPIC, weak: true }],
  replaceOn: ["arn"],
  outputs: ({ account }) => ({ owner: account }),
  validate: ({ inputs, world, preview }) =>
    refusals(policyDocument({ world, preview }, "policy", inputs.policy, topicPolicyRule)),
};

const subscription: ResourceRecord = {
  type: "aws:sns/topicSubscription:TopicSubscription",
  source: registry("sns/topicsubscription"),
  id: ({ inputs, world }) => `${text(inputs.topic) ?? ""}:${world.newHexId("subscription")}`,
  references: [{ path: "topic", to: TOPIC, weak: true }],
  replaceOn: ["topic", "protocol", "endpoint"],
  outputs: ({ id, inputs, account }) => ({
    arn: id,
    ownerId: account,
    confirmationWasAuthenticated: inputs.protocol === "sqs",
    pendingConfirmation: ["email", "email-json", "http", "https"].includes(text(inputs.protocol) ?? ""),
  }),
  validate: ({ inputs, world, preview }) => {
    const protocols = ["sqs", "sms", "lambda", "firehose", "application", "email", "email-json", "http", "https"];
    const endpoint = text(inputs.endpoint);
    return refusals(
      oneOf("protocol", inputs.protocol, protocols, "InvalidParameter", SUBSCRIBE),
      when(
        inputs.protocol === "sqs" &&
          !preview &&
          endpoint !== undefined &&
          !world.find(QUEUE, ({ properties }) => properties.arn === endpoint),
        "InvalidParameter",
        `endpoint: the queue ${endpoint ?? ""} does not exist`,
        SUBSCRIBE,
      ),
      when(
        inputs.protocol === "email" && endpoint !== undefined && !/^[^@\s]+@[^@\s]+$/.test(endpoint),
        "InvalidParameter",
        `endpoint "${endpoint ?? ""}" is no e-mail address`,
        SUBSCRIBE,
      ),
    );
  },
  conflicts: ({ world, inputs, id }) => {
    const properties = ["topic", "protocol", "endpoint"];
    const twin = world.find(
      "aws:sns/topicSubscription:TopicSubscription",
      (one) => one.id !== id && properties.every((property) => one.properties[property] === inputs[property]),
    );
    return refusals(
      when(twin !== undefined, "InvalidParameter", `this endpoint is subscribed already: ${twin?.id ?? ""}`, SUBSCRIBE),
    );
  },
};

/** Amazon SQS and SNS. */
export const messaging: readonly ResourceRecord[] = [queue, queuePolicy, topic, topicPolicy, subscription];
