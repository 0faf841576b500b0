import { findKey, keyExists } from "../kms";
import { roleFor } from "../roles";
import type { ValidateContext } from "../record";
import { between, named, oneOf, refusals, when, type NameRule, type Refusal } from "../rules";
import { block, flag, isGiven, number, text, texts } from "../values";
import { actualVersion, auroraMysqlVersions, engines, familyOf } from "./engines";
import { CLUSTER, SNAPSHOT } from "./names";
import { pastRules } from "./pointInTime";
import { CLUSTER_PARAMETERS, SUBNET_GROUP } from "./groups";

const API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html";
const DELETE = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBCluster.html";
const RESTORE = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterFromSnapshot.html";
const INSIGHTS =
  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.Considerations.html";
const VERSIONS = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Updates.Versions.html";
const WINDOWS = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.Maintenance.html";

/** Letters, digits, single hyphens; begins with a letter, doesn't end in a hyphen; RDS keeps names in lower case. */
export function identifierRule(property: string): NameRule {
  return { property, maxLength: 63, pattern: /^[a-z](-?[a-z0-9])*$/ };
}

/** RDS's rules for the master password of MySQL: 8 to 41 printable ASCII characters without / " @ and space. */
function credentialRules(inputs: ValidateContext["inputs"]): Refusal {
  const password = text(inputs.masterPassword);
  const user = text(inputs.masterUsername);
  const managed = flag(inputs.manageMasterUserPassword) === true;
  const restored = [
    "snapshotIdentifier",
    "restoreToPointInTime",
    "replicationSourceIdentifier",
    "globalClusterIdentifier",
    "s3Import",
  ].some((property) => isGiven(inputs[property]));
  const postgres = text(inputs.engine)?.includes("postgres") === true;
  return refusals(
    when(
      password !== undefined && (password.length < 8 || password.length > (postgres ? 128 : 41)),
      "InvalidParameterValue",
      `The parameter MasterUserPassword is not a valid password: it must have 8 to ${postgres ? 128 : 41} characters`,
      API,
    ),
    when(
      password !== undefined && !/^[\x21\x23-\x2e\x30-\x3f\x41-\x7e]*$/.test(password),
      "InvalidParameterValue",
      "The parameter MasterUserPassword is not a valid password: only printable ASCII characters besides '/', '@', '\"', ' ' may be used",
      API,
    ),
    when(
      user !== undefined && !/^[a-zA-Z][a-zA-Z0-9_]{0,15}$/.test(user),
      "InvalidParameterValue",
      `masterUsername "${user ?? ""}" must have 1 to 16 letters and digits and begin with a letter`,
      API,
    ),
    when(
      ["rdsadmin", "mysql", "root"].includes(user ?? ""),
      "InvalidParameterValue",
      `MasterUsername ${user ?? ""} cannot be used as it is a reserved word used by the engine`,
      API,
    ),
    when(
      managed && (isGiven(inputs.masterPassword) || isGiven(inputs.masterPasswordWo)),
      "InvalidParameterCombination",
      "give masterPassword or manageMasterUserPassword",
      API,
    ),
    when(
      !restored &&
        (!isGiven(inputs.masterUsername) ||
          (!managed && !isGiven(inputs.masterPassword) && !isGiven(inputs.masterPasswordWo))),
      "InvalidParameterValue",
      "a new cluster needs masterUsername, and masterPassword or manageMasterUserPassword",
      API,
    ),
  );
}

function engineRules({ inputs, world, id }: ValidateContext): Refusal {
  const engine = text(inputs.engine);
  const asked = text(inputs.engineVersion);
  const version = engine === undefined ? undefined : actualVersion(engine, asked);
  const before = id === undefined ? undefined : text(world.get(CLUSTER, id)?.properties.engineVersionActual);
  const group = world.get(CLUSTER_PARAMETERS, text(inputs.dbClusterParameterGroupName) ?? "")?.properties;
  const family = engine !== undefined && version !== undefined ? familyOf(engine, version) : undefined;
  return refusals(
    oneOf("engine", engine, engines, "InvalidParameterValue", API),
    when(
      engine !== undefined && version === undefined,
      "InvalidParameterCombination",
      `Cannot find version ${asked ?? ""} for ${engine ?? ""}: choose one of ${auroraMysqlVersions.join(", ")}`,
      VERSIONS,
    ),
    when(
      before !== undefined && version !== undefined && asked !== "8.0" && asked !== undefined && version < before,
      "InvalidParameterCombination",
      `Cannot upgrade ${engine ?? ""} from ${before ?? ""} to ${version ?? ""}: a cluster can't go back`,
      VERSIONS,
    ),
    when(
      group !== undefined && family !== undefined && group.family !== family,
      "InvalidParameterCombination",
      `The parameter group ${text(inputs.dbClusterParameterGroupName) ?? ""} with DBParameterGroupFamily ${text(group?.family) ?? ""} can't be used for this cluster: ${family ?? ""} is needed`,
      API,
    ),
    when(
      text(inputs.databaseName) !== undefined && !/^[a-zA-Z][a-zA-Z0-9_]{0,63}$/.test(text(inputs.databaseName) ?? ""),
      "InvalidParameterValue",
      "databaseName must begin with a letter and have at most 64 letters, digits and underscores",
      API,
    ),
  );
}

