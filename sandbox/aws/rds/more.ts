import { arn, digest, dnsSuffix } from "../naming";
import { roleFor } from "../roles";
import type { ResourceRecord } from "../record";
import { named, oneOf, refusals, taken, when } from "../rules";
import { flag, number, text } from "../values";
import { identifierRule } from "./clusterRules";
import { actualVersion, engines } from "./engines";
import { CLUSTER, SNAPSHOT } from "./names";

const GLOBAL = "aws:rds/globalCluster:GlobalCluster";
const SNAPSHOTS = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterSnapshot.html";
const GLOBAL_API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateGlobalCluster.html";
const ROLES = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AddRoleToDBCluster.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/rds/${name}/`;

const snapshot: ResourceRecord = {
  type: SNAPSHOT,
  source: registry("clustersnapshot"),
  id: ({ inputs }) => text(inputs.dbClusterSnapshotIdentifier) ?? "",
  // A snapshot outlives its cluster.
  references: [{ path: "dbClusterIdentifier", to: CLUSTER, weak: true }],
  replaceOn: ["dbClusterIdentifier", "dbClusterSnapshotIdentifier"],
  errors: { notFound: "DBClusterSnapshotNotFoundFault" },
  outputs: (context) => {
    const source = context.world.get(CLUSTER, text(context.inputs.dbClusterIdentifier) ?? "")?.properties;
    return {
      dbClusterSnapshotArn: arn(context, "rds", `cluster-snapshot:${context.id}`),
      allocatedStorage: 1,
      availabilityZones: source?.availabilityZones ?? [],
      engine: text(source?.engine) ?? "",
      engineVersion: text(source?.engineVersionActual) ?? "",
      kmsKeyId: text(source?.kmsKeyId) ?? "",
      licenseModel: "",
      port: number(source?.port) ?? 3306,
      snapshotType: "manual",
      sourceDbClusterSnapshotArn: "",
      status: "available",
      storageEncrypted: flag(source?.storageEncrypted) ?? false,
      vpcId: "",
    };
  },
  validate: ({ inputs }) =>
    refusals(
      named(
        inputs,
        { property: "dbClusterSnapshotIdentifier", maxLength: 255, pattern: /^[a-zA-Z](-?[a-zA-Z0-9])*$/ },
        "InvalidParameterValue",
        SNAPSHOTS,
      ),
    ),
  conflicts: (context) =>
    refusals(taken(context, SNAPSHOT, "dbClusterSnapshotIdentifier", "DBClusterSnapshotAlreadyExistsFault", SNAPSHOTS)),
  seconds: { create: 120 },
};

const globalCluster: ResourceRecord = {
  type: GLOBAL,
  source: registry("globalcluster"),
  id: ({ inputs }) => text(inputs.globalClusterIdentifier) ?? "",
  defaults: { deletionProtection: false, forceDestroy: false },
  replaceOn: ["globalClusterIdentifier", "databaseName", "storageEncrypted", "sourceDbClusterIdentifier"],
  errors: { notFound: "GlobalClusterNotFoundFault" },
  outputs: (context) => ({
    arn: arn(context, "rds", `global-cluster:${context.id}`, ["region"]),
    globalClusterResourceId: `cluster-${digest(context.id, 16)}`,
    endpoint: `${context.id}.global-${digest(context.account, 12, "lower")}.global.rds.${dnsSuffix(context)}`,
    engineVersionActual:
      actualVersion(text(context.inputs.engine) ?? "aurora-mysql", text(context.inputs.engineVersion)) ?? "",
    globalClusterMembers: [],
  }),
  validate: ({ inputs }) =>
    refusals(
      named(inputs, identifierRule("globalClusterIdentifier"), "InvalidParameterValue", GLOBAL_API),
      oneOf("engine", inputs.engine, engines, "InvalidParameterValue", GLOBAL_API),
    ),
  conflicts: (context) =>
    refusals(
      taken(context, GLOBAL, "globalClusterIdentifier", "GlobalClusterAlreadyExistsFault", GLOBAL_API, "global"),
    ),
  blocksDeletion: ({ world, id, properties }) => {
    const member = world.find(CLUSTER, (one) => one.properties.globalClusterIdentifier === id);
    const [blocked] = refusals(
      when(
        flag(properties.deletionProtection) === true,
        "InvalidGlobalClusterStateFault",
        `${id} has deletion protection`,
        GLOBAL_API,
      ),
      when(
        member !== undefined,
        "InvalidGlobalClusterStateFault",
        `Global Cluster ${id} is not empty: remove ${member?.id ?? ""} first`,
        GLOBAL_API,
      ),
    );
    return blocked;
  },
  seconds: { create: 10 },
};

const roleAssociation: ResourceRecord = {
  type: "aws:rds/clusterRoleAssociation:ClusterRoleAssociation",
  source: registry("clusterroleassociation"),
  id: ({ inputs }) => `${text(inputs.dbClusterIdentifier) ?? ""},${text(inputs.roleArn) ?? ""}`,
  references: [{ path: "dbClusterIdentifier", to: CLUSTER, weak: true }],
  replaceOn: ["dbClusterIdentifier", "roleArn", "featureName"],
  validate: (context) =>
    refusals(roleFor(context, "roleArn", context.inputs.roleArn, "rds.amazonaws.com", "DBClusterRoleNotFound", ROLES)),
};

export const moreRecords: readonly ResourceRecord[] = [snapshot, globalCluster, roleAssociation];
