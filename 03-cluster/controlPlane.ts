import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Problems } from "@selfhosted/common";
import { clusterName, type ClusterConfig } from "./config";

type Iam = NonNullable<ClusterConfig["upstream"]["iam"]>;
type Network = NonNullable<ClusterConfig["upstream"]["networking"]>;

const logTypes = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/**
 * The EKS control plane alone: EKS's own cluster security group joins control plane and nodes, everything else is made by
 * name in this folder.
 */
export function makeControlPlane(
  config: ClusterConfig,
  iam: Iam,
  network: Network,
  keyArn: pulumi.Input<string>,
): aws.eks.Cluster {
  const { settings, tags } = config;
  const { protect, autoMode } = settings;
  const name = clusterName(config);
  // EKS writes to this very name, and would make the group itself, to be kept for ever and left behind.
  const logGroup = new aws.cloudwatch.LogGroup(
    "control-plane",
    { name: logGroupName(config), retentionInDays: settings.logRetentionDays, tags },
    { protect },
  );
  const isPublic = settings.publicAccessCidrs.length > 0;
  return new aws.eks.Cluster(
    "main",
    {
      name,
      version: settings.kubernetesVersion,
      upgradePolicy: { supportType: settings.upgradePolicy },
      roleArn: iam.clusterRoleArn,
      vpcConfig: {
        subnetIds: network.privateSubnetIds,
        endpointPrivateAccess: true,
        endpointPublicAccess: isPublic,
        publicAccessCidrs: isPublic ? settings.publicAccessCidrs : undefined,
      },
      accessConfig: {
        authenticationMode: "API",
        bootstrapClusterCreatorAdminPermissions: settings.creatorAdmin,
      },
      encryptionConfig: { provider: { keyArn }, resources: ["secrets"] },
      enabledClusterLogTypes: logTypes,
      // Auto Mode is these three together. Said in either case, so that it can be switched off again. Its own node pools
      // stay off: their nodes don't carry the workload security group, so the database would not know them.
      computeConfig: { enabled: autoMode },
      storageConfig: { blockStorage: { enabled: autoMode } },
      kubernetesNetworkConfig: {
        serviceIpv4Cidr: settings.serviceCidr,
        elasticLoadBalancing: { enabled: autoMode },
      },
      bootstrapSelfManagedAddons: false,
      deletionProtection: protect,
      tags: { ...tags, Name: name },
    },
    {
      dependsOn: [logGroup],
      protect,
      // EKS looks at it when it makes the cluster and never again; a later change would replace a living cluster.
      ignoreChanges: ["accessConfig.bootstrapClusterCreatorAdminPermissions"],
    },
  );
}

/** EKS writes a cluster's logs to the group of this name and no other. */
function logGroupName(config: ClusterConfig): string {
  return `/aws/eks/${clusterName(config)}/cluster`;
}

/**
 * Ranges from which the API is reached within the VPC or what is joined to it. EKS's own security group, which the
 * control plane's interfaces carry, admits those that carry it themselves: the nodes, and nobody's VPN or runner.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
 */
export function admitRanges({ settings, tags }: ClusterConfig, cluster: aws.eks.Cluster): void {
  for (const cidrIpv4 of settings.privateAccessCidrs) {
    new aws.vpc.SecurityGroupIngressRule(
      `api-from-${cidrIpv4.replace("/", "-")}`,
      {
        securityGroupId: cluster.vpcConfig.clusterSecurityGroupId,
        description: "Kubernetes API",
        cidrIpv4,
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        tags,
      },
      { protect: settings.protect },
    );
  }
}

/**
 * EKS may write its last logs after the cluster and its log group were deleted, and then makes the group again, to be kept
 * for ever: the next cluster of this name would fail for it. One that carries our tags is our own.
 * Source: https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763
 */
export async function checkLogGroup(config: ClusterConfig, problems: Problems): Promise<void> {
  if (!config.isNew) return;
  const name = logGroupName(config);
  const found = await aws.cloudwatch.getLogGroup({ name }).catch(() => undefined);
  if (found === undefined || Object.keys(config.tags).some((tag) => tag in found.tags)) return;
  problems.add(
    `the log group ${name} is there already: EKS wrote its last logs after an earlier cluster of this name was deleted; ` +
      `run \`aws logs delete-log-group --log-group-name ${name}\``,
  );
}
