import { arn, parseArn } from "../naming";
import type { ResourceRecord } from "../record";
import { oneOf, refusals, when } from "../rules";
import { roleFor } from "../roles";
import { isGiven, text } from "../values";

const SOURCE = "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-cwl.html";
const watched = [
  "vpcId",
  "subnetId",
  "eniId",
  "transitGatewayId",
  "transitGatewayAttachmentId",
  "regionalNatGatewayId",
];

const flowLog: ResourceRecord = {
  type: "aws:ec2/flowLog:FlowLog",
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/ec2/flowlog/",
  id: ({ world }) => world.newHexId("fl"),
  defaults: { logDestinationType: "cloud-watch-logs", maxAggregationInterval: 600 },
  references: [
    // Flow logs go with the VPC or subnet that they watch.
    { path: "vpcId", to: "aws:ec2/vpc:Vpc", weak: true },
    { path: "subnetId", to: "aws:ec2/subnet:Subnet", weak: true },
  ],
  replaceOn: [
    "vpcId",
    "subnetId",
    "trafficType",
    "logDestination",
    "logDestinationType",
    "iamRoleArn",
    "maxAggregationInterval",
    "logFormat",
  ],
  outputs: (context) => ({ arn: arn(context, "ec2", `vpc-flow-log/${context.id}`) }),
  validate: (context) => {
    const { inputs, world, preview } = context;
    const kind = text(inputs.logDestinationType) ?? "cloud-watch-logs";
    const destination = text(inputs.logDestination);
    const parsed = destination === undefined ? undefined : parseArn(destination);
    const exists =
      kind === "cloud-watch-logs"
        ? world.find(
            "aws:cloudwatch/logGroup:LogGroup",
            ({ properties }) => properties.arn === destination?.replace(/:\*$/, ""),
          )
        : world.find("aws:s3/bucket:Bucket", ({ id }) => id === parsed?.resource.split("/")[0]);
    return refusals(
      oneOf("trafficType", inputs.trafficType, ["ACCEPT", "REJECT", "ALL"], "InvalidParameterValue", SOURCE),
      oneOf("maxAggregationInterval", inputs.maxAggregationInterval, [60, 600], "InvalidParameterValue", SOURCE),
      oneOf(
        "logDestinationType",
        inputs.logDestinationType,
        ["cloud-watch-logs", "s3", "kinesis-data-firehose"],
        "InvalidParameterValue",
        SOURCE,
      ),
      when(
        watched.filter((property) => isGiven(inputs[property])).length !== 1,
        "InvalidParameterCombination",
        `a flow log watches exactly one of ${watched.join(", ")}`,
        SOURCE,
      ),
      when(
        !isGiven(inputs.logDestination),
        "MissingParameter",
        "logDestination: the ARN of a log group or bucket",
        SOURCE,
      ),
      when(
        !preview && destination !== undefined && kind !== "kinesis-data-firehose" && !exists,
        "InvalidParameterValue",
        `LogDestination: ${destination ?? ""} does not exist`,
        SOURCE,
      ),
      when(
        kind === "cloud-watch-logs" && !isGiven(inputs.iamRoleArn),
        "InvalidParameterCombination",
        "iamRoleArn (DeliverLogsPermissionArn) can't be empty when the destination is CloudWatch Logs",
        SOURCE,
      ),
      roleFor(context, "iamRoleArn", inputs.iamRoleArn, "vpc-flow-logs.amazonaws.com", "InvalidParameterValue", SOURCE),
    );
  },
  seconds: { create: 2 },
};

export const flowLogRecords: readonly ResourceRecord[] = [flowLog];
