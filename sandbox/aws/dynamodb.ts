import { arn } from "./naming";
import { keyExists } from "./kms";
import type { ResourceRecord } from "./record";
import { named, oneOf, refusals, taken, when, type NameRule } from "./rules";
import { block, blocks, flag, isGiven, number, text } from "./values";

const TABLE = "aws:dynamodb/table:Table";
const SOURCE = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html";
const tableName: NameRule = { property: "name", minLength: 3, maxLength: 255, pattern: /^[a-zA-Z0-9_.-]+$/ };

const table: ResourceRecord = {
  type: TABLE,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/dynamodb/table/",
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { property: "name", maxLength: 255, pattern: /^[a-zA-Z0-9_.-]+$/ },
  defaults: {
    billingMode: "PROVISIONED",
    tableClass: "STANDARD",
    deletionProtectionEnabled: false,
    streamEnabled: false,
  },
  replaceOn: ["name", "hashKey", "rangeKey"],
  errors: { notFound: "ResourceNotFoundException" },
  outputs: (context) => {
    const streams = flag(context.inputs.streamEnabled) === true;
    const label = "2026-01-01T00:00:00.000";
    const own = arn(context, "dynamodb", `table/${context.id}`);
    return { arn: own, streamArn: streams ? `${own}/stream/${label}` : "", streamLabel: streams ? label : "" };
  },
  validate: (context) => {
    const { inputs } = context;
    const indexes = [...blocks(inputs.globalSecondaryIndexes), ...blocks(inputs.localSecondaryIndexes)];
    const keys = [inputs, ...indexes].flatMap((holder) => [text(holder.hashKey), text(holder.rangeKey)]);
    const needed = new Set(keys.filter((name) => name !== undefined));
    const attributes = blocks(inputs.attributes);
    const defined = attributes.map((attribute) => text(attribute.name) ?? "");
    const provisioned = (text(inputs.billingMode) ?? "PROVISIONED") === "PROVISIONED";
    const capacity = [inputs.readCapacity, inputs.writeCapacity];
    return refusals(
      named(inputs, tableName, "ValidationException", SOURCE),
      oneOf("billingMode", inputs.billingMode, ["PROVISIONED", "PAY_PER_REQUEST"], "ValidationException", SOURCE),
      when(
        [...needed].some((name) => !defined.includes(name)) || defined.some((name) => !needed.has(name)),
        "ValidationException",
        `attributes must define the key attributes and no others: keys are ${[...needed].join(", ")}, defined are ${defined.join(", ")}`,
        SOURCE,
      ),
      ...attributes.map(({ type }) => oneOf("attributes[].type", type, ["S", "N", "B"], "ValidationException", SOURCE)),
      when(
        provisioned && capacity.some((units) => !isGiven(units) || number(units) === 0),
        "ValidationException",
        "PROVISIONED tables need readCapacity and writeCapacity of at least 1 (or set billingMode PAY_PER_REQUEST)",
        SOURCE,
      ),
      when(
        flag(inputs.streamEnabled) === true && !isGiven(inputs.streamViewType),
        "ValidationException",
        "streamEnabled needs streamViewType",
        SOURCE,
      ),
      keyExists(context, "serverSideEncryption.kmsKeyArn", block(inputs.serverSideEncryption).kmsKeyArn),
    );
  },
  conflicts: (context) => refusals(taken(context, TABLE, "name", "ResourceInUseException", SOURCE)),
  blocksDeletion: ({ properties, id }) =>
    when(
      flag(properties.deletionProtectionEnabled) === true,
      "ValidationException",
      `Resource cannot be deleted as it is currently protected against deletion: set deletionProtectionEnabled of ${id} to false first`,
      "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
    ),
  seconds: { create: 8 },
};

/** Amazon DynamoDB. */
export const dynamodb: readonly ResourceRecord[] = [table];
