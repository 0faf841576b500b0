import * as aws from "@pulumi/aws";
import * as eks from "@pulumi/eks";
import type * as pulumi from "@pulumi/pulumi";
import { accessEntries } from "./access";
import type { ClusterConfig } from "./config";

type Iam = NonNullable<ClusterConfig["upstream"]["iam"]>;
type Network = NonNullable<ClusterConfig["upstream"]["networking"]>;

const logTypes = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/**
 * The EKS control plane. It makes no nodes, add-ons, roles or security groups by itself: EKS's own cluster security
 * group joins control plane and nodes, everything else is made by name in this folder.
 */
export function makeControlPlane(
  config: ClusterConfig,
  iam: Iam,
  network: Network,
  keyArn: pulumi.Input<string>,
): eks.Cluster {
  const { settings, names, tags } = config;
  const name = names.cluster();
  // EKS writes to this very name, and would make the group itself, to be kept for ever and left behind.
  const logGroup = new aws.cloudwatch.LogGroup(
    "control-plane",
    {
      name: `/aws/eks/${name}/cluster`,
      retentionInDays: settings.logRetentionDays,
      tags,
    },
    { protect: settings.protect },
  );
  const isPublic = settings.publicAccessCidrs.length > 0;
  return new eks.Cluster(
    "main",
    {
      name,
      version: settings.kubernetesVersion,
      upgradePolicy: { supportType: settings.upgradePolicy },
      serviceRole: aws.iam.Role.get("cluster", roleName(iam.clusterRoleArn)),
      vpcId: network.vpcId,
      privateSubnetIds: network.privateSubnetIds,
      endpointPrivateAccess: true,
      endpointPublicAccess: isPublic,
      publicAccessCidrs: isPublic ? settings.publicAccessCidrs : undefined,
      kubernetesServiceIpAddressRange: settings.serviceCidr,
      authenticationMode: "API",
      accessEntries: accessEntries(config),
      encryptionConfigKeyArn: keyArn,
      enabledClusterLogTypes: logTypes,
      deletionProtection: settings.protect,
      skipDefaultNodeGroup: true,
      skipDefaultSecurityGroups: true,
      createInstanceRole: false,
      createOidcProvider: false,
      bootstrapSelfManagedAddons: false,
      useDefaultVpcCni: true,
      kubeProxyAddonOptions: { enabled: false },
      corednsAddonOptions: { enabled: false },
      tags,
      clusterTags: { Name: name },
    },
    { dependsOn: [logGroup], protect: settings.protect },
  );
}

/** IAM takes names, without the path that an ARN has. */
function roleName(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
