import { shared, type BringableName } from "@selfhosted/common";
import type { IamConfig } from "./config";
import { autoModeTagsPolicy } from "./policies/autoMode";
import { clusterAutoscalerPolicy, karpenterPolicy } from "./policies/autoscaling";
import type { Document, Statement, TrustStatement } from "./policies/document";
import { externalDnsPolicy } from "./policies/externalDns";
import { loadBalancerControllerPolicy } from "./policies/loadBalancerController";
import {
  clusterKeyPolicy,
  flowLogsPolicy,
  logShipperPolicy,
  readSecretsPolicy,
  telemetryPolicy,
  volumeKeyPolicy,
} from "./policies/operations";
import { replicationPolicy } from "./policies/replication";
import { scopeOf } from "./policies/scope";
import { statePolicy } from "./policies/state";
import { shellPolicy, taskRunnerPolicy } from "./policies/taskRunner";
import { actingFor, controlPlaneTrust, podIdentityTrust, serviceTrust, webIdentityTrust } from "./policies/trust";
import { veleroPolicy } from "./policies/velero";

/** One role: who takes it on, and what it may do. */
export interface RoleSpec {
  /** Logical name, and component of the physical name. */
  readonly name: string;
  readonly description: string;
  readonly trust: Document<TrustStatement>;
  /** AWS's own policies, with their paths. */
  readonly managedPolicies?: readonly string[];
  /** Our policies, by name. Inline: they belong to one role and go with it. */
  readonly policies?: Readonly<Record<string, Document<Statement>>>;
}

/** An output that is a role. */
export type RoleName = Exclude<BringableName<"iam">, "podCredentials">;

/** Source: https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html */
const autoModePolicies = [
  "AmazonEKSBlockStoragePolicy",
  "AmazonEKSComputePolicy",
  "AmazonEKSLoadBalancingPolicy",
  "AmazonEKSNetworkingPolicy",
];

/**
 * Every role of the installation by the output that publishes it. Plain data: nothing is made here. A role for a part
 * that an installation leaves out costs nothing and lets the part be switched on without touching IAM again.
 */
