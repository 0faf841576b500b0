/**
 * Code of the Lambda function that runs a one-shot task to its end; `runner.ts` uploads it. It is alone in its file and
 * imports nothing but the AWS SDK that Lambda's Node.js runtime brings.
 */

/** What one invocation is asked for. */
export interface TaskRequest {
  /** Family of the task definition; its newest revision is run. */
  readonly family: string;
  /** Container whose exit code counts. */
  readonly container: string;
  /** Names this run: the same run, asked for again, is joined and not started twice. At most 36 letters, digits, hyphens. */
  readonly run: string;
  readonly deadlineSeconds: number;
  /** How far the invocation before this one came. */
  readonly before?: Progress;
  /** Whether no other invocation waits after this one. */
  readonly isLast: boolean;
  readonly logGroup: string;
  readonly logStreamPrefix: string;
  readonly cluster: string;
  readonly platformVersion: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

/** What an invocation returns. */
export interface Progress {
  /** Id of the task. */
  readonly task: string;
  /** Whether it has succeeded; else it goes on, and the next invocation waits for it. */
  readonly isDone: boolean;
}

/** A task as ECS describes it, as far as its end is judged by it. */
export interface EcsTask {
  readonly taskArn?: string;
  readonly lastStatus?: string;
  readonly createdAt?: Date;
  readonly startedBy?: string;
  readonly stoppedReason?: string;
  readonly containers?: readonly { readonly name?: string; readonly exitCode?: number; readonly reason?: string }[];
}

/** The part of `@aws-sdk/client-ecs`'s `ECS` that is used here. */
export interface EcsClient {
  listTasks(input: { cluster: string; family: string; desiredStatus: "RUNNING" }): Promise<{ taskArns?: string[] }>;
  describeTasks(input: { cluster: string; tasks: string[] }): Promise<{ tasks?: EcsTask[] }>;
  runTask(input: Readonly<Record<string, unknown>>): Promise<{
    tasks?: EcsTask[];
    failures?: { readonly reason?: string; readonly detail?: string }[];
  }>;
  stopTask(input: { cluster: string; task: string; reason: string }): Promise<unknown>;
}

/** Milliseconds kept to say that the task goes on, before Lambda ends the function. */
export const RESERVE = 20_000;

/**
 * Runs the task, or joins the same run if it is going on, and waits for its end as long as this function may. One that
 * failed between two invocations is started again.
 * @param remaining Milliseconds that this function may still take.
 * @param pause Milliseconds between two looks.
 * @throws Error when it failed, or hasn't ended in time, with the command that tells more.
 */
export async function runToItsEnd(
  ecs: EcsClient,
  request: TaskRequest,
  remaining: () => number,
  pause = 3000,
): Promise<Progress> {
  const { cluster, before } = request;
  if (before?.isDone) return before;
  let task =
    (await running(ecs, request)) ??
    (await succeeded(ecs, request, before)) ??
    (await start(ecs, request, remaining, pause));
  const id = (task.taskArn ?? "").split("/").at(-1) ?? "";
  const log =
    `aws logs tail ${request.logGroup} --since 1d ` +
    `--log-stream-names ${request.logStreamPrefix}/${request.container}/${id}`;
  while (task.lastStatus !== "STOPPED") {
    const age = Date.now() - (task.createdAt ?? new Date()).getTime();
    if (age > request.deadlineSeconds * 1000) {
      await ecs.stopTask({ cluster, task: id, reason: `not done after ${String(request.deadlineSeconds)} s` });
      throw new Error(
        `task ${id} of ${request.family} was not done after ${String(request.deadlineSeconds)} s and has been stopped; its log: ${log}`,
      );
    }
    if (remaining() < RESERVE) {
      if (!request.isLast) return { task: id, isDone: false };
      throw new Error(
        `task ${id} of ${request.family} is still running and goes on; run \`pulumi up\` again to wait for it; its log: ${log}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    task = (await ecs.describeTasks({ cluster, tasks: [id] })).tasks?.[0] ?? task;
  }
  const container = containerOf(task, request);
  if (container?.exitCode === 0) return { task: id, isDone: true };
  const how =
    container?.exitCode === undefined ? "did not start" : `ended with exit code ${String(container.exitCode)}`;
  const why = [container?.reason, task.stoppedReason].filter((reason) => reason !== undefined && reason !== "");
  throw new Error(`task ${id} of ${request.family} ${how} (${why.join("; ")}); its log: ${log}`);
}

function containerOf({ containers }: EcsTask, request: TaskRequest) {
  return containers?.find(({ name }) => name === request.container);
}

/** The task that the invocation before this one left running, if it has succeeded since. */
async function succeeded(ecs: EcsClient, request: TaskRequest, before?: Progress): Promise<EcsTask | undefined> {
  if (!before) return undefined;
  const { tasks = [] } = await ecs.describeTasks({ cluster: request.cluster, tasks: [before.task] });
  return tasks.find((task) => task.lastStatus === "STOPPED" && containerOf(task, request)?.exitCode === 0);
}

async function running(ecs: EcsClient, request: TaskRequest): Promise<EcsTask | undefined> {
  const { cluster } = request;
  const { taskArns = [] } = await ecs.listTasks({ cluster, family: request.family, desiredStatus: "RUNNING" });
  if (taskArns.length === 0) return undefined;
  const { tasks = [] } = await ecs.describeTasks({ cluster, tasks: taskArns });
  const own = tasks.find(({ startedBy }) => startedBy === request.run);
  if (own) return own;
  // Two versions of a schema must not be written at once.
  const arn = taskArns.join(", ");
  throw new Error(
    `another run of ${request.family} is going on (${arn}); wait for its end, then run \`pulumi up\` again`,
  );
}

async function start(ecs: EcsClient, request: TaskRequest, remaining: () => number, pause: number): Promise<EcsTask> {
  const input = {
    cluster: request.cluster,
    taskDefinition: request.family,
    launchType: "FARGATE",
    platformVersion: request.platformVersion,
    count: 1,
    startedBy: request.run,
    propagateTags: "TASK_DEFINITION",
    enableECSManagedTags: true,
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: request.subnets,
        securityGroups: request.securityGroups,
        assignPublicIp: "DISABLED",
      },
    },
  };
  const { tasks = [], failures = [] } = await runTask(ecs, input, remaining, pause);
  const [task] = tasks;
  if (task) return task;
  const why = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(": ")).join("; ");
  throw new Error(`ECS did not start ${request.family}: ${why}; run \`pulumi up\` again once that is mended`);
}

/** The first cluster of an account brings ECS's service-linked role along, which takes a moment to be known. */
async function runTask(
  ecs: EcsClient,
  input: Readonly<Record<string, unknown>>,
  remaining: () => number,
  pause: number,
): ReturnType<EcsClient["runTask"]> {
  for (;;) {
    try {
      return await ecs.runTask(input);
    } catch (error) {
      if (!String(error).includes("service linked role") || remaining() < RESERVE) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** In Lambda's runtime, and nowhere else. */
const SDK = "@aws-sdk/client-ecs";

/** What Lambda calls. */
export async function handler(
  request: TaskRequest,
  context: { getRemainingTimeInMillis(): number },
): Promise<Progress> {
  const { ECS } = (await import(SDK)) as { ECS: new (options: object) => EcsClient };
  return runToItsEnd(new ECS({}), request, () => context.getRemainingTimeInMillis());
}