function sourceRules(context: ValidateContext): Refusal {
  const { inputs, world, preview, id } = context;
  if (preview || id !== undefined) return undefined;
  const snapshot = text(inputs.snapshotIdentifier);
  const snapshotKey = text(
    world.find(SNAPSHOT, (one) => one.id === snapshot || one.properties.dbClusterSnapshotArn === snapshot)?.properties
      .kmsKeyId,
  );
  return refusals(
    when(
      snapshot !== undefined &&
        !world.find(SNAPSHOT, (one) => one.id === snapshot || one.properties.dbClusterSnapshotArn === snapshot),
      "DBClusterSnapshotNotFoundFault",
      `DBClusterSnapshot ${snapshot ?? ""} not found`,
      RESTORE,
    ),
    when(
      snapshotKey !== undefined && findKey(world, snapshotKey) === undefined,
      "KMSKeyNotAccessibleFault",
      `The snapshot ${snapshot ?? ""} is encrypted with ${snapshotKey ?? ""}, which is deleted or disabled`,
      RESTORE,
    ),
    pastRules(context),
  );
}

function serverlessRules(inputs: ValidateContext["inputs"]): Refusal {
  const { minCapacity, maxCapacity } = block(inputs.serverlessv2ScalingConfiguration);
  const [low, high] = [number(minCapacity), number(maxCapacity)];
  const source =
    "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html";
  return refusals(
    between("serverlessv2ScalingConfiguration.minCapacity", low, 0, 256, "InvalidParameterValue", source),
    between("serverlessv2ScalingConfiguration.maxCapacity", high, 1, 256, "InvalidParameterValue", source),
    when(
      (low ?? 0) > (high ?? 256) || ((low ?? 0) * 2) % 1 !== 0,
      "InvalidParameterValue",
      "serverless v2 capacity is in steps of 0.5 ACU, and the least isn't more than the most",
      source,
    ),
  );
}

/** Everything RDS refuses in a cluster's inputs. */
export function clusterRules(context: ValidateContext): string[] {
  const { inputs, world } = context;
  const group = world.get(SUBNET_GROUP, text(inputs.dbSubnetGroupName) ?? "")?.properties;
  const stranger = texts(inputs.vpcSecurityGroupIds).find((id) => {
    const securityGroup = world.get("aws:ec2/securityGroup:SecurityGroup", id);
    return securityGroup !== undefined && group !== undefined && securityGroup.properties.vpcId !== group.vpcId;
  });
  const window = text(inputs.preferredBackupWindow);
  const maintenance = text(inputs.preferredMaintenanceWindow);
  return refusals(
    named(inputs, identifierRule("clusterIdentifier"), "InvalidParameterValue", API),
    engineRules(context),
    credentialRules(inputs),
    sourceRules(context),
    serverlessRules(inputs),
    between("backupRetentionPeriod", inputs.backupRetentionPeriod, 1, 35, "InvalidParameterValue", API),
    between("port", inputs.port, 1150, 65_535, "InvalidParameterValue", API),
    ...texts(inputs.enabledCloudwatchLogsExports).map((log) =>
      oneOf(
        "enabledCloudwatchLogsExports",
        log,
        ["audit", "error", "general", "slowquery", "iam-db-auth-error", "instance", "postgresql"],
        "InvalidParameterCombination",
        API,
      ),
    ),
    keyExists(context, "kmsKeyId", inputs.kmsKeyId),
    keyExists(context, "masterUserSecretKmsKeyId", inputs.masterUserSecretKmsKeyId),
    oneOf("databaseInsightsMode", inputs.databaseInsightsMode, ["standard", "advanced"], "InvalidParameterValue", API),
    when(
      inputs.databaseInsightsMode === "advanced" &&
        (flag(inputs.performanceInsightsEnabled) !== true ||
          (number(inputs.performanceInsightsRetentionPeriod) ?? 7) < 465),
      "InvalidParameterCombination",
      "Database Insights in advanced mode needs Performance Insights of the cluster, with a retention of at least 465 days",
      INSIGHTS,
    ),
    when(
      isGiven(inputs.kmsKeyId) && flag(inputs.storageEncrypted) !== true && !isGiven(inputs.snapshotIdentifier),
      "InvalidParameterCombination",
      "kmsKeyId goes with storageEncrypted: true",
      API,
    ),
    roleFor(
      context,
      "monitoringRoleArn",
      inputs.monitoringRoleArn,
      "monitoring.rds.amazonaws.com",
      "InvalidParameterValue",
      API,
    ),
    when(
      stranger !== undefined,
      "InvalidVPCNetworkStateFault",
      `${stranger ?? ""} and the DB subnet group are in different VPCs`,
      API,
    ),
    when(
      window !== undefined && !/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/.test(window),
      "InvalidParameterValue",
      `preferredBackupWindow "${window ?? ""}" is hh24:mi-hh24:mi in UTC`,
      API,
    ),
    when(
      maintenance !== undefined &&
        !/^(mon|tue|wed|thu|fri|sat|sun):\d\d:\d\d-(mon|tue|wed|thu|fri|sat|sun):\d\d:\d\d$/i.test(maintenance),
      "InvalidParameterValue",
      `preferredMaintenanceWindow "${maintenance ?? ""}" is ddd:hh24:mi-ddd:hh24:mi in UTC`,
      WINDOWS,
    ),
    when(
      text(inputs.finalSnapshotIdentifier) !== undefined &&
        !/^[a-zA-Z](-?[a-zA-Z0-9])*$/.test(text(inputs.finalSnapshotIdentifier) ?? ""),
      "InvalidParameterValue",
      "finalSnapshotIdentifier must begin with a letter, without two hyphens together or one at the end",
      DELETE,
    ),
  );
}
