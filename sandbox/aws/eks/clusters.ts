import { zonesOf } from "../ec2/subnets";
import { callerArn } from "../invokes/identity";
import { keyExists } from "../kms";
import { arn, digest, dnsSuffix } from "../naming";
import { roleFor } from "../roles";
import type { CreateContext, ResourceRecord } from "../record";
import { named, oneOf, refusals, taken, when, type NameRule } from "../rules";
import { block, flag, isGiven, text, texts } from "../values";
import { ACCESS_ENTRY, CLUSTER, autoModeRules, networkRules, serviceCidr, versionRules, vpcOf } from "./clusterRules";
import { kubernetes } from "./kubernetes";
import { DEFAULT_VERSION } from "./versions";
import type { WorldObject } from "../../world";

const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";
const API = "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html";
const DELETE = "https://docs.aws.amazon.com/eks/latest/userguide/delete-cluster.html";

const clusterName: NameRule = { property: "name", maxLength: 100, pattern: /^[0-9A-Za-z][A-Za-z0-9_-]*$/ };
const logTypes = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
/** EKS's own security group, which nodes and control plane share. */
function clusterSecurityGroupId(name: string, region: string): string {
  return `sg-0${digest(`eks/${region}/${name}`, 16)}`;
}

/**
 * The entry by which whoever makes a cluster administers it.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
 */
function creatorsEntry({ id, region, name, partition, account }: CreateContext & { readonly id: string }): WorldObject {
  const principalArn = callerArn(partition, account);
  return {
    type: ACCESS_ENTRY,
    id: `${id}:${principalArn}`,
    region,
    name,
    createdAt: new Date().toISOString(),
    properties: { clusterName: id, principalArn, type: "STANDARD" },
  };
}

