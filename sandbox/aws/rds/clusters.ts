import { arn, digest } from "../naming";
import type { DeleteContext, ResourceRecord } from "../record";
import { refusals, taken, when } from "../rules";
import { flag, number, text, texts } from "../values";
import type { Properties } from "../../provider/types";
import { actualVersion, defaultPort, familyOf } from "./engines";
import { clusterRules, identifierRule } from "./clusterRules";
import { CLUSTER_PARAMETERS, SUBNET_GROUP } from "./groups";
import { managedSecretArn, settleManagedSecret } from "./managedSecret";
import { CLUSTER, domain, INSTANCE, SNAPSHOT } from "./names";
import { sourceOf } from "./pointInTime";
import { region as regionOf } from "../regions";

const API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html";
const DELETE = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html";

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
    const { inputs, id, world, previous } = context;
    const engine = text(inputs.engine) ?? "";
    // A restored point in time has its source's version: the call doesn't take another.
    const inherited = previous === undefined ? text(sourceOf(context)?.properties.engineVersionActual) : undefined;
    const version = inherited ?? actualVersion(engine, text(inputs.engineVersion)) ?? "";
    const snapshot = world.get(SNAPSHOT, text(inputs.snapshotIdentifier) ?? "")?.properties;
    return {
      arn: arn(context, "rds", `cluster:${id}`),
      // Another one each time that a cluster of this name is made.
      clusterResourceId: text(previous?.clusterResourceId) ?? `cluster-${digest(world.newHexId("rds"), 26, "upper")}`,
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
          ? [
              {
                secretArn: managedSecretArn(context),
                kmsKeyId: text(inputs.masterUserSecretKmsKeyId) ?? "",
                secretStatus: "active",
              },
            ]
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
  onCreate: (context) => {
    settleManagedSecret(context);
    return Promise.resolve(undefined);
  },
  onUpdate: (context) => {
    settleManagedSecret(context);
    return Promise.resolve(undefined);
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

export const clusterRecords: readonly ResourceRecord[] = [cluster];
