import type { OutputName } from "@selfhosted/common";
import type { IamConfig } from "./config";
import { clusterAutoscalerPolicy, karpenterPolicy } from "./policies/autoscaling";
import type { Document, Statement, TrustStatement } from "./policies/document";
import { loadBalancerControllerPolicy } from "./policies/loadBalancerController";
import {
  clusterKeyPolicy,
  flowLogsPolicy,
  logShipperPolicy,
  readSecretsPolicy,
  volumeKeyPolicy,
} from "./policies/operations";
import { scopeOf } from "./policies/scope";
import { statePolicy } from "./policies/state";
import { actingFor, podIdentityTrust, serviceTrust } from "./policies/trust";

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

/**
 * Every role of the installation by the output that publishes it. Plain data: nothing is made here. A role for a part
 * that an installation leaves out costs nothing and lets the part be switched on without touching IAM again.
 */
export function roleTable(config: IamConfig): Record<OutputName<"iam">, RoleSpec> {
  const { caller, names } = config;
  const { account } = caller;
  const scope = scopeOf(config);
  const pods = podIdentityTrust();
  const tasks = serviceTrust("ecs-tasks.amazonaws.com", actingFor(account, scope.arn("ecs", "*")));
  const nodeRoleArn =
    config.given.nodeRoleArn ?? scope.globalArn("iam", `role${config.settings.rolePath}${names.role("node")}`);
  return {
    clusterRoleArn: {
      name: "cluster",
      description: "EKS control plane",
      trust: serviceTrust("eks.amazonaws.com", actingFor(account)),
      managedPolicies: ["AmazonEKSClusterPolicy"],
      policies: { "cluster-key": clusterKeyPolicy(config) },
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
        ...(config.settings.nodeSessionManager ? ["AmazonSSMManagedInstanceCore"] : []),
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
      trust: pods,
      policies: { "load-balancers": loadBalancerControllerPolicy(config) },
    },
    vpcCniRoleArn: {
      name: "vpc-cni",
      description: "VPC CNI add-on",
      trust: pods,
      managedPolicies: ["AmazonEKS_CNI_Policy"],
    },
    ebsCsiRoleArn: {
      name: "ebs-csi",
      description: "EBS CSI driver",
      trust: pods,
      managedPolicies: ["service-role/AmazonEBSCSIDriverPolicy"],
      policies: { "volume-key": volumeKeyPolicy(config) },
    },
    clusterAutoscalerRoleArn: {
      name: "cluster-autoscaler",
      description: "cluster-autoscaler",
      trust: pods,
      policies: { "resize-groups": clusterAutoscalerPolicy(config) },
    },
    karpenterControllerRoleArn: {
      name: "karpenter",
      description: "Karpenter's controller",
      trust: pods,
      policies: { "launch-nodes": karpenterPolicy(config, nodeRoleArn) },
    },
    externalSecretsRoleArn: {
      name: "external-secrets",
      description: "External Secrets Operator",
      trust: pods,
      policies: { "read-secrets": readSecretsPolicy(config) },
    },
    logShipperRoleArn: {
      name: "log-shipper",
      description: "Log shipper",
      trust: pods,
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
      trust: pods,
      policies: { state: statePolicy(config) },
    },
    migrationsRoleArn: {
      name: "migrations",
      // The migrations talk to the database alone: a role without rights, so that they have no other by accident.
      description: "Migrations of the service",
      trust: pods,
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
      policies: { state: statePolicy(config) },
    },
  };
}
