import { arn, digest, dnsSuffix } from "../naming";
import type { CreateContext, DeleteContext, ResourceRecord } from "../record";
import { named, refusals, taken, when } from "../rules";
import { block, flag, isGiven, number, text, texts } from "../values";
import type { Properties } from "../../provider/types";
import { actualVersion, auroraMysqlClasses, defaultPort, familyOf } from "./engines";
import { CLUSTER, clusterRules, identifierRule, SNAPSHOT } from "./clusterRules";
import { CLUSTER_PARAMETERS, PARAMETERS, SUBNET_GROUP } from "./groups";
import { region as regionOf } from "../regions";

export const INSTANCE = "aws:rds/clusterInstance:ClusterInstance";
const API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html";
const INSTANCES = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html";
const CLASSES =
  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html";
const DELETE = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html";

/** Every host name of an account's databases in a Region ends in the same twelve characters. */
function domain(context: Pick<CreateContext, "account" | "region" | "partition">): string {
  return `${digest(`rds/${context.account}/${context.region}`, 12, "lower")}.${context.region}.rds.${dnsSuffix(context)}`;
}

/** Hosted zone of RDS end points, as their alias records would need it. */
function hostedZone(region: string): string {
  return `Z${digest(`rds/${region}`, 13, "upper")}`;
}

function snapshotProperties(context: DeleteContext, account: string): Properties {
  const { properties, region } = context;
  const id = text(properties.finalSnapshotIdentifier) ?? "";
  return {
    dbClusterSnapshotIdentifier: id,
    dbClusterSnapshotArn: arn(
      { partition: text(properties.arn)?.split(":")[1] ?? "aws", region, account },
      "rds",
      `cluster-snapshot:${id}`,
    ),
    dbClusterIdentifier: text(properties.clusterIdentifier) ?? "",
    engine: text(properties.engine) ?? "",
    engineVersion: text(properties.engineVersionActual) ?? "",
    kmsKeyId: text(properties.kmsKeyId) ?? "",
    storageEncrypted: flag(properties.storageEncrypted) ?? false,
    port: number(properties.port) ?? 3306,
    snapshotType: "manual",
    status: "available",
  };
}

const cluster: ResourceRecord = {
  type: CLUSTER,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/rds/cluster/",
  id: ({ inputs }) => text(inputs.clusterIdentifier) ?? "",
  autoname: { ...identifierRule("clusterIdentifier") },
  defaults: {
    engineMode: "provisioned",
    backupRetentionPeriod: 1,
    copyTagsToSnapshot: false,
    deletionProtection: false,
    skipFinalSnapshot: false,
    storageEncrypted: false,
    iamDatabaseAuthenticationEnabled: false,
    deleteAutomatedBackups: true,
    networkType: "IPV4",
    preferredBackupWindow: "06:00-06:30",
    preferredMaintenanceWindow: "sun:08:00-sun:08:30",
  },
  references: [
    { path: "dbSubnetGroupName", to: SUBNET_GROUP },
    { path: "vpcSecurityGroupIds[]", to: "aws:ec2/securityGroup:SecurityGroup" },
    { path: "dbClusterParameterGroupName", to: CLUSTER_PARAMETERS },
  ],
  replaceOn: [
    ..."clusterIdentifier engine databaseName masterUsername dbSubnetGroupName kmsKeyId storageEncrypted".split(" "),
    ..."snapshotIdentifier restoreToPointInTime availabilityZones engineMode".split(" "),
  ],
  updatable: ["engineVersion"],
  secrets: ["masterPassword"],
  errors: { notFound: "DBClusterNotFoundFault", inUse: "InvalidDBClusterStateFault" },
  outputs: (context) => {
    const { inputs, id, world } = context;
    const engine = text(inputs.engine) ?? "";
    const version = actualVersion(engine, text(inputs.engineVersion)) ?? "";
    const snapshot = world.get(SNAPSHOT, text(inputs.snapshotIdentifier) ?? "")?.properties;
    const secretArn = arn(context, "secretsmanager", `secret:rds!cluster-${digest(id, 8)}-${digest(id, 6, "lower")}`);
    return {
      arn: arn(context, "rds", `cluster:${id}`),
      clusterResourceId: `cluster-${digest(`rds/${id}`, 26, "upper")}`,
      endpoint: `${id}.cluster-${domain(context)}`,
      readerEndpoint: `${id}.cluster-ro-${domain(context)}`,
      hostedZoneId: hostedZone(context.region),
      port: number(inputs.port) ?? defaultPort(engine),
      engineVersion: text(inputs.engineVersion) ?? text(snapshot?.engineVersion) ?? version,
      engineVersionActual: version,
      availabilityZones:
        texts(inputs.availabilityZones).length > 0
          ? texts(inputs.availabilityZones)
          : regionOf(context.region)
              .zones.slice(0, 3)
              .map(({ name }) => name),
      dbClusterParameterGroupName: text(inputs.dbClusterParameterGroupName) ?? `default.${familyOf(engine, version)}`,
      dbSubnetGroupName: text(inputs.dbSubnetGroupName) ?? "default",
      caCertificateIdentifier: "rds-ca-rsa2048-g1",
      masterUserSecrets:
        flag(inputs.manageMasterUserPassword) === true
          ? [{ secretArn, kmsKeyId: text(inputs.masterUserSecretKmsKeyId) ?? "", secretStatus: "active" }]
          : [],
      clusterMembers: world
        .list(INSTANCE)
        .filter(({ properties }) => properties.clusterIdentifier === id)
        .map((instance) => instance.id),
      upgradeRolloutOrder: "second",
    };
  },
  validate: clusterRules,
  conflicts: (context) => refusals(taken(context, CLUSTER, "clusterIdentifier", "DBClusterAlreadyExistsFault", API)),
  blocksDeletion: (context) => {
    const { properties, id, world } = context;
    const final = text(properties.finalSnapshotIdentifier);
    const [blocked] = refusals(
      when(
        flag(properties.deletionProtection) === true,
        "InvalidParameterCombination",
        `Cannot delete protected Cluster, please disable deletion protection and try again: set deletionProtection of ${id} to false and run \`pulumi up\` first`,
        DELETE,
      ),
      when(
        flag(properties.skipFinalSnapshot) !== true && final === undefined,
        "InvalidParameterCombination",
        "FinalDBSnapshotIdentifier is required unless skipFinalSnapshot is set: give finalSnapshotIdentifier and run `pulumi up` first",
        DELETE,
      ),
      when(
        flag(properties.skipFinalSnapshot) !== true && final !== undefined && world.get(SNAPSHOT, final) !== undefined,
        "DBClusterSnapshotAlreadyExistsFault",
        `Cannot create the cluster snapshot because one with the identifier ${final ?? ""} already exists: give another finalSnapshotIdentifier`,
        DELETE,
      ),
    );
    return blocked;
  },
  onDelete: (context) => {
    const { world, properties, region } = context;
    const id = text(properties.finalSnapshotIdentifier);
    if (flag(properties.skipFinalSnapshot) !== true && id !== undefined) {
      const snapshot = snapshotProperties(context, world.account);
      world.put({ type: SNAPSHOT, id, region, name: id, createdAt: new Date().toISOString(), properties: snapshot });
    }
    return Promise.resolve();
  },
  seconds: { create: 43, delete: 63 },
};

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

export const clusterRecords: readonly ResourceRecord[] = [cluster, instance];
