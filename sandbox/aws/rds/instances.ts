import { arn, digest } from "../naming";
import type { ResourceRecord } from "../record";
import { named, refusals, taken, when } from "../rules";
import { block, flag, isGiven, number, text, texts } from "../values";
import { auroraMysqlClasses, defaultPort } from "./engines";
import { identifierRule } from "./clusterRules";
import { PARAMETERS, SUBNET_GROUP } from "./groups";
import { CLUSTER, domain, INSTANCE } from "./names";

const INSTANCES = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html";
const CLASSES =
  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html";
const INSIGHTS = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_PerfInsights.Overview.Engines.html";

const instance: ResourceRecord = {
  type: INSTANCE,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/rds/clusterinstance/",
  id: ({ inputs }) => text(inputs.identifier) ?? "",
  autoname: { ...identifierRule("identifier") },
  defaults: {
    autoMinorVersionUpgrade: true,
    copyTagsToSnapshot: false,
    monitoringInterval: 0,
    performanceInsightsEnabled: false,
    promotionTier: 0,
    publiclyAccessible: false,
    caCertIdentifier: "rds-ca-rsa2048-g1",
  },
  references: [
    { path: "clusterIdentifier", to: CLUSTER },
    { path: "dbParameterGroupName", to: PARAMETERS },
    { path: "dbSubnetGroupName", to: SUBNET_GROUP, weak: true },
  ],
  replaceOn: ["clusterIdentifier", "identifier", "engine", "availabilityZone", "dbSubnetGroupName"],
  errors: { notFound: "DBInstanceNotFound" },
  outputs: (context) => {
    const { inputs, id, world } = context;
    const parent = world.get(CLUSTER, text(inputs.clusterIdentifier) ?? "")?.properties;
    const siblings = world
      .list(INSTANCE)
      .filter(({ properties }) => properties.clusterIdentifier === inputs.clusterIdentifier);
    const zones = texts(parent?.availabilityZones);
    const nth = siblings.filter((one) => one.id !== id).length;
    return {
      arn: arn(context, "rds", `db:${id}`),
      dbiResourceId: `db-${digest(`rds/${id}`, 26, "upper")}`,
      endpoint: `${id}.${domain(context)}`,
      port: number(parent?.port) ?? defaultPort(text(inputs.engine) ?? ""),
      engineVersion: text(inputs.engineVersion) ?? text(parent?.engineVersion) ?? "",
      engineVersionActual: text(parent?.engineVersionActual) ?? "",
      availabilityZone:
        text(inputs.availabilityZone) ??
        text(context.previous?.availabilityZone) ??
        zones[nth % Math.max(1, zones.length)] ??
        "",
      kmsKeyId: text(parent?.kmsKeyId) ?? "",
      storageEncrypted: flag(parent?.storageEncrypted) ?? false,
      dbSubnetGroupName: text(inputs.dbSubnetGroupName) ?? text(parent?.dbSubnetGroupName) ?? "",
      networkType: "IPV4",
      // The first instance of a cluster becomes its writer.
      writer: flag(context.previous?.writer) ?? nth === 0,
    };
  },
  validate: ({ inputs, world }) => {
    const parent = world.get(CLUSTER, text(inputs.clusterIdentifier) ?? "")?.properties;
    const type = text(inputs.instanceClass);
    const engine = text(inputs.engine);
    const zone = text(inputs.availabilityZone);
    const serverless = type === "db.serverless";
    const interval = number(inputs.monitoringInterval) ?? 0;
    const insights = flag(inputs.performanceInsightsEnabled) === true;
    const advanced = parent?.databaseInsightsMode === "advanced";
    return refusals(
      named(inputs, identifierRule("identifier"), "InvalidParameterValue", INSTANCES),
      when(
        type !== undefined && engine === "aurora-mysql" && !auroraMysqlClasses.has(type),
        "InvalidParameterCombination",
        `RDS does not support creating a DB instance with the following combination: DBInstanceClass=${type ?? ""}, Engine=aurora-mysql`,
        CLASSES,
      ),
      when(
        parent !== undefined && engine !== undefined && parent.engine !== engine,
        "InvalidParameterCombination",
        `The engine name requested for your DB instance (${engine ?? ""}) doesn't match the engine name of your DB cluster (${text(parent?.engine) ?? ""})`,
        INSTANCES,
      ),
      when(
        serverless && parent !== undefined && !isGiven(block(parent.serverlessv2ScalingConfiguration).maxCapacity),
        "InvalidParameterCombination",
        "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance",
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.create.html",
      ),
      when(
        ![0, 1, 5, 10, 15, 30, 60].includes(interval),
        "InvalidParameterValue",
        "monitoringInterval is 0, 1, 5, 10, 15, 30 or 60 seconds",
        INSTANCES,
      ),
      when(
        interval > 0 && !isGiven(inputs.monitoringRoleArn),
        "InvalidParameterCombination",
        "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0",
        INSTANCES,
      ),
      when(
        insights && type?.startsWith("db.t3.") === true,
        "InvalidParameterCombination",
        "Performance Insights not supported for this configuration: it has no db.t3 for Aurora MySQL",
        INSIGHTS,
      ),
      when(
        advanced && (!insights || (number(inputs.performanceInsightsRetentionPeriod) ?? 7) < 465),
        "InvalidParameterCombination",
        "Database Insights in advanced mode needs Performance Insights with a retention of at least 465 days",
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.TurningOnAdvanced.html",
      ),
      when(
        zone !== undefined && parent !== undefined && !texts(parent.availabilityZones).includes(zone),
        "InvalidParameterValue",
        `availabilityZone ${zone ?? ""} is none of the cluster's: ${texts(parent?.availabilityZones).join(", ")}`,
        INSTANCES,
      ),
    );
  },
  conflicts: (context) => refusals(taken(context, INSTANCE, "identifier", "DBInstanceAlreadyExists", INSTANCES)),
  seconds: { create: 741, delete: 707 },
};

export const instanceRecords: readonly ResourceRecord[] = [instance];
