import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { asked, shared } from "@selfhosted/common";
import { rdsCertificates } from "./certificates";
import type { DatabaseConfig } from "./config";
import { keepCredentials, makePassword, managedPassword } from "./credentials";
import { makeInstances, performanceInsights } from "./instances";
import { makeLogGroups } from "./logGroups";
import { makeParameterGroup } from "./parameterGroup";
import { makeSecurityGroup, type DatabaseNetwork } from "./securityGroup";

/** What the vendor's migrations expect where nothing else is said: schema `pulumi`, MySQL's own port. */
const SCHEMA = "pulumi";
const USERNAME = "pulumi";
const PORT = 3306;

/** Aurora MySQL: a writer and readers over the isolated subnets; returns how to log in. */
export function makeDatabase(config: DatabaseConfig, key: aws.kms.Key) {
  const { names, tags, settings, caller } = config;
  const { vpcId, isolatedSubnetIds, workloadSecurityGroupId } = config.upstream.networking;
  const network: DatabaseNetwork = {
    vpcId: asked(vpcId, "the VPC"),
    isolatedSubnetIds: asked(isolatedSubnetIds, "the subnets"),
    workloadSecurityGroupId: asked(workloadSecurityGroupId, "the workload security group"),
  };
  // Everything is protected, not only what holds data: a destroy that is refused must leave all of it as it was.
  const { protect } = settings;
  // Fixed names: an `up` that was killed and run again ends in AlreadyExists, not in a second database.
  const clusterIdentifier = names.database("database");
  const managed = settings.manageDatabasePassword;
  const generated = managed ? undefined : makePassword(config);
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
      masterPassword: generated,
      manageMasterUserPassword: managed ? true : undefined,
      masterUserSecretKmsKeyId: managed ? key.arn : undefined,
      port: PORT,
      dbSubnetGroupName: subnetGroup.name,
      vpcSecurityGroupIds: [makeSecurityGroup(config, network, PORT).id],
      dbClusterParameterGroupName: makeParameterGroup(config).name,
      storageEncrypted: true,
      kmsKeyId: key.arn,
      deletionProtection: protect,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: pulumi.interpolate`${names.database("final")}-${finalSnapshot.hex}`,
      snapshotIdentifier: settings.restoreFromSnapshot,
      restoreToPointInTime: pointInTime(settings),
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: false,
      backupRetentionPeriod: settings.backupRetentionDays,
      preferredBackupWindow: settings.backupWindow,
      preferredMaintenanceWindow: settings.maintenanceWindow,
      applyImmediately: settings.applyImmediately,
      enabledCloudwatchLogsExports: logGroups.exports,
      databaseInsightsMode: settings.databaseInsights,
      // Here as on the instances: RDS refuses the advanced mode of a cluster otherwise.
      ...performanceInsights(settings, key),
      serverlessv2ScalingConfiguration:
        settings.instanceClass === "db.serverless"
          ? { minCapacity: settings.serverlessMinCapacity, maxCapacity: settings.serverlessMaxCapacity }
          : undefined,
      tags: { ...tags, ...shared.backupTag(names), Name: clusterIdentifier },
    },
    {
      protect,
      dependsOn: logGroups.resources,
      // Where it started from is read once; a later change must not replace a living database.
      ignoreChanges: ["snapshotIdentifier", "restoreToPointInTime"],
    },
  );
  const { secretArn, password } = generated ? { secretArn: "", password: generated } : managedPassword(cluster);
  const login = { host: cluster.endpoint, port: PORT, dbname: SCHEMA, username: USERNAME };
  const kept = keepCredentials(
    config,
    key,
    managed ? { ...login, passwordSecretArn: secretArn } : { ...login, password },
  );
  // After the login is kept, not for what they do: what is protected and goes first keeps a refused destroy from it.
  makeInstances(config, cluster, key, [kept]);
  return {
    databaseEndpoint: cluster.endpoint,
    databasePort: PORT,
    databaseName: SCHEMA,
    databaseUsername: USERNAME,
    databasePassword: password,
    databaseSecretArn: secretArn,
    databaseCaCertificate: settings.databaseCaCertificate ?? rdsCertificates(caller.region) ?? "",
  };
}

/** What a given database publishes: its login, and its authority where one was given too. */
export function adoptDatabase(
  { databaseCaCertificate = "" }: DatabaseConfig["settings"],
  database: NonNullable<DatabaseConfig["given"]["database"]>,
) {
  return { ...database, databaseSecretArn: "", databaseCaCertificate };
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