const cluster: ResourceRecord = {
  type: CLUSTER,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/eks/cluster/",
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { ...clusterName },
  defaults: { version: DEFAULT_VERSION, bootstrapSelfManagedAddons: true, deletionProtection: false },
  references: [
    { path: "vpcConfig.subnetIds[]", to: "aws:ec2/subnet:Subnet" },
    { path: "vpcConfig.securityGroupIds[]", to: SECURITY_GROUP },
  ],
  replaceOn: ["name", "roleArn", "bootstrapSelfManagedAddons"],
  updatable: ["vpcConfig", "kubernetesNetworkConfig", "accessConfig", "encryptionConfig", "version"],
  errors: { notFound: "ResourceNotFoundException", inUse: "ResourceInUseException" },
  outputs: (context) => {
    const { inputs, id, region, previous } = context;
    const issuer = `https://oidc.eks.${region}.${dnsSuffix(context)}/id/${digest(`oidc/${region}/${id}`, 32).toUpperCase()}`;
    const given = block(inputs.vpcConfig);
    return {
      arn: arn(context, "eks", `cluster/${id}`),
      clusterId: "",
      createdAt: previous?.createdAt ?? new Date().toISOString(),
      identities: [{ oidcs: [{ issuer }] }],
      platformVersion: "eks.1",
      status: "ACTIVE",
      upgradePolicy: { supportType: text(block(inputs.upgradePolicy).supportType) ?? "EXTENDED" },
      accessConfig: {
        authenticationMode: "CONFIG_MAP",
        bootstrapClusterCreatorAdminPermissions: true,
        ...block(inputs.accessConfig),
      },
      kubernetesNetworkConfig: {
        ipFamily: "ipv4",
        ...block(inputs.kubernetesNetworkConfig),
        serviceIpv4Cidr: serviceCidr(context),
      },
      vpcConfig: {
        endpointPublicAccess: true,
        endpointPrivateAccess: false,
        publicAccessCidrs: ["0.0.0.0/0"],
        ...given,
        clusterSecurityGroupId: clusterSecurityGroupId(id, region),
        vpcId: vpcOf(context) ?? "",
      },
    };
  },
  validate: (context) => {
    const { inputs } = context;
    const encryption = block(inputs.encryptionConfig);
    const access = block(inputs.accessConfig);
    return refusals(
      named(inputs, clusterName, "InvalidParameterException", API),
      roleFor(
        context,
        "roleArn",
        inputs.roleArn,
        "eks.amazonaws.com",
        "InvalidParameterException",
        "https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html",
      ),
      networkRules(context),
      versionRules(context),
      autoModeRules(context),
      ...texts(inputs.enabledClusterLogTypes).map((type) =>
        oneOf("enabledClusterLogTypes", type, logTypes, "InvalidParameterException", API),
      ),
      oneOf(
        "accessConfig.authenticationMode",
        access.authenticationMode,
        ["CONFIG_MAP", "API", "API_AND_CONFIG_MAP"],
        "InvalidParameterException",
        API,
      ),
      oneOf(
        "upgradePolicy.supportType",
        block(inputs.upgradePolicy).supportType,
        ["STANDARD", "EXTENDED"],
        "InvalidParameterException",
        API,
      ),
      keyExists(context, "encryptionConfig.provider.keyArn", block(encryption.provider).keyArn),
      when(
        isGiven(inputs.encryptionConfig) && texts(encryption.resources).some((resource) => resource !== "secrets"),
        "InvalidParameterException",
        'encryptionConfig.resources can only be ["secrets"]',
        API,
      ),
    );
  },
  conflicts: (context) => {
    const { world, inputs, id } = context;
    const before = id === undefined ? undefined : world.get(CLUSTER, id)?.properties;
    return refusals(
      taken(context, CLUSTER, "name", "ResourceInUseException", API),
      when(
        isGiven(before?.encryptionConfig) && !isGiven(inputs.encryptionConfig),
        "InvalidParameterException",
        "envelope encryption can't be turned off once it is on",
        "https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html",
      ),
    );
  },
  blocksDeletion: ({ properties, id }) =>
    when(
      flag(properties.deletionProtection) === true,
      "InvalidRequestException",
      `cluster ${id} has deletion protection: set deletionProtection to false and run \`pulumi up\` first`,
      DELETE,
    ),
  onCreate: async (context) => {
    const { world, inputs, id, region, name } = context;
    const groupId = clusterSecurityGroupId(id, region);
    world.put({
      type: SECURITY_GROUP,
      id: groupId,
      region,
      name,
      createdAt: new Date().toISOString(),
      ownedBy: arn(context, "eks", `cluster/${id}`),
      properties: {
        arn: arn(context, "ec2", `security-group/${groupId}`),
        name: `eks-cluster-sg-${id}-${digest(groupId, 9, "digits")}`,
        description: "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes",
        vpcId: vpcOf(context) ?? "",
        ownerId: context.account,
        tags: { [`kubernetes.io/cluster/${id}`]: "owned", "aws:eks:cluster-name": id },
      },
    });
    if (flag(block(inputs.accessConfig).bootstrapClusterCreatorAdminPermissions) ?? true) {
      world.put(creatorsEntry(context));
    }
    const version = text(inputs.version) ?? DEFAULT_VERSION;
    const { endpoint, certificateAuthorityData } = await kubernetes()
      .startCluster({
        name: id,
        version,
        serviceCidr: serviceCidr(context),
        ...(flag(block(inputs.computeConfig).enabled) && {
          autoModeZones: [...zonesOf(world, texts(block(inputs.vpcConfig).subnetIds))],
        }),
      })
      .catch((error: unknown) => {
        world.remove(SECURITY_GROUP, groupId);
        world.remove(ACCESS_ENTRY, `${id}:${callerArn(context.partition, context.account)}`);
        throw error;
      });
    return { endpoint, certificateAuthority: { data: certificateAuthorityData } };
  },
  onUpdate: async ({ id, inputs, previous }) => {
    const version = text(inputs.version);
    if (version !== undefined && version !== previous.version) await kubernetes().setVersion(id, version);
    return undefined;
  },
  onDelete: async ({ world, id, region }) => {
    await kubernetes().stopCluster(id);
    world.remove(SECURITY_GROUP, clusterSecurityGroupId(id, region));
    // EKS drops these with the cluster.
    for (const type of [
      ...["accessEntry:AccessEntry", "accessPolicyAssociation:AccessPolicyAssociation", "addon:Addon"],
      "podIdentityAssociation:PodIdentityAssociation",
    ]) {
      for (const object of world.list(`aws:eks/${type}`)) {
        if (object.properties.clusterName === id) world.remove(object.type, object.id);
      }
    }
  },
  seconds: { create: 585, delete: 204 },
};

export const clusterRecords: readonly ResourceRecord[] = [cluster];
