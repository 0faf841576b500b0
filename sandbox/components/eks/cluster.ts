import * as aws from "@pulumi/aws";
import type * as eks from "@pulumi/eks";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ComponentRoot, type Component } from "../construct";
import { makeAccessEntries } from "./access";
import { makeAddon, makeVpcCni } from "./addons";
import { kubeconfigOf } from "./kubeconfig";
import { makeClusterSecurityGroup, makeNodeSecurityGroup } from "./securityGroups";

/** Options of `eks.Cluster` that the nine stacks don't use and the sandbox hasn't got. */
const UNSUPPORTED = [
  "creationRoleProvider",
  "fargate",
  "storageClasses",
  "createOidcProvider",
  "roleMappings",
  "userMappings",
] as const satisfies readonly (keyof eks.ClusterArgs)[];

/**
 * `eks.Cluster`: a control plane with what belongs to it. Logical names and parents are those of the real component.
 * Facts: github.com/pulumi/pulumi-eks, nodejs/eks/cluster/cluster.ts at v4.3
 */
export function makeCluster(name: string, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions): Component {
  const args = inputs as eks.ClusterArgs;
  refuseUnsupported(args);
  const component = new ComponentRoot("eks:index:Cluster", name, options);
  const parent = component;
  const subnetIds =
    args.subnetIds ??
    pulumi
      .all([args.publicSubnetIds ?? [], args.privateSubnetIds ?? []])
      .apply(([publicIds, privateIds]) => [...publicIds, ...privateIds]);

  const automatic = args.autoMode?.enabled ?? false;
  const ownGroups = !(args.skipDefaultSecurityGroups ?? automatic);
  const given = args.clusterSecurityGroup && pulumi.output(args.clusterSecurityGroup);
  const made = !given && ownGroups ? makeClusterSecurityGroup(name, args, parent) : undefined;
  const cluster = makeControlPlane(name, args, subnetIds, (given ?? made)?.id, parent);
  const clusterGroupId = (given ?? made)?.id ?? cluster.vpcConfig.clusterSecurityGroupId;
  const nodes = ownGroups ? makeNodeSecurityGroup(name, args, cluster, clusterGroupId, parent) : undefined;

  const kubeconfig = kubeconfigOf(cluster, args.providerCredentialOpts);
  const kubeconfigJson = pulumi.jsonStringify(kubeconfig);
  const provider = new kubernetes.Provider(
    `${name}-eks-k8s`,
    { kubeconfig: kubeconfigJson, enableConfigMapMutable: args.enableConfigMapMutable },
    { parent },
  );
  const accessEntries = makeAccessEntries(name, args, cluster, parent);
  const place = { cluster, parent, tags: args.tags };
  if (args.kubeProxyAddonOptions?.enabled ?? !automatic) {
    makeAddon(`${name}-kube-proxy`, "kube-proxy", args.kubeProxyAddonOptions, place);
  }
  const ownCni = args.useDefaultVpcCni === undefined ? !automatic : !args.useDefaultVpcCni;
  const vpcCni = ownCni
    ? makeVpcCni(`${name}-vpc-cni`, args.vpcCniOptions, { ...place, dependsOn: accessEntries })
    : undefined;
  // Without nodes of the cluster's own there is nowhere to run it, unless the program asks.
  if (args.corednsAddonOptions?.enabled ?? (automatic || !args.skipDefaultNodeGroup)) {
    makeAddon(`${name}-coredns`, "coredns", args.corednsAddonOptions, place);
  }

  const issuer = cluster.identities.apply((identities) => identities[0]?.oidcs[0]?.issuer ?? "");
  const instanceRoles = args.instanceRoles ?? (args.instanceRole ? [args.instanceRole] : []);
  const clusterSecurityGroup = given ?? made;
  const state = {
    eksCluster: cluster,
    kubeconfig,
    kubeconfigJson,
    instanceRoles,
    clusterSecurityGroup,
    clusterSecurityGroupId: clusterGroupId,
    nodeSecurityGroup: nodes?.nodeSecurityGroup,
    nodeSecurityGroupId: nodes?.nodeSecurityGroup.id ?? cluster.vpcConfig.clusterSecurityGroupId,
    eksClusterIngressRule: nodes?.clusterIngressRule,
    clusterIngressRuleId: nodes?.clusterIngressRule.securityGroupRuleId ?? "",
    defaultNodeGroupAsgName: "",
    fargateProfileId: "",
    fargateProfileStatus: "",
    oidcProviderArn: "",
    oidcProviderUrl: issuer,
    oidcIssuer: issuer.apply((url) => url.replace("https://", "")),
    autoModeNodeRoleName: "",
    core: {
      cluster,
      vpcId: args.vpcId,
      subnetIds,
      publicSubnetIds: args.publicSubnetIds,
      privateSubnetIds: args.privateSubnetIds,
      endpoint: cluster.endpoint,
      clusterSecurityGroup,
      provider,
      instanceRoles,
      nodeGroupOptions: {},
      kubeconfig,
      vpcCni,
      tags: args.tags,
      nodeSecurityGroupTags: args.nodeSecurityGroupTags,
      clusterIamRole: args.serviceRole,
    },
  };
  return { resource: component, state };
}

