import { sameVpc } from "./ec2/subnets";
import { arn } from "./naming";
import { roleFor } from "./roles";
import type { ResourceRecord, ValidateContext } from "./record";
import { between, named, oneOf, refusals, taken, when, type NameRule, type Refusal } from "./rules";
import { block, blocks, isBlock, isGiven, number, text, texts } from "./values";
import type { Properties, Value } from "../provider/types";
import type { World } from "../world";

const CLUSTER = "aws:ecs/cluster:Cluster";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const SERVICE = "aws:ecs/service:Service";
const TASKS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html";
const FARGATE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html";
const SERVICES = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html";
const CLUSTERS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/ecs/${name}/`;

const ecsName = (property: string): NameRule => ({ property, maxLength: 255, pattern: /^[A-Za-z0-9_-]+$/ });

/** Memory in MiB that Fargate has for each CPU size (1,024 units are a vCPU): lowest, highest, step. */
const fargateSizes: Readonly<Record<string, readonly [low: number, high: number, step: number]>> = {
  "256": [512, 2048, 512],
  "512": [1024, 4096, 1024],
  "1024": [2048, 8192, 1024],
  "2048": [4096, 16_384, 1024],
  "4096": [8192, 30_720, 1024],
  "8192": [16_384, 61_440, 4096],
  "16384": [32_768, 122_880, 8192],
};

/** The containers of a task definition; undefined when the JSON can't be read. */
function containersOf(inputs: Properties): Properties[] | undefined {
  try {
    const list = JSON.parse(text(inputs.containerDefinitions) ?? "[]") as Value;
    return Array.isArray(list) ? list.filter((item) => isBlock(item)) : undefined;
  } catch {
    return undefined;
  }
}

/** A cluster by name or ARN. */
function findCluster(world: World, nameOrArn: string) {
  return world.find(CLUSTER, ({ id, properties }) => id === nameOrArn || properties.name === nameOrArn);
}

function sizeRules(inputs: Properties): Refusal {
  if (!texts(inputs.requiresCompatibilities).includes("FARGATE")) return undefined;
  const [cpu, memory] = [text(inputs.cpu), Number(text(inputs.memory) ?? Number.NaN)];
  const size = fargateSizes[cpu ?? ""];
  const fits = size !== undefined && memory >= size[0] && memory <= size[1] && memory % size[2] === 0;
  // 256 units go with 512 MiB, 1 GiB and 2 GiB, not 1.5.
  const odd = cpu === "256" && memory === 1536;
  return refusals(
    when(
      cpu !== undefined && !Number.isNaN(memory) && (!fits || odd),
      "ClientException",
      `No Fargate configuration exists for given values: ${cpu ?? ""} CPU, ${memory} memory`,
      FARGATE,
    ),
    when(
      !isGiven(inputs.cpu) || !isGiven(inputs.memory),
      "ClientException",
      "Fargate requires task definition to have cpu and memory",
      FARGATE,
    ),
    when(
      isGiven(inputs.networkMode) && text(inputs.networkMode) !== "awsvpc",
      "ClientException",
      "Fargate only supports network mode 'awsvpc'",
      FARGATE,
    ),
  );
}

function containerRules(inputs: Properties): Refusal {
  if (text(inputs.containerDefinitions) === undefined) return undefined;
  const containers = containersOf(inputs);
  const names = containers?.map(({ name }) => text(name) ?? "") ?? [];
  const logs = containers?.some(
    ({ logConfiguration, secrets }) => isGiven(block(logConfiguration).logDriver) || blocks(secrets).length > 0,
  );
  return refusals(
    when(containers === undefined, "ClientException", "containerDefinitions is no JSON list", TASKS),
    when(containers?.length === 0, "ClientException", "Container list cannot be empty", TASKS),
    when(names.includes(""), "ClientException", "every container needs a name", TASKS),
    when(new Set(names).size < names.length, "ClientException", "container names must be unique", TASKS),
    when(
      containers?.some(({ image }) => text(image) === undefined) === true,
      "ClientException",
      "every container needs an image",
      TASKS,
    ),
    when(
      logs === true && texts(inputs.requiresCompatibilities).includes("FARGATE") && !isGiven(inputs.executionRoleArn),
      "ClientException",
      "Fargate requires task definition to have execution role ARN to support logs and secrets",
      "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
    ),
  );
}

const cluster: ResourceRecord = {
  type: CLUSTER,
  source: registry("cluster"),
  id: (context) => arn(context, "ecs", `cluster/${text(context.inputs.name) ?? ""}`),
  autoname: { ...ecsName("name") },
  replaceOn: ["name"],
  errors: { notFound: "ClusterNotFoundException", inUse: "ClusterContainsServicesException" },
  outputs: ({ id }) => ({ arn: id }),
  validate: ({ inputs }) => refusals(named(inputs, ecsName("name"), "InvalidParameterException", CLUSTERS)),
  conflicts: (context) => refusals(taken(context, CLUSTER, "name", "InvalidParameterException", CLUSTERS)),
  blocksDeletion: ({ world, id, properties }) => {
    const service = world.find(SERVICE, (one) => [id, properties.name].includes(one.properties.cluster ?? ""));
    return when(
      service !== undefined,
      "ClusterContainsServicesException",
      `The Cluster cannot be deleted while Services are active: ${service?.name ?? ""}`,
      "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html",
    );
  },
  seconds: { create: 10, delete: 10 },
};

const capacityProviders: ResourceRecord = {
  type: "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
  source: registry("clustercapacityproviders"),
  id: ({ inputs }) => text(inputs.clusterName) ?? "",
  references: [{ path: "clusterName", to: CLUSTER, by: "name", weak: true }],
  replaceOn: ["clusterName"],
  validate: ({ inputs }) =>
    refusals(
      ...blocks(inputs.defaultCapacityProviderStrategies).map((strategy) =>
        when(
          text(strategy.capacityProvider) !== undefined &&
            !texts(inputs.capacityProviders).includes(text(strategy.capacityProvider) ?? ""),
          "InvalidParameterException",
          `${text(strategy.capacityProvider) ?? ""} must be among capacityProviders`,
          "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html",
        ),
      ),
    ),
};

const taskDefinition: ResourceRecord = {
  type: TASK,
  source: registry("taskdefinition"),
  id: ({ inputs, world }) => {
    const family = text(inputs.family) ?? "";
    const revisions = world.list(TASK).filter(({ properties }) => properties.family === family);
    const latest = Math.max(0, ...revisions.map(({ properties }) => number(properties.revision) ?? 0));
    return `${family}:${latest + 1}`;
  },
  // Every change registers another revision.
  replaceOn: [
    ..."family containerDefinitions cpu memory networkMode requiresCompatibilities executionRoleArn taskRoleArn".split(
      " ",
    ),
    ..."volumes runtimePlatform ephemeralStorage placementConstraints proxyConfiguration ipcMode pidMode".split(" "),
  ],
  errors: { notFound: "ClientException" },
  outputs: (context) => {
    const [family = "", revision = "1"] = context.id.split(":");
    const own = arn(context, "ecs", `task-definition/${family}`);
    return { arn: `${own}:${revision}`, arnWithoutRevision: own, revision: Number(revision) };
  },
  validate: (context) => {
    const { inputs } = context;
    return refusals(
      named(inputs, ecsName("family"), "ClientException", TASKS),
      sizeRules(inputs),
      containerRules(inputs),
      ...["executionRoleArn", "taskRoleArn"].map((property) =>
        roleFor(context, property, inputs[property], "ecs-tasks.amazonaws.com", "ClientException", TASKS),
      ),
    );
  },
  seconds: { create: 1 },
};

function networkRules({ inputs, world }: ValidateContext): Refusal {
  const network = block(inputs.networkConfiguration);
  const task = world.find(
    TASK,
    ({ id, properties }) => id === inputs.taskDefinition || properties.arn === inputs.taskDefinition,
  );
  const containers = task ? (containersOf(task.properties) ?? []) : [];
  return refusals(
    sameVpc(
      world,
      [...texts(network.subnets), ...texts(network.securityGroups)],
      "InvalidParameterException",
      SERVICES,
    ),
    when(
      task !== undefined && task.properties.networkMode === "awsvpc" && !isGiven(inputs.networkConfiguration),
      "InvalidParameterException",
      "Network Configuration must be provided when networkMode 'awsvpc' is specified",
      SERVICES,
    ),
    ...blocks(inputs.loadBalancers).map(({ containerName, containerPort }) => {
      const container = containers.find(({ name }) => name === containerName);
      const ports = blocks(container?.portMappings).map((mapping) => number(mapping.containerPort));
      return when(
        task !== undefined && (!container || !ports.includes(number(containerPort))),
        "InvalidParameterException",
        `The container ${text(containerName) ?? ""} did not have a container port ${String(number(containerPort))} defined`,
        SERVICES,
      );
    }),
  );
}

const service: ResourceRecord = {
  type: SERVICE,
  source: registry("service"),
  id: (context) => {
    const target = findCluster(context.world, text(context.inputs.cluster) ?? "default");
    return arn(
      context,
      "ecs",
      `service/${text(target?.properties.name) ?? "default"}/${text(context.inputs.name) ?? ""}`,
    );
  },
  autoname: { ...ecsName("name") },
  defaults: { schedulingStrategy: "REPLICA", deploymentMaximumPercent: 200, deploymentMinimumHealthyPercent: 100 },
  references: [
    { path: "networkConfiguration.subnets[]", to: "aws:ec2/subnet:Subnet" },
    { path: "networkConfiguration.securityGroups[]", to: "aws:ec2/securityGroup:SecurityGroup" },
    { path: "loadBalancers[].targetGroupArn", to: "aws:lb/targetGroup:TargetGroup" },
  ],
  replaceOn: ["name", "cluster", "launchType", "schedulingStrategy"],
  errors: { notFound: "ServiceNotFoundException" },
  outputs: ({ id }) => ({ arn: id }),
  validate: (context) => {
    const { inputs, world, preview } = context;
    const target = text(inputs.cluster);
    return refusals(
      named(inputs, ecsName("name"), "InvalidParameterException", SERVICES),
      oneOf("launchType", inputs.launchType, ["EC2", "FARGATE", "EXTERNAL"], "InvalidParameterException", SERVICES),
      between("desiredCount", inputs.desiredCount, 0, 5000, "InvalidParameterException", SERVICES),
      when(
        isGiven(inputs.launchType) && blocks(inputs.capacityProviderStrategies).length > 0,
        "InvalidParameterException",
        "give launchType or capacityProviderStrategies",
        SERVICES,
      ),
      when(
        !preview && target !== undefined && !findCluster(world, target),
        "ClusterNotFoundException",
        `Cluster not found: ${target ?? ""}`,
        SERVICES,
      ),
      networkRules(context),
    );
  },
  seconds: { create: 90, delete: 120 },
};

/** Amazon Elastic Container Service. */
export const ecs: readonly ResourceRecord[] = [cluster, capacityProviders, taskDefinition, service];
