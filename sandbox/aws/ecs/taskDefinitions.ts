import { arn } from "../naming";
import { roleFor } from "../roles";
import type { ResourceRecord } from "../record";
import { between, named, oneOf, refusals, when, type Refusal } from "../rules";
import { block, blocks, isBlock, isGiven, number, text, texts } from "../values";
import type { Properties, Value } from "../../provider/types";
import { ecsName, registry, TASK } from "./names";

const TASKS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html";
const FARGATE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html";

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
export function containersOf(inputs: Properties): Properties[] | undefined {
  try {
    const list = JSON.parse(text(inputs.containerDefinitions) ?? "[]") as Value;
    return Array.isArray(list) ? list.filter((item) => isBlock(item)) : undefined;
  } catch {
    return undefined;
  }
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

/** What a container may not ask of Fargate. */
function fargateContainerRules(container: Properties): string[] {
  const { linuxParameters, privileged, stopTimeout, portMappings } = container;
  const added = texts(block(block(linuxParameters).capabilities).add);
  return refusals(
    when(privileged === true, "ClientException", "privileged is not supported on Fargate", FARGATE),
    when(
      added.some((capability) => capability !== "SYS_PTRACE"),
      "ClientException",
      `the only capability that Fargate adds is SYS_PTRACE, not ${added.join(", ")}`,
      FARGATE,
    ),
    between("stopTimeout", stopTimeout, 0, 120, "ClientException", TASKS),
    ...blocks(portMappings).map(({ containerPort, hostPort }) =>
      when(
        number(hostPort) !== undefined && number(hostPort) !== number(containerPort),
        "ClientException",
        "with network mode awsvpc the host port is the container port",
        TASKS,
      ),
    ),
  );
}

/** What a container names must be in its task: volumes, and containers that it waits for. */
function referenceRules(container: Properties, names: readonly string[], volumes: readonly string[]): Refusal {
  const mounted = blocks(container.mountPoints).map(({ sourceVolume }) => text(sourceVolume) ?? "");
  const awaited = blocks(container.dependsOn).map(({ containerName }) => text(containerName) ?? "");
  return refusals(
    ...mounted.map((name) => when(!volumes.includes(name), "ClientException", `Unknown volume '${name}'.`, TASKS)),
    ...awaited.map((name) =>
      when(
        !names.includes(name) || name === container.name,
        "ClientException",
        `container ${text(container.name) ?? ""} depends on ${name}, which is no other container of the task`,
        TASKS,
      ),
    ),
    ...blocks(container.dependsOn).map(({ condition }) =>
      oneOf("condition", condition, ["START", "COMPLETE", "SUCCESS", "HEALTHY"], "ClientException", TASKS),
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
  const fargate = texts(inputs.requiresCompatibilities).includes("FARGATE");
  return refusals(
    when(containers === undefined, "ClientException", "containerDefinitions is no JSON list", TASKS),
    when(
      (text(inputs.containerDefinitions) ?? "").length > 65_536,
      "ClientException",
      "Actual length of the task definition is over 64 KiB",
      "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html",
    ),
    ...(fargate ? (containers ?? []).flatMap((container) => fargateContainerRules(container)) : []),
    ...(containers ?? []).flatMap((container) =>
      referenceRules(
        container,
        names,
        blocks(inputs.volumes).map(({ name }) => text(name) ?? ""),
      ),
    ),
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

export const taskRecords: readonly ResourceRecord[] = [taskDefinition];
