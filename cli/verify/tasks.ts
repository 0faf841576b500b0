import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { contract, shared } from "@selfhosted/common";
import { newerSchema, tagOf } from "./cluster";
import type { Facts } from "./facts";
import { Failure, Skipped, lookOnce, type Check } from "./outcome";
import { bringBack, lookAtPods } from "./remedies";

/** An ECS service, as far as it is judged; what `aws ecs describe-services` tells, and the image of its own container. */
export interface TaskService {
  readonly status?: string;
  readonly desiredCount?: number;
  readonly runningCount?: number;
  readonly image: string;
  readonly deployments?: readonly { readonly rolloutState?: string; readonly rolloutStateReason?: string }[];
}

/** API and console; `undefined` where ECS has no such service. */
export type TaskServices = Readonly<Record<"api" | "console", TaskService | undefined>>;

/** Milliseconds for one command of the AWS CLI. */
const TIMEOUT = 30_000;

/** Reads the service's ECS services with the AWS CLI and its own rights, in the region that 08 was told. */
export async function readTaskServices({ names, aws }: Pick<Facts, "names" | "aws">): Promise<TaskServices> {
  const ecs = async <T>(...words: string[]): Promise<T> => {
    const { stdout } = await promisify(execFile)("aws", ["ecs", ...words, ...aws, "--output", "json"], {
      timeout: TIMEOUT,
    });
    return JSON.parse(stdout) as T;
  };
  const read = async (name: string): Promise<TaskService | undefined> => {
    type Described = Omit<TaskService, "image"> & { readonly taskDefinition?: string };
    const { services } = await ecs<{ services: Described[] }>(
      ...["describe-services", "--cluster", names.cluster(), "--services", name],
    );
    const [service] = services;
    if (service?.taskDefinition === undefined) return undefined;
    const { taskDefinition } = await ecs<{
      taskDefinition: { containerDefinitions: { name?: string; image?: string }[] };
    }>("describe-task-definition", "--task-definition", service.taskDefinition);
    const own = taskDefinition.containerDefinitions.find((container) => container.name === name);
    return { ...service, image: own?.image ?? "none" };
  };
  const { api, console: app } = shared.serviceAccounts;
  const [ofApi, ofConsole] = await Promise.all([read(api), read(app)]);
  return { api: ofApi, console: ofConsole };
}

/**
 * The same on Fargate: ECS is asked what runs, and Pulumi's state how the migrations' task ended, for ECS forgets that
 * after an hour.
 */
export function taskChecks(facts: Facts, read: (facts: Facts) => Promise<TaskServices>): Check[] {
  const { version } = facts;
  const { first, judged } = lookOnce("cluster", async () => {
    if (version === undefined) throw new Skipped(`${contract.service.folder} is not deployed here`);
    try {
      const services = await read(facts);
      const count = Object.values(services).filter((one) => one !== undefined).length;
      return { found: { services, version }, detail: `${facts.names.cluster()}, ${count} of 2 ECS services` };
    } catch (error) {
      throw new Failure(
        `it gives no answer (${lastWordsOf(error)})`,
        `it takes the AWS CLI and rights to ecs:DescribeServices and ecs:DescribeTaskDefinition: aws ecs describe-clusters --clusters ${facts.names.cluster()} ${facts.aws.join(" ")} tells more; or leave it out: --no-cluster`,
      );
    }
  });
  const serving = (component: "api" | "console"): Check =>
    judged(`version of the ${component}`, ({ services, version }) =>
      running(component, services[component], version, facts),
    );
  return [first, serving("api"), serving("console"), judged("migrations", ({ version }) => migration(version, facts))];
}

function running(
  component: "api" | "console",
  service: TaskService | undefined,
  version: string,
  facts: Facts,
): string {
  const name = shared.serviceAccounts[component];
  if (service?.status !== "ACTIVE") throw new Failure(`there is no ECS service ${name}`, bringBack(facts));
  const { image, desiredCount = 0, runningCount = 0, deployments = [] } = service;
  if (tagOf(image) !== version) {
    throw new Failure(
      `${name} runs ${image}, ${contract.service.folder} says ${version}`,
      `somebody else changed it, or ECS took a version back that didn't come up: ${bringBack(facts)}`,
    );
  }
  if (desiredCount === 0) {
    throw new Failure(
      `${name} is scaled to no tasks at all`,
      `aws ecs update-service --cluster ${facts.names.cluster()} --service ${name} --desired-count 2 ${facts.aws.join(" ")}; the autoscaler goes on from there`,
    );
  }
  const [rollout] = deployments;
  const isDone = deployments.length === 1 && rollout?.rolloutState === "COMPLETED";
  if (!isDone || runningCount < desiredCount) {
    const why = isDone ? "" : `, its rollout is ${rollout?.rolloutState ?? "unknown"}`;
    const reason = isDone || !rollout?.rolloutStateReason ? "" : ` (${rollout.rolloutStateReason})`;
    throw new Failure(
      `${name}: of ${desiredCount} tasks ${runningCount} run${why}${reason}`,
      lookAtPods(facts, component),
    );
  }
  return `${image}, ${runningCount} tasks run`;
}

function migration(version: string, facts: Facts): string {
  const newer = newerSchema(facts, version);
  if (newer !== undefined) return `${version} runs on the schema of ${newer}`;
  const { migrationTask } = facts;
  if (migrationTask === undefined) throw new Failure(`no migrations of ${version} were run`, bringBack(facts));
  return `task ${migrationTask} ended with exit code 0`;
}

/** What the AWS CLI says on its last line; that it isn't there, where it isn't. */
function lastWordsOf(error: unknown): string {
  const { code, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: string };
  if (code === "ENOENT") return "the AWS CLI isn't on PATH";
  const said = stderr?.trim().split("\n").at(-1) ?? "";
  return said === "" ? String(error) : said;
}
