import { AwsError } from "../errors";
import { digest } from "../naming";
import { allowsAction } from "../roles";
import { text } from "../values";
import type { Value } from "../../provider/types";
import type { World } from "../../world";
import { endingOf, findCluster, findDefinition, looksAt } from "./tasks";

/** A task as the SDK describes it. */
interface Task {
  readonly taskArn: string;
  readonly family: string;
  lastStatus: string;
  looks: number;
  readonly createdAt: Date;
  readonly startedBy?: string;
  stoppedReason?: string;
  containers?: { readonly name: string; readonly exitCode?: number; readonly reason?: string }[];
}

/** Tasks that weren't started by a service. AWS forgets them an hour after their end, this process when it ends. */
const tasks = new Map<string, Task>();

type Call = Readonly<Record<string, Value | undefined>>;

/**
 * `ECS` of `@aws-sdk/client-ecs` as code in a Lambda function gets it: four calls, each with the rights of the function's
 * role. A task that is started runs at the first look and has ended at the second.
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
 */
export function ecsClient(world: World, place: { region: string; partition: string }, roleArn: string) {
  const arn = (resource: string) => `arn:${place.partition}:ecs:${place.region}:${world.account}:${resource}`;
  const authorize = (action: string, resource: string) => {
    if (allowsAction(world, roleArn, action, resource)) return;
    throw new AwsError(
      "AccessDeniedException",
      `${roleArn} is not authorized to perform: ${action} on resource: ${resource}`,
    );
  };
  const clusterOf = (input: Call): string => {
    const name = text(findCluster(world, text(input.cluster) ?? "default")?.properties.name);
    if (name === undefined) throw new AwsError("ClusterNotFoundException", "Cluster not found.");
    return name;
  };
  return {
    listTasks: (input: Call) => {
      const cluster = clusterOf(input);
      authorize("ecs:ListTasks", arn(`container-instance/${cluster}/*`));
      const found = [...tasks.values()].filter(
        ({ taskArn, family, lastStatus }) =>
          taskArn.startsWith(arn(`task/${cluster}/`)) && family === input.family && lastStatus !== "STOPPED",
      );
      return Promise.resolve({ taskArns: found.map(({ taskArn }) => taskArn) });
    },
    describeTasks: (input: Call) => {
      const cluster = clusterOf(input);
      const ids = Array.isArray(input.tasks) ? input.tasks.map(String) : [];
      authorize("ecs:DescribeTasks", arn(`task/${cluster}/*`));
      const found = ids.flatMap((id) => tasks.get(id.split("/").at(-1) ?? "") ?? []);
      for (const task of found) goOn(world, task);
      return Promise.resolve({ tasks: found.map((task) => ({ ...task })) });
    },
    runTask: (input: Call) => {
      const cluster = clusterOf(input);
      const definition = findDefinition(world, text(input.taskDefinition) ?? "");
      if (!definition) throw new AwsError("ClientException", "TaskDefinition not found.");
      authorize("ecs:RunTask", text(definition.properties.arn) ?? "");
      for (const role of ["executionRoleArn", "taskRoleArn"] as const) {
        const passed = text(definition.properties[role]);
        if (passed !== undefined) authorize("iam:PassRole", passed);
      }
      refuseNetwork(world, input);
      const id = digest(world.newHexId("task"), 32);
      const task: Task = {
        taskArn: arn(`task/${cluster}/${id}`),
        family: text(definition.properties.family) ?? "",
        lastStatus: "PROVISIONING",
        looks: 0,
        createdAt: new Date(),
        startedBy: text(input.startedBy),
      };
      tasks.set(id, task);
      return Promise.resolve({ tasks: [{ ...task }], failures: [] });
    },
    stopTask: (input: Call) => {
      const task = tasks.get((text(input.task) ?? "").split("/").at(-1) ?? "");
      authorize("ecs:StopTask", arn(`task/${clusterOf(input)}/*`));
      if (task) Object.assign(task, { lastStatus: "STOPPED", stoppedReason: text(input.reason) });
      return Promise.resolve({});
    },
  };
}

function goOn(world: World, task: Task): void {
  if (task.lastStatus === "PROVISIONING") {
    task.lastStatus = "RUNNING";
    return;
  }
  if (task.lastStatus !== "RUNNING") return;
  const definition = findDefinition(world, task.family);
  task.looks += 1;
  if (definition && task.looks <= looksAt(definition)) return;
  const failure = definition && endingOf(world, definition);
  task.lastStatus = "STOPPED";
  task.stoppedReason = failure?.reason === undefined ? "Essential container in task exited" : "Task failed to start";
  // The one container whose end ends the task.
  const name = failure?.container ?? firstContainer(definition?.properties.containerDefinitions);
  task.containers = [{ name, ...(failure ?? { exitCode: 0 }) }];
}

function firstContainer(definitions: Value | undefined): string {
  const [first] = JSON.parse(text(definitions) ?? "[]") as { name?: string }[];
  return first?.name ?? "";
}

function refuseNetwork(world: World, input: Call): void {
  const { subnets = [], securityGroups = [] } =
    (
      input.networkConfiguration as
        { awsvpcConfiguration?: { subnets?: string[]; securityGroups?: string[] } } | undefined
    )?.awsvpcConfiguration ?? {};
  if (subnets.length === 0) {
    throw new AwsError("InvalidParameterException", "Network Configuration must be provided when networkMode 'awsvpc'");
  }
  const missing = [
    ...subnets.filter((id) => !world.get("aws:ec2/subnet:Subnet", id)),
    ...securityGroups.filter((id) => !world.get("aws:ec2/securityGroup:SecurityGroup", id)),
  ];
  if (missing.length > 0) {
    throw new AwsError("InvalidParameterException", `${missing.join(", ")} does not exist`);
  }
}
