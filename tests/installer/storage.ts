import { of, type Grant, type Grants } from "./grant";

const s3 = (...names: readonly string[]): Grant => ({ actions: of("s3", ...names) });
const rdsTags = ["AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource"];
const backupTags = ["ListTags", "TagResource", "UntagResource"];

/** What every read of a bucket asks, whatever of it a program sets. */
const bucketReads = [
  ...[
    "GetAccelerateConfiguration",
    "GetBucketAcl",
    "GetBucketCORS",
    "GetBucketLogging",
    "GetBucketObjectLockConfiguration",
  ],
  ...["GetBucketPolicy", "GetBucketRequestPayment", "GetBucketTagging", "GetBucketVersioning", "GetBucketWebsite"],
  ...["GetEncryptionConfiguration", "GetLifecycleConfiguration", "GetReplicationConfiguration", "ListBucket"],
  ...["ListTagsForResource", "TagResource", "UntagResource"],
];

/** Buckets, keys, secrets, tables, databases, search, backups and logs. */
export const storage: Grants = {
  "aws:s3/bucket:Bucket": s3("CreateBucket", "DeleteBucket", "PutBucketTagging", ...bucketReads),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": s3(
    ...["GetLifecycleConfiguration", "PutLifecycleConfiguration"],
  ),
  "aws:s3/bucketLogging:BucketLogging": s3("GetBucketLogging", "PutBucketLogging"),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": s3(
    "GetBucketOwnershipControls",
    "PutBucketOwnershipControls",
  ),
  "aws:s3/bucketPolicy:BucketPolicy": s3("DeleteBucketPolicy", "GetBucketPolicy", "PutBucketPolicy"),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": s3(
    "GetBucketPublicAccessBlock",
    "PutBucketPublicAccessBlock",
  ),
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": {
    ...s3("GetReplicationConfiguration", "PutReplicationConfiguration"),
    passesRolesTo: ["s3.amazonaws.com"],
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": s3(
    ...["GetEncryptionConfiguration", "PutEncryptionConfiguration"],
  ),
  "aws:s3/bucketVersioning:BucketVersioning": s3("GetBucketVersioning", "PutBucketVersioning"),
  "aws:s3/getBucket:getBucket": s3("GetBucketLocation", "ListBucket"),
  "aws:kms/key:Key": {
    actions: of(
      "kms",
      ...[
        "CreateKey",
        "DescribeKey",
        "EnableKeyRotation",
        "DisableKeyRotation",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
      ],
      ...[
        "ListResourceTags",
        "PutKeyPolicy",
        "ScheduleKeyDeletion",
        "TagResource",
        "UntagResource",
        "UpdateKeyDescription",
      ],
    ),
  },
  "aws:kms/replicaKey:ReplicaKey": {
    actions: of("kms", "ReplicateKey", "DescribeKey", "GetKeyPolicy", "PutKeyPolicy", "ScheduleKeyDeletion"),
    // Source: KMS developer guide, "Controlling access to multi-Region keys".
    linkedRolesOf: ["mrk.kms.amazonaws.com"],
  },
  "aws:kms/alias:Alias": { actions: of("kms", "CreateAlias", "DeleteAlias", "ListAliases", "UpdateAlias") },
  "aws:kms/getKey:getKey": { actions: of("kms", "DescribeKey") },
  "aws:secretsmanager/secret:Secret": {
    actions: of(
      "secretsmanager",
      ...["CreateSecret", "DeleteSecret", "DescribeSecret", "GetResourcePolicy", "TagResource", "UntagResource"],
      "UpdateSecret",
    ),
    keysThroughServices: ["kms:Decrypt", "kms:GenerateDataKey"],
  },
  "aws:secretsmanager/secretVersion:SecretVersion": {
    actions: of("secretsmanager", "DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"),
    keysThroughServices: ["kms:Decrypt", "kms:GenerateDataKey"],
  },
  "aws:secretsmanager/getSecretVersion:getSecretVersion": {
    actions: of("secretsmanager", "GetSecretValue"),
    keysThroughServices: ["kms:Decrypt"],
  },
  "aws:dynamodb/table:Table": {
    actions: of(
      "dynamodb",
      ...["CreateTable", "DeleteTable", "DescribeContinuousBackups", "DescribeTable", "DescribeTimeToLive"],
      ...[
        "ListTagsOfResource",
        "TagResource",
        "UntagResource",
        "UpdateContinuousBackups",
        "UpdateTable",
        "UpdateTimeToLive",
      ],
    ),
    keysThroughServices: ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey"],
  },
  "aws:dynamodb/getTable:getTable": {
    actions: of("dynamodb", "DescribeContinuousBackups", "DescribeTable", "DescribeTimeToLive", "ListTagsOfResource"),
  },
  "aws:rds/cluster:Cluster": {
    actions: [
      ...of(
        "rds",
        "CreateDBCluster",
        "DeleteDBCluster",
        "DescribeDBClusters",
        "DescribeGlobalClusters",
        "ModifyDBCluster",
      ),
      ...of("rds", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime", ...rdsTags),
      ...of("kms", "DescribeKey"),
    ],
    keysThroughServices: ["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"],
    linkedRolesOf: ["rds.amazonaws.com"],
  },
  "aws:rds/getCluster:getCluster": { actions: of("rds", "DescribeDBClusters", "ListTagsForResource") },
  "aws:rds/getClusterSnapshot:getClusterSnapshot": {
    actions: of("rds", "DescribeDBClusterSnapshots", "ListTagsForResource"),
  },
  "aws:rds/getInstance:getInstance": { actions: of("rds", "DescribeDBInstances", "ListTagsForResource") },
  "aws:rds/clusterInstance:ClusterInstance": {
    actions: of(
      "rds",
      ...["CreateDBInstance", "DeleteDBInstance", "DescribeDBClusters", "DescribeDBInstances", "ModifyDBInstance"],
      ...["RebootDBInstance", ...rdsTags],
    ),
    keysThroughServices: ["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"],
    passesRolesTo: ["monitoring.rds.amazonaws.com"],
  },
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": {
    actions: of(
      "rds",
      ...["CreateDBClusterParameterGroup", "DeleteDBClusterParameterGroup", "DescribeDBClusterParameterGroups"],
      ...["DescribeDBClusterParameters", "ModifyDBClusterParameterGroup", "ResetDBClusterParameterGroup", ...rdsTags],
    ),
  },
  "aws:rds/subnetGroup:SubnetGroup": {
    actions: of(
      "rds",
      ...["CreateDBSubnetGroup", "DeleteDBSubnetGroup", "DescribeDBSubnetGroups", "ModifyDBSubnetGroup", ...rdsTags],
    ),
  },
  "aws:backup/vault:Vault": {
    actions: [
      ...of("backup", "CreateBackupVault", "DeleteBackupVault", "DescribeBackupVault", ...backupTags),
      ...of("backup-storage", "MountCapsule"),
      ...of("kms", "DescribeKey"),
    ],
    keysThroughServices: ["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey", "kms:RetireGrant"],
  },
  "aws:backup/plan:Plan": {
    actions: of("backup", "CreateBackupPlan", "DeleteBackupPlan", "GetBackupPlan", "UpdateBackupPlan", ...backupTags),
  },
  "aws:backup/selection:Selection": {
    actions: of("backup", "CreateBackupSelection", "DeleteBackupSelection", "GetBackupSelection"),
    passesRolesTo: ["backup.amazonaws.com"],
    linkedRolesOf: ["backup.amazonaws.com"],
  },
  "aws:opensearch/domain:Domain": {
    actions: [
      ...of("es", "AddTags", "CreateDomain", "DeleteDomain", "DescribeDomain", "DescribeDomainChangeProgress"),
      ...of("es", "DescribeDomainConfig", "GetCompatibleVersions", "ListTags", "RemoveTags", "UpdateDomainConfig"),
      ...of("es", "UpgradeDomain"),
      // The domain is placed into the VPC in the caller's name.
      ...of("ec2", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"),
      ...of("kms", "DescribeKey"),
    ],
    keysThroughServices: ["kms:CreateGrant"],
    linkedRolesOf: ["opensearchservice.amazonaws.com"],
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    actions: of(
      "logs",
      ...["AssociateKmsKey", "CreateLogGroup", "DeleteLogGroup", "DescribeLogGroups", "DisassociateKmsKey"],
      ...["ListTagsForResource", "PutRetentionPolicy", "DeleteRetentionPolicy", "TagResource", "UntagResource"],
    ),
  },
  "aws:cloudwatch/getLogGroup:getLogGroup": { actions: of("logs", "DescribeLogGroups", "ListTagsForResource") },
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {
    actions: of("logs", "DeleteResourcePolicy", "DescribeResourcePolicies", "PutResourcePolicy"),
  },
};
