import { sameVpc } from "../ec2/subnets";
import { LISTENER, RULE } from "../lb/names";
import { arn } from "../naming";
import { AwsError } from "../errors";
import type { CreateContext, ResourceRecord, ValidateContext } from "../record";
import { between, named, oneOf, refusals, taken, when, type Refusal } from "../rules";
import { block, blocks, flag, isGiven, number, text, texts } from "../values";
import { CLUSTER, ecsName, registry, TASK } from "./names";
import { containersOf } from "./taskDefinitions";
import { failureOf, findCluster, findDefinition } from "./tasks";

const SERVICE = "aws:ecs/service:Service";
const SERVICES = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html";
const CLUSTERS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html";

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
      task !== undefined && flag(inputs.enableExecuteCommand) === true && !isGiven(task.properties.taskRoleArn),
      "InvalidParameterException",
      "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.",
      "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html",
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

/** Source: https://repost.aws/knowledge-center/ecs-associate-load-balancer-error */
function loadBalancerRules({ inputs, world, preview }: ValidateContext): Refusal {
  if (preview) return undefined;
  const used = JSON.stringify([...world.list(RULE), ...world.list(LISTENER)].map(({ properties }) => properties));
  return refusals(
    ...blocks(inputs.loadBalancers).map(({ targetGroupArn }) =>
      when(
        text(targetGroupArn) !== undefined && !used.includes(`"${text(targetGroupArn) ?? ""}"`),
        "InvalidParameterException",
        `The target group with targetGroupArn ${text(targetGroupArn) ?? ""} does not have an associated load balancer`,
        SERVICES,
      ),
    ),
    when(
      isGiven(inputs.healthCheckGracePeriodSeconds) && blocks(inputs.loadBalancers).length === 0,
      "InvalidParameterException",
      "Health check grace period is only valid for services configured to use load balancers",
      SERVICES,
    ),
  );
}

/**
 * Waits until the tasks run: with the circuit breaker ECS gives up on tasks that don't start, goes back to the definition
 * that ran before, and the provider says so.
 * Source: hashicorp/terraform-provider-aws, internal/service/ecs/service.go, findDeploymentStatus
 */
function becomeSteady({ inputs, world }: CreateContext & { readonly id: string }): void {
  const definition = findDefinition(world, text(inputs.taskDefinition) ?? "");
  const failure = definition && failureOf(world, definition);
  if (!failure || flag(inputs.waitForSteadyState) !== true) return;
  const { enable } = block(inputs.deploymentCircuitBreaker);
  const why = failure.reason ?? `exit code ${String(failure.exitCode)}`;
  throw new AwsError(
    "ServiceDeploymentFailed",
    flag(enable) === true
      ? `waiting for ECS Service (${text(inputs.name) ?? ""}): ECS deployment circuit breaker: tasks failed to start. (${failure.container}: ${why})`
      : `waiting for ECS Service (${text(inputs.name) ?? ""}): timeout while waiting for state to become 'tfSTABLE' (${failure.container}: ${why})`,
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
    { path: "serviceRegistries.registryArn", to: "aws:servicediscovery/service:Service", by: "arn" },
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
      loadBalancerRules(context),
    );
  },
  onCreate: async (context) => {
    becomeSteady(context);
    return Promise.resolve(undefined);
  },
  onUpdate: async (context) => {
    if (context.previous.taskDefinition !== context.inputs.taskDefinition) becomeSteady(context);
    return Promise.resolve(undefined);
  },
  seconds: { create: 90, delete: 120 },
};

export const serviceRecords: readonly ResourceRecord[] = [cluster, capacityProviders, service];
