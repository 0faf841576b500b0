import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
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
    { name: `/aws/eks/${name}/cluster`, retentionInDays: settings.logRetentionDays, tags },
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
