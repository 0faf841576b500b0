import { sameVpc, subnetsOf, zonesOf } from "../ec2/subnets";
import { arn } from "../naming";
import type { ResourceRecord } from "../record";
import { named, oneOf, refusals, taken, when, type NameRule, type Refusal } from "../rules";
import { blocks, hasUnknown, text, texts } from "../values";
import type { Properties } from "../../provider/types";

export const SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup";
export const CLUSTER_PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup";
export const PARAMETERS = "aws:rds/parameterGroup:ParameterGroup";
const SUBNETS =
  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html";
const API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html";
const VALUES =
  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Reference.ParameterGroups.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/rds/${name}/`;

const subnetGroupName: NameRule = { property: "name", maxLength: 255, pattern: /^[a-z0-9 ._-]+$/ };
const groupName: NameRule = { property: "name", maxLength: 255, pattern: /^[a-z](-?[a-z0-9])*$/ };

const families = [
  ..."aurora-mysql5.7 aurora-mysql8.0 aurora-postgresql14 aurora-postgresql15 aurora-postgresql16 aurora-postgresql17".split(
    " ",
  ),
  ..."mysql8.0 mysql8.4 postgres14 postgres15 postgres16 postgres17".split(" "),
];

const onOff = ["0", "1", "OFF", "ON"];
/** Values of the parameters that this installation's programs set; others are taken as they are. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  binlog_format: ["ROW", "STATEMENT", "MIXED", "OFF"],
  general_log: onOff,
  log_bin_trust_function_creators: onOff,
  log_queries_not_using_indexes: onOff,
  performance_schema: onOff,
  require_secure_transport: onOff,
  server_audit_logging: onOff,
  slow_query_log: onOff,
  log_output: ["FILE", "TABLE", "NONE"],
  tls_version: ["TLSv1.2", "TLSv1.3", "TLSv1.2,TLSv1.3"],
  character_set_server: ["utf8mb4", "utf8mb3", "utf8", "latin1"],
  character_set_database: ["utf8mb4", "utf8mb3", "utf8", "latin1"],
};
/** Parameters whose value applies from the next start: `applyMethod: "immediate"` is refused for them. */
const staticParameters = ["binlog_format", "performance_schema", "lower_case_table_names", "tls_version", "gtid-mode"];

function parameterRules(inputs: Properties): Refusal {
  return refusals(
    ...blocks(inputs.parameters).flatMap((parameter) => {
      const name = text(parameter.name) ?? "";
      return [
        oneOf(
          `parameters: ${name}`,
          text(parameter.value),
          allowed[name] ?? [text(parameter.value) ?? ""],
          "InvalidParameterValue",
          VALUES,
        ),
        oneOf(
          `parameters: applyMethod of ${name}`,
          parameter.applyMethod,
          ["immediate", "pending-reboot"],
          "InvalidParameterValue",
          API,
        ),
        when(
          staticParameters.includes(name) && (text(parameter.applyMethod) ?? "immediate") === "immediate",
          "InvalidParameterCombination",
          `cannot use immediate apply method for static parameter ${name}: set applyMethod to pending-reboot`,
          VALUES,
        ),
      ];
    }),
  );
}

const subnetGroup: ResourceRecord = {
  type: SUBNET_GROUP,
  source: registry("subnetgroup"),
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { ...subnetGroupName },
  defaults: { description: "Managed by Pulumi" },
  references: [{ path: "subnetIds[]", to: "aws:ec2/subnet:Subnet" }],
  replaceOn: ["name"],
  errors: { notFound: "DBSubnetGroupNotFoundFault", inUse: "InvalidDBSubnetGroupStateFault" },
  outputs: (context) => {
    const [first] = subnetsOf(context.world, texts(context.inputs.subnetIds));
    return {
      arn: arn(context, "rds", `subgrp:${context.id}`),
      supportedNetworkTypes: ["IPV4"],
      vpcId: text(first?.properties.vpcId) ?? "",
    };
  },
  validate: ({ inputs, world }) => {
    const ids = texts(inputs.subnetIds);
    const counted = !hasUnknown(inputs.subnetIds) && subnetsOf(world, ids).length === ids.length;
    return refusals(
      named(inputs, subnetGroupName, "InvalidParameterValue", SUBNETS),
      when(text(inputs.name) === "default", "InvalidParameterValue", 'the name "default" is reserved', SUBNETS),
      when(
        counted && zonesOf(world, ids).length < 2,
        "DBSubnetGroupDoesNotCoverEnoughAZs",
        "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement: give subnets in at least two AZs",
        SUBNETS,
      ),
      sameVpc(world, ids, "InvalidSubnet", SUBNETS),
    );
  },
  conflicts: (context) => refusals(taken(context, SUBNET_GROUP, "name", "DBSubnetGroupAlreadyExists", SUBNETS)),
  seconds: { create: 2 },
};

/** Parameter groups of clusters and of instances differ in type and ARN only. */
function parameterGroup(type: string, page: string, arnPart: string): ResourceRecord {
  return {
    type,
    source: registry(page),
    id: ({ inputs }) => text(inputs.name) ?? "",
    autoname: { ...groupName },
    defaults: { description: "Managed by Pulumi" },
    replaceOn: ["name", "family", "description"],
    errors: { notFound: "DBParameterGroupNotFound", inUse: "InvalidDBParameterGroupState" },
    outputs: (context) => ({ arn: arn(context, "rds", `${arnPart}:${context.id}`) }),
    validate: ({ inputs }) =>
      refusals(
        named(inputs, groupName, "InvalidParameterValue", API),
        oneOf("family", inputs.family, families, "InvalidParameterValue", API),
        parameterRules(inputs),
      ),
    conflicts: (context) => refusals(taken(context, type, "name", "DBParameterGroupAlreadyExists", API)),
    seconds: { create: 2 },
  };
}

export const groupRecords: readonly ResourceRecord[] = [
  subnetGroup,
  parameterGroup(CLUSTER_PARAMETERS, "clusterparametergroup", "cluster-pg"),
  parameterGroup(PARAMETERS, "parametergroup", "pg"),
];