export function roleTable(config: IamConfig): Record<RoleName, RoleSpec> {
  const { caller, names, settings } = config;
  const { account } = caller;
  const scope = scopeOf(config);
  const pods = (role: shared.PodRoleName) =>
    settings.oidcProviderArn === undefined
      ? podIdentityTrust()
      : webIdentityTrust(settings.oidcProviderArn, shared.podServiceAccounts[role]);
  const tasks = serviceTrust("ecs-tasks.amazonaws.com", actingFor(account, scope.arn("ecs", "*")));
  const ownArn = (role: string) => scope.globalArn("iam", `role${settings.rolePath}${names.role(role)}`);
  const nodeRoleArn = config.given.nodeRoleArn ?? ownArn("node");
  const oneShotRoleArns = [
    config.given.taskExecutionRoleArn ?? ownArn("task-execution"),
    config.given.migrationsTaskRoleArn ?? ownArn("migrations-task"),
  ];
  return {
    clusterRoleArn: {
      name: "cluster",
      description: "EKS control plane",
      trust: controlPlaneTrust(settings.autoMode, actingFor(account)),
      managedPolicies: ["AmazonEKSClusterPolicy", ...(settings.autoMode ? autoModePolicies : [])],
      policies: {
        "cluster-key": clusterKeyPolicy(config),
        ...(settings.autoMode && { "auto-mode-tags": autoModeTagsPolicy(config) }),
      },
    },
    nodeRoleArn: {
      name: "node",
      description: "EKS nodes",
      trust: serviceTrust(`ec2.${scope.dnsSuffix}`),
      // No CNI policy: the CNI's pods have a role of their own (03-cluster installs it before the first node). Pods
      // can't reach this role, for nodes answer metadata requests from one hop only.
      managedPolicies: [
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        ...(settings.autoMode ? ["AmazonEKSWorkerNodeMinimalPolicy"] : []),
        ...(settings.nodeSessionManager ? ["AmazonSSMManagedInstanceCore"] : []),
      ],
    },
    databaseMonitoringRoleArn: {
      name: "database-monitoring",
      description: "RDS enhanced monitoring",
      trust: serviceTrust("monitoring.rds.amazonaws.com", actingFor(account)),
      managedPolicies: ["service-role/AmazonRDSEnhancedMonitoringRole"],
    },
    flowLogsRoleArn: {
      name: "flow-logs",
      description: "VPC flow logs",
      trust: serviceTrust("vpc-flow-logs.amazonaws.com", actingFor(account, scope.arn("ec2", "vpc-flow-log/*"))),
      policies: { "write-logs": flowLogsPolicy(config) },
    },
    loadBalancerControllerRoleArn: {
      name: "load-balancer-controller",
      description: "AWS Load Balancer Controller",
      trust: pods("loadBalancerControllerRoleArn"),
      policies: { "load-balancers": loadBalancerControllerPolicy(config) },
    },
    vpcCniRoleArn: {
      name: "vpc-cni",
      description: "VPC CNI add-on",
      trust: pods("vpcCniRoleArn"),
      managedPolicies: ["AmazonEKS_CNI_Policy"],
    },
    ebsCsiRoleArn: {
      name: "ebs-csi",
      description: "EBS CSI driver",
      trust: pods("ebsCsiRoleArn"),
      // V2 acts on volumes and snapshots with the driver's tag alone, its predecessor on all of the account.
      managedPolicies: ["AmazonEBSCSIDriverPolicyV2"],
      policies: { "volume-key": volumeKeyPolicy(config) },
    },
    clusterAutoscalerRoleArn: {
      name: "cluster-autoscaler",
      description: "cluster-autoscaler",
      trust: pods("clusterAutoscalerRoleArn"),
      policies: { "resize-groups": clusterAutoscalerPolicy(config) },
    },
    karpenterControllerRoleArn: {
      name: "karpenter",
      description: "Karpenter's controller",
      trust: pods("karpenterControllerRoleArn"),
      policies: { "launch-nodes": karpenterPolicy(config, nodeRoleArn) },
    },
    externalSecretsRoleArn: {
      name: "external-secrets",
      description: "External Secrets Operator",
      trust: pods("externalSecretsRoleArn"),
      policies: { "read-secrets": readSecretsPolicy(config) },
    },
    logShipperRoleArn: {
      name: "log-shipper",
      description: "Log shipper",
      trust: pods("logShipperRoleArn"),
      policies: { "write-logs": logShipperPolicy(config) },
    },
    backupRoleArn: {
      name: "backup",
      description: "AWS Backup",
      trust: serviceTrust("backup.amazonaws.com", actingFor(account)),
      managedPolicies: [
        "service-role/AWSBackupServiceRolePolicyForBackup",
        "service-role/AWSBackupServiceRolePolicyForRestores",
        "AWSBackupServiceRolePolicyForS3Backup",
        "AWSBackupServiceRolePolicyForS3Restore",
      ],
    },
    apiRoleArn: {
      name: "api",
      description: "API of the service",
      trust: pods("apiRoleArn"),
      policies: { state: statePolicy(config) },
    },
    migrationsRoleArn: {
      name: "migrations",
      // The migrations talk to the database alone: a role without rights, so that they have no other by accident.
      description: "Migrations of the service",
      trust: pods("migrationsRoleArn"),
    },
    taskExecutionRoleArn: {
      name: "task-execution",
      description: "Fargate agent: images, logs, secrets",
      trust: tasks,
      managedPolicies: ["service-role/AmazonECSTaskExecutionRolePolicy"],
      policies: { "read-secrets": readSecretsPolicy(config) },
    },
    apiTaskRoleArn: {
      name: "api-task",
      description: "API of the service on Fargate",
      trust: tasks,
      policies: { state: statePolicy(config), ...(settings.taskExec && { shell: shellPolicy(config) }) },
    },
    migrationsTaskRoleArn: {
      name: "migrations-task",
      // Without rights, for the same reason as the migrations' pods.
      description: "Migrations of the service on Fargate",
      trust: tasks,
    },
    taskRunnerRoleArn: {
      name: shared.taskRunner,
      description: "Runs the service's one-shot tasks on Fargate",
      trust: serviceTrust("lambda.amazonaws.com"),
      policies: { "run-tasks": taskRunnerPolicy(config, oneShotRoleArns) },
    },
    externalDnsRoleArn: {
      name: "external-dns",
      description: "external-dns",
      trust: pods("externalDnsRoleArn"),
      policies: { "write-records": externalDnsPolicy(config) },
    },
    veleroRoleArn: {
      name: "velero",
      description: "Velero",
      trust: pods("veleroRoleArn"),
      policies: { "back-up": veleroPolicy(config) },
    },
    telemetryRoleArn: {
      name: "telemetry",
      description: "OpenTelemetry collector",
      trust: pods("telemetryRoleArn"),
      policies: { "write-telemetry": telemetryPolicy(config) },
    },
    replicationRoleArn: {
      name: "replication",
      description: "S3 replication of the state buckets",
      // S3 documents no condition for this trust.
      trust: serviceTrust("s3.amazonaws.com"),
      policies: { replicate: replicationPolicy(config) },
    },
  };
}
