import { parseArn } from "../naming";

/**
 * AWS managed policies that an installation like this one may attach, with their paths.
 * Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 * One that is missing here but exists in AWS: add it.
 */
const names: ReadonlySet<string> = new Set([
  "AdministratorAccess",
  "AmazonDynamoDBFullAccess",
  "AmazonEC2ContainerRegistryFullAccess",
  "AmazonEC2ContainerRegistryPowerUser",
  "AmazonEC2ContainerRegistryPullOnly",
  "AmazonEC2ContainerRegistryReadOnly",
  "AmazonEC2FullAccess",
  "AmazonEC2ReadOnlyAccess",
  "AmazonECS_FullAccess",
  "AmazonEBSCSIDriverPolicyV2",
  "AmazonEKSBlockStoragePolicy",
  "AmazonEKSClusterPolicy",
  "AmazonEKSComputePolicy",
  "AmazonEKSFargatePodExecutionRolePolicy",
  "AmazonEKSLoadBalancingPolicy",
  "AmazonEKSNetworkingPolicy",
  "AmazonEKSServicePolicy",
  "AmazonEKSVPCResourceController",
  "AmazonEKSWorkerNodeMinimalPolicy",
  "AmazonEKSWorkerNodePolicy",
  "AmazonEKS_CNI_Policy",
  "AmazonElasticFileSystemFullAccess",
  "AmazonOpenSearchServiceCognitoAccess",
  "AmazonOpenSearchServiceFullAccess",
  "AmazonOpenSearchServiceReadOnlyAccess",
  "AmazonRDSDataFullAccess",
  "AmazonRDSFullAccess",
  "AmazonRDSReadOnlyAccess",
  "AmazonRoute53FullAccess",
  "AmazonS3FullAccess",
  "AmazonS3ReadOnlyAccess",
  "AmazonSQSFullAccess",
  "AmazonSSMManagedInstanceCore",
  "AmazonSSMPatchAssociation",
  "AmazonVPCFullAccess",
  "AWSBackupFullAccess",
  "AWSBackupServiceRolePolicyForS3Backup",
  "AWSBackupServiceRolePolicyForS3Restore",
  "AWSKeyManagementServicePowerUser",
  "AWSXRayDaemonWriteAccess",
  "CloudWatchAgentServerPolicy",
  "CloudWatchLogsFullAccess",
  "ElasticLoadBalancingFullAccess",
  "IAMFullAccess",
  "IAMReadOnlyAccess",
  "PowerUserAccess",
  "ReadOnlyAccess",
  "SecretsManagerReadWrite",
  "SecurityAudit",
  "job-function/ViewOnlyAccess",
  "service-role/AWSBackupServiceRolePolicyForBackup",
  "service-role/AWSBackupServiceRolePolicyForRestores",
  "service-role/AWSLambdaBasicExecutionRole",
  "service-role/AWSLambdaVPCAccessExecutionRole",
  "service-role/AWS_ConfigRole",
  "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
  "service-role/AmazonEBSCSIDriverPolicy",
  "service-role/AmazonEC2ContainerServiceforEC2Role",
  "service-role/AmazonECSTaskExecutionRolePolicy",
  "service-role/AmazonEFSCSIDriverPolicy",
  "service-role/AmazonRDSDirectoryServiceAccess",
  "service-role/AmazonRDSEnhancedMonitoringRole",
  "service-role/AmazonS3FilesCSIDriverPolicy",
]);

/** Whether an ARN names an AWS managed policy in this partition: `arn:aws:iam::aws:policy/ReadOnlyAccess`. */
export function isAwsManagedPolicy(policyArn: string, partition: string): boolean {
  const parsed = parseArn(policyArn);
  return (
    parsed?.service === "iam" &&
    parsed.partition === partition &&
    parsed.account === "aws" &&
    parsed.resource.startsWith("policy/") &&
    names.has(parsed.resource.slice("policy/".length))
  );
}
