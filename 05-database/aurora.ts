import * as aws from "@pulumi/aws";
import * as random from "@pulumi/random";
import { asked } from "@selfhosted/common";
import { keepCredentials, makePassword } from "./credentials";
import type { DatabaseConfig } from "./config";
import { makeLogGroups } from "./logGroups";
import { makeParameterGroup } from "./parameterGroup";
import { makeSecurityGroup, type DatabaseNetwork } from "./securityGroup";

/** What the vendor's migrations expect where nothing else is said: schema `pulumi`, MySQL's own port. */
const SCHEMA = "pulumi";
const USERNAME = "pulumi";
const PORT = 3306;

/** Aurora MySQL: a writer and readers over the isolated subnets; returns how to log in, and the ARN for backups. */
export function makeDatabase(config: DatabaseConfig, key: aws.kms.Key) {
  const { names, tags, settings } = config;
  const network: DatabaseNetwork = asked(config.upstream.networking, "the network");
  // Everything is protected, not only what holds data: a destroy that is refused must leave all of it as it was.
  const { protect } = settings;
  // Fixed names: an `up` that was killed and run again ends in AlreadyExists, not in a second database.
  const clusterIdentifier = names.database("database");
  const password = makePassword(config);
  const subnetGroup = new aws.rds.SubnetGroup(
    "main",
    {
      name: clusterIdentifier,
      description: "Isolated subnets of Pulumi's database",
      subnetIds: network.isolatedSubnetIds,
      tags: { ...tags, Name: clusterIdentifier },
    },
    { protect },
  );
  // A snapshot keeps its name after its cluster is gone, so the next cluster's last one needs another.
  const finalSnapshot = new random.RandomId("final-snapshot", { byteLength: 4 }, { protect });
  const logGroups = makeLogGroups(config, clusterIdentifier, key);
  const cluster = new aws.rds.Cluster(
    "main",
    {
      clusterIdentifier,
      engine: "aurora-mysql",
      engineVersion: settings.engineVersion,
      databaseName: SCHEMA,
      masterUsername: USERNAME,
      masterPassword: password,
      port: PORT,
      dbSubnetGroupName: subnetGroup.name,
      vpcSecurityGroupIds: [makeSecurityGroup(config, network, PORT).id],
      dbClusterParameterGroupName: makeParameterGroup(config).name,
      storageEncrypted: true,
      kmsKeyId: key.arn,
      deletionProtection: protect,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: finalSnapshot.hex.apply((hex) => `${names.database("final").slice(0, 54)}-${hex}`),
      snapshotIdentifier: settings.restoreFromSnapshot,
      restoreToPointInTime: pointInTime(settings),
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: false,
      backupRetentionPeriod: settings.backupRetentionDays,
      preferredBackupWindow: settings.backupWindow,
      preferredMaintenanceWindow: settings.maintenanceWindow,
      applyImmediately: settings.applyImmediately,
      enabledCloudwatchLogsExports: logGroups.exports,
      serverlessv2ScalingConfiguration:
        settings.instanceClass === "db.serverless"
          ? { minCapacity: settings.serverlessMinCapacity, maxCapacity: settings.serverlessMaxCapacity }
          : undefined,
      tags: { ...tags, Name: clusterIdentifier },
    },
    {
      protect,
      dependsOn: logGroups.resources,
      // Where it started from is read once; a later change must not replace a living database.
      ignoreChanges: ["snapshotIdentifier", "restoreToPointInTime"],
    },
  );
  makeInstances(config, cluster, key);
  keepCredentials(config, key, {
    host: cluster.endpoint,
    port: PORT,
    dbname: SCHEMA,
    username: USERNAME,
    password,
  });
  const login = {
    databaseEndpoint: cluster.endpoint,
    databasePort: PORT,
    databaseName: SCHEMA,
    databaseUsername: USERNAME,
    databasePassword: password,
  };
  return { login, clusterArn: cluster.arn };
}

/** The past of another cluster that a new one starts from, if that is asked for. */
function pointInTime({ restoreFromCluster, restoreToTime, restoreType }: DatabaseConfig["settings"]) {
  if (restoreFromCluster === undefined) return undefined;
  return {
    sourceClusterIdentifier: restoreFromCluster,
    restoreType,
    restoreToTime,
    useLatestRestorableTime: restoreToTime === undefined ? true : undefined,
  };
}

/** The writer and its readers. Aurora spreads them over the zones of the subnet group. */
function makeInstances(
  { names, tags, settings, upstream }: DatabaseConfig,
  cluster: aws.rds.Cluster,
  key: aws.kms.Key,
) {
  const { monitoringInterval, protect } = settings;
  const make = (component: string, promotionTier: number, after: aws.rds.ClusterInstance[]) => {
    const identifier = names.database(component);
    return new aws.rds.ClusterInstance(
      component,
      {
        identifier,
        clusterIdentifier: cluster.id,
        engine: "aurora-mysql",
        // No version here: an instance has its cluster's, and can't be upgraded by itself.
        instanceClass: settings.instanceClass,
        publiclyAccessible: false,
        promotionTier,
        autoMinorVersionUpgrade: settings.autoMinorVersionUpgrade,
        preferredMaintenanceWindow: settings.maintenanceWindow,
        applyImmediately: settings.applyImmediately,
        copyTagsToSnapshot: true,
        monitoringInterval,
        monitoringRoleArn: monitoringInterval > 0 ? upstream.iam.databaseMonitoringRoleArn : undefined,
        performanceInsightsEnabled: true,
        performanceInsightsKmsKeyId: key.arn,
        // Seven days cost nothing. Source: RDS user guide, Performance Insights pricing.
        performanceInsightsRetentionPeriod: 7,
        tags: { ...tags, Name: identifier },
      },
      { parent: cluster, protect, dependsOn: after },
    );
  };
  // The first instance that is ready becomes the writer.
  const writer = make("database-0", 0, []);
  for (let index = 1; index <= settings.readers; index++) make(`database-${index}`, 1, [writer]);
}
