import { architectureOf, isInstanceType } from "../ec2/instanceTypes";
import { zonesOf } from "../ec2/subnets";
import type { CreateContext, ValidateContext } from "../record";
import { between, oneOf, refusals, when, type Refusal } from "../rules";
import { block, blocks, isGiven, number, text, texts } from "../values";
import type { NodeGroupRecord, NodeTaint } from "../../kubernetes/record";
import type { Properties } from "../../provider/types";

const API = "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html";
const TEMPLATES = "https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html";

export const effects = {
  NO_SCHEDULE: "NoSchedule",
  NO_EXECUTE: "NoExecute",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
} as const;
const amiTypes = [
  ..."AL2_x86_64 AL2_x86_64_GPU AL2_ARM_64 CUSTOM BOTTLEROCKET_ARM_64 BOTTLEROCKET_x86_64 BOTTLEROCKET_ARM_64_FIPS".split(
    " ",
  ),
  ..."BOTTLEROCKET_x86_64_FIPS BOTTLEROCKET_ARM_64_NVIDIA BOTTLEROCKET_x86_64_NVIDIA AL2023_x86_64_STANDARD".split(" "),
  ..."AL2023_ARM_64_STANDARD AL2023_x86_64_NEURON AL2023_x86_64_NVIDIA AL2023_ARM_64_NVIDIA".split(" "),
];

/** The launch template a group names, by id or name. */
function templateOf({ world, inputs }: Pick<CreateContext, "world" | "inputs">) {
  const { id, name } = block(inputs.launchTemplate);
  return world.find(
    "aws:ec2/launchTemplate:LaunchTemplate",
    (template) => template.id === id || (text(name) !== undefined && template.properties.name === name),
  );
}

function instanceTypesOf(context: Pick<CreateContext, "world" | "inputs">): string[] {
  const given = texts(context.inputs.instanceTypes);
  const fromTemplate = text(templateOf(context)?.properties.instanceType);
  return given.length > 0 ? given : [fromTemplate ?? "t3.medium"];
}

/** What the Kubernetes half makes nodes from. */
export function nodesOf(context: Pick<CreateContext, "world" | "inputs"> & { readonly id: string }): NodeGroupRecord {
  const { inputs, world, id } = context;
  const taints = blocks(inputs.taints).map(({ key, value, effect }): NodeTaint => {
    const kubernetesEffect = effects[(text(effect) ?? "NO_SCHEDULE") as keyof typeof effects];
    return { key: text(key) ?? "", value: text(value), effect: kubernetesEffect };
  });
  const labels = Object.entries(block(inputs.labels)).map(([key, value]) => [key, text(value) ?? ""]);
  return {
    nodeGroup: id.split(":")[1] ?? id,
    count: number(block(inputs.scalingConfig).desiredSize) ?? 0,
    maximum: number(block(inputs.scalingConfig).maxSize),
    labels: Object.fromEntries(labels) as Record<string, string>,
    taints,
    instanceType: instanceTypesOf(context)[0] ?? "t3.medium",
    zones: zonesOf(world, texts(inputs.subnetIds)),
  };
}

/** What EKS refuses in a group's size and in how it is updated. */
export function scalingRules(inputs: ValidateContext["inputs"]): Refusal {
  const scaling = block(inputs.scalingConfig);
  const [low, wanted, high] = [number(scaling.minSize), number(scaling.desiredSize), number(scaling.maxSize)];
  const update = block(inputs.updateConfig);
  return refusals(
    when(
      (low ?? 0) < 0 || (high ?? 1) < 1,
      "InvalidParameterException",
      "minSize is at least 0, maxSize at least 1",
      "https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html",
    ),
    when(
      low !== undefined && high !== undefined && low > high,
      "InvalidParameterException",
      `Minimum capacity ${String(low)} can't be greater than maximum size ${String(high)}`,
      API,
    ),
    when(
      wanted !== undefined && ((low !== undefined && wanted < low) || (high !== undefined && wanted > high)),
      "InvalidParameterException",
      `desired capacity ${String(wanted)} must be between minSize ${String(low)} and maxSize ${String(high)}`,
      API,
    ),
    when(
      isGiven(update.maxUnavailable) && isGiven(update.maxUnavailablePercentage),
      "InvalidParameterException",
      "give maxUnavailable or maxUnavailablePercentage",
      API,
    ),
    between(
      "updateConfig.maxUnavailablePercentage",
      update.maxUnavailablePercentage,
      1,
      100,
      "InvalidParameterException",
      API,
    ),
    between("updateConfig.maxUnavailable", update.maxUnavailable, 1, 100, "InvalidParameterException", API),
  );
}

/** What EKS refuses in a group's machines. */
export function machineRules(context: ValidateContext): Refusal {
  const { inputs } = context;
  const types = texts(inputs.instanceTypes);
  const template = templateOf(context);
  const amiType = text(inputs.amiType);
  const arm = amiType?.includes("ARM") === true;
  const misfits =
    amiType === undefined || amiType === "CUSTOM"
      ? []
      : types.filter((type) => (architectureOf(type) === "arm64") !== arm);
  const wanted = text(block(inputs.launchTemplate).version);
  const latest = number(template?.properties.latestVersion) ?? 1;
  return refusals(
    oneOf("amiType", amiType, amiTypes, "InvalidParameterException", API),
    oneOf(
      "capacityType",
      inputs.capacityType,
      ["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"],
      "InvalidParameterException",
      API,
    ),
    when(
      types.some((type) => !isInstanceType(type)),
      "InvalidParameterException",
      `instanceTypes: ${types.filter((type) => !isInstanceType(type)).join(", ")} is not known`,
      "https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html",
    ),
    when(
      misfits.length > 0,
      "InvalidParameterException",
      `[${misfits.join(", ")}] is not a valid instance type for amiType ${amiType ?? ""}: the architectures differ`,
      API,
    ),
    when(
      template !== undefined && isGiven(inputs.diskSize),
      "InvalidParameterException",
      "Disk size must be specified within the launch template",
      TEMPLATES,
    ),
    when(
      template !== undefined && isGiven(inputs.remoteAccess),
      "InvalidParameterException",
      "Remote access configuration cannot be specified with a launch template",
      TEMPLATES,
    ),
    when(
      isGiven(template?.properties.instanceType) && types.length > 0,
      "InvalidParameterException",
      "You can't specify instance types in both the launch template and the node group",
      TEMPLATES,
    ),
    when(
      isGiven(inputs.launchTemplate) && !context.preview && template === undefined,
      "InvalidRequestException",
      "launchTemplate: no launch template of this id or name exists",
      TEMPLATES,
    ),
    when(
      template !== undefined && wanted !== undefined && /^\d+$/.test(wanted) && Number(wanted) > latest,
      "InvalidRequestException",
      `launchTemplate: there is no version ${wanted ?? ""}, the latest is ${latest}`,
      TEMPLATES,
    ),
  );
}

/** The id and name that EKS reports of the launch template. */
export function templateNames(context: Pick<CreateContext, "world" | "inputs">): Properties {
  const template = templateOf(context);
  return template ? { id: template.id, name: text(template.properties.name) ?? "" } : {};
}