function makeControlPlane(
  name: string,
  args: eks.ClusterArgs,
  subnetIds: pulumi.Input<pulumi.Input<string>[]>,
  securityGroupId: pulumi.Input<string> | undefined,
  parent: pulumi.Resource,
): aws.eks.Cluster {
  const automatic = args.autoMode?.enabled ?? false;
  const ownNetwork = args.kubernetesServiceIpAddressRange !== undefined || args.ipFamily !== undefined || automatic;
  return new aws.eks.Cluster(
    `${name}-eksCluster`,
    {
      name: args.name,
      version: args.version,
      roleArn: roleArnOf(args.serviceRole),
      bootstrapSelfManagedAddons: automatic ? false : (args.bootstrapSelfManagedAddons ?? true),
      computeConfig: automatic
        ? pulumi
            .output(args.autoMode?.computeConfig)
            .apply((given) => ({ enabled: true, nodePools: ["general-purpose", "system"], ...given }))
        : undefined,
      storageConfig: automatic ? { blockStorage: { enabled: true } } : undefined,
      kubernetesNetworkConfig: ownNetwork
        ? {
            serviceIpv4Cidr: args.ipFamily === "ipv6" ? undefined : args.kubernetesServiceIpAddressRange,
            ipFamily: args.ipFamily ?? "ipv4",
            elasticLoadBalancing: automatic ? { enabled: true } : undefined,
          }
        : undefined,
      vpcConfig: {
        subnetIds,
        securityGroupIds: securityGroupId === undefined ? undefined : [securityGroupId],
        endpointPrivateAccess: args.endpointPrivateAccess,
        endpointPublicAccess: args.endpointPublicAccess,
        publicAccessCidrs: args.publicAccessCidrs,
      },
      accessConfig: args.authenticationMode && {
        authenticationMode: args.authenticationMode,
        // The component deploys into the cluster, so whoever makes it is let in.
        bootstrapClusterCreatorAdminPermissions: true,
      },
      encryptionConfig:
        args.encryptionConfigKeyArn === undefined
          ? undefined
          : { provider: { keyArn: args.encryptionConfigKeyArn }, resources: ["secrets"] },
      enabledClusterLogTypes: args.enabledClusterLogTypes,
      upgradePolicy: args.upgradePolicy,
      deletionProtection: args.deletionProtection,
      tags: pulumi
        .all([args.tags, args.clusterTags])
        .apply(([shared, more]) => ({ Name: `${name}-eksCluster`, ...more, ...shared })),
    },
    {
      parent,
      // Both count at creation only.
      ignoreChanges: ["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"],
    },
  );
}

/** Required by {@link refuseUnsupported}, so there is one. */
function roleArnOf(role: eks.ClusterArgs["serviceRole"]): pulumi.Output<string> {
  return pulumi.output(role).apply((given) => given?.arn ?? pulumi.output(""));
}

function refuseUnsupported(args: eks.ClusterArgs): void {
  if (args.instanceRole && args.instanceRoles) {
    throw new Error("instanceRole and instanceRoles are mutually exclusive, and cannot both be set.");
  }
  if (args.subnetIds && (args.publicSubnetIds ?? args.privateSubnetIds)) {
    throw new Error("subnetIds, and the use of publicSubnetIds and/or privateSubnetIds are mutually exclusive.");
  }
  if (args.endpointPublicAccess === false && args.publicAccessCidrs) {
    throw new Error("`publicAccessCidrs` can only be set when `endpointPublicAccess` is true");
  }
  const needs = [
    args.serviceRole ? undefined : "give it a serviceRole (01-iam makes one)",
    args.vpcId ? undefined : "give it a vpcId",
    args.skipDefaultNodeGroup || args.autoMode?.enabled
      ? undefined
      : "set skipDefaultNodeGroup and use eks.ManagedNodeGroup",
    args.autoMode?.enabled && args.autoMode.createNodeRole !== false
      ? "set autoMode.createNodeRole to false and computeConfig.nodeRoleArn"
      : undefined,
    ...UNSUPPORTED.map((option) => (args[option] ? `leave ${option} out` : undefined)),
  ].filter((need) => need !== undefined);
  if (needs.length > 0) {
    throw new Error(`the sandbox's eks.Cluster makes no IAM roles or nodes of its own: ${needs.join("; ")}`);
  }
}
