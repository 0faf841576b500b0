import { subnetsOf } from "../ec2/subnets";
import { arn, uuid } from "../naming";
import { roleFor } from "../roles";
import type { ResourceRecord } from "../record";
import { named, oneOf, refusals, when, type NameRule } from "../rules";
import { block, blocks, isGiven, number, text, texts } from "../values";
import { CLUSTER } from "./clusterRules";
import { kubernetes } from "./kubernetes";
import { effects, machineRules, nodesOf, scalingRules, templateNames } from "./machines";
import { DEFAULT_VERSION, minor } from "./versions";

export const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const API = "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html";
const ROLE = "https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html";
const SKEW = "https://kubernetes.io/releases/version-skew-policy/";

const groupName: NameRule = { property: "nodeGroupName", maxLength: 63, pattern: /^[0-9A-Za-z][A-Za-z0-9_-]*$/ };
const nodeGroup: ResourceRecord = {
  type: NODE_GROUP,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/eks/nodegroup/",
  id: ({ inputs }) => `${text(inputs.clusterName) ?? ""}:${text(inputs.nodeGroupName) ?? ""}`,
  autoname: { ...groupName },
  defaults: { capacityType: "ON_DEMAND", amiType: "AL2023_x86_64_STANDARD" },
  references: [
    { path: "clusterName", to: CLUSTER },
    { path: "subnetIds[]", to: "aws:ec2/subnet:Subnet" },
    { path: "remoteAccess.sourceSecurityGroupIds[]", to: "aws:ec2/securityGroup:SecurityGroup" },
    { path: "launchTemplate.id", to: "aws:ec2/launchTemplate:LaunchTemplate", weak: true },
  ],
  replaceOn: [
    "clusterName",
    "nodeRoleArn",
    "subnetIds",
    "instanceTypes",
    "amiType",
    "capacityType",
    "diskSize",
    "remoteAccess",
  ],
  errors: { notFound: "ResourceNotFoundException" },
  outputs: (context) => {
    const { inputs, id, world } = context;
    const [cluster = "", name = ""] = id.split(":");
    const version = text(inputs.version) ?? text(world.get(CLUSTER, cluster)?.properties.version) ?? DEFAULT_VERSION;
    return {
      arn: arn(context, "eks", `nodegroup/${cluster}/${name}/${uuid(id)}`),
      resources: [{ autoscalingGroups: [{ name: `eks-${name}-${uuid(id)}` }], remoteAccessSecurityGroupId: "" }],
      status: "ACTIVE",
      version,
      releaseVersion: text(inputs.releaseVersion) ?? `${version}.0-20261101`,
      instanceTypes:
        texts(inputs.instanceTypes).length > 0
          ? texts(inputs.instanceTypes)
          : isGiven(inputs.launchTemplate)
            ? []
            : ["t3.medium"],
      diskSize: number(inputs.diskSize) ?? (isGiven(inputs.launchTemplate) ? 0 : 20),
      ...(isGiven(inputs.launchTemplate)
        ? { launchTemplate: { ...block(inputs.launchTemplate), ...templateNames(context) } }
        : {}),
    };
  },
  validate: (context) => {
    const { inputs, world } = context;
    const clusterProperties = world.get(CLUSTER, text(inputs.clusterName) ?? "")?.properties;
    const vpcId = text(block(clusterProperties?.vpcConfig).vpcId);
    const stranger = subnetsOf(world, texts(inputs.subnetIds)).find(
      ({ properties }) => vpcId !== undefined && properties.vpcId !== vpcId,
    );
    const [version, clusterVersion] = [text(inputs.version), text(clusterProperties?.version)];
    const ahead = version !== undefined && clusterVersion !== undefined && minor(version) > minor(clusterVersion);
    const behind = version !== undefined && clusterVersion !== undefined && minor(version) < minor(clusterVersion) - 3;
    return refusals(
      named(inputs, groupName, "InvalidParameterException", API),
      roleFor(context, "nodeRoleArn", inputs.nodeRoleArn, "ec2.amazonaws.com", "InvalidParameterException", ROLE),
      scalingRules(inputs),
      machineRules(context),
      when(
        stranger !== undefined,
        "InvalidParameterException",
        `Subnets are not tagged with or not part of the cluster's VPC: ${stranger?.id ?? ""} is not in ${vpcId ?? ""}`,
        API,
      ),
      when(
        ahead || behind,
        "InvalidParameterException",
        `node group version ${version ?? ""} must be the cluster's ${clusterVersion ?? ""} or up to three minor versions behind`,
        SKEW,
      ),
      ...blocks(inputs.taints).map(({ effect }) =>
        oneOf("taints[].effect", effect, Object.keys(effects), "InvalidParameterException", API),
      ),
      when(
        Object.keys(block(inputs.labels)).some((label) => /^(eks\.amazonaws\.com|kubernetes\.io)\//.test(label)),
        "InvalidParameterException",
        "labels that begin with eks.amazonaws.com/ or kubernetes.io/ are reserved",
        API,
      ),
    );
  },
  conflicts: ({ world, inputs }) => {
    const role = world.find("aws:iam/role:Role", ({ properties }) => properties.arn === inputs.nodeRoleArn);
    const attached = world.list("aws:iam/rolePolicyAttachment:RolePolicyAttachment");
    const inline = world.list("aws:iam/rolePolicy:RolePolicy");
    const powers =
      texts(role?.properties.managedPolicyArns).length +
      [...attached, ...inline].filter(({ properties }) => properties.role === role?.id).length;
    return refusals(
      when(
        role !== undefined && powers === 0,
        "NodeCreationFailure",
        `Instances failed to join the kubernetes cluster: ${role?.id ?? ""} has no policy attached (AmazonEKSWorkerNodePolicy, AmazonEC2ContainerRegistryPullOnly); make the node group depend on the attachments`,
        "https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html",
      ),
    );
  },
  onCreate: async (context) => {
    await kubernetes().addNodes(text(context.inputs.clusterName) ?? "", nodesOf(context));
    return undefined;
  },
  onUpdate: async (context) => {
    await kubernetes().addNodes(text(context.inputs.clusterName) ?? "", nodesOf(context));
    return undefined;
  },
  onDelete: async ({ id }) => {
    const [cluster = "", name = ""] = id.split(":");
    await kubernetes().removeNodes(cluster, name);
  },
  seconds: { create: 119, delete: 252 },
};

export const nodeGroupRecords: readonly ResourceRecord[] = [nodeGroup];
