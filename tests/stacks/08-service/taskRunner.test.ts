import { runInNewContext } from "node:vm";
import { describe, expect, it } from "@jest/globals";
import { runnerCode } from "../../../08-service/fargate/runner";
import {
  runToItsEnd,
  type EcsClient,
  type EcsTask,
  type handler,
  type TaskRequest,
} from "../../../08-service/fargate/taskRunner";

const request: TaskRequest = {
  family: "pulumi-prod-pulumi-migrations",
  container: "pulumi-migrations",
  run: "pulumi-0123456789abcdef",
  deadlineSeconds: 3600,
  logGroup: "/pulumi-selfhosted/pulumi/prod/pulumi-migrations",
  logStreamPrefix: "task",
  cluster: "pulumi-prod",
  platformVersion: "1.4.0",
  subnets: ["subnet-1"],
  securityGroups: ["sg-1"],
  isLast: true,
};
const LOG =
  "aws logs tail /pulumi-selfhosted/pulumi/prod/pulumi-migrations --since 1d --log-stream-names task/pulumi-migrations/0a1b";

/** An ECS whose task goes through `states`, one at each look. */
function ecsWith(
  states: readonly EcsTask[],
  others: { readonly running?: readonly EcsTask[]; readonly failures?: { reason: string }[] } = {},
) {
  const asked: [string, Readonly<Record<string, unknown>>][] = [];
  const left = states.map((state): EcsTask => ({ taskArn: "arn:aws:ecs:us-east-1:1:task/pulumi-prod/0a1b", ...state }));
  const { running = [] } = others;
  const ecs: EcsClient = {
    listTasks: (input) => {
      asked.push(["listTasks", input]);
      return Promise.resolve({ taskArns: running.map(({ taskArn = "" }) => taskArn) });
    },
    describeTasks: ({ tasks }) => {
      const isListed = tasks.length > 0 && tasks[0]?.startsWith("arn:");
      return Promise.resolve({ tasks: isListed ? [...running] : [left.shift() ?? {}] });
    },
    runTask: (input) => {
      asked.push(["runTask", input]);
      return Promise.resolve(others.failures ? { failures: others.failures } : { tasks: [left.shift() ?? {}] });
    },
    stopTask: (input) => {
      asked.push(["stopTask", input]);
      return Promise.resolve({});
    },
  };
  return { ecs, asked };
}

const plenty = () => 900_000;
const stopped = (container: object, stoppedReason = "Essential container in task exited"): EcsTask => ({
  lastStatus: "STOPPED",
  stoppedReason,
  containers: [{ name: "pulumi-migrations", ...container }],
});
const waiting: EcsTask = { lastStatus: "RUNNING", createdAt: new Date() };
const end = (ecs: EcsClient, remaining = plenty, more: Partial<TaskRequest> = {}) =>
  runToItsEnd(ecs, { ...request, ...more }, remaining, 1);
const done = { task: "0a1b", isDone: true };

describe("the function that runs one-shot tasks", () => {
  it("starts one task, waits for its end and says that it succeeded", async () => {
    const { ecs, asked } = ecsWith([{ lastStatus: "PROVISIONING" }, waiting, stopped({ exitCode: 0 })]);
    expect(await end(ecs)).toEqual(done);
    expect(asked.map(([what]) => what)).toEqual(["listTasks", "runTask"]);
    expect(asked[1]?.[1]).toMatchObject({
      taskDefinition: request.family,
      count: 1,
      startedBy: request.run,
      networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"], assignPublicIp: "DISABLED" } },
    });
  });

  it.each([
    ["an exit code", stopped({ exitCode: 1 }), "ended with exit code 1 (Essential container in task exited)"],
    [
      "an image that can't be pulled",
      stopped({ reason: "CannotPullContainerError: manifest unknown" }, "Task failed to start"),
      "did not start (CannotPullContainerError: manifest unknown; Task failed to start)",
    ],
  ])("fails with %s, and says where the log is", async (_what, state, message) => {
    const { ecs } = ecsWith([waiting, state]);
    await expect(end(ecs)).rejects.toThrow(`task 0a1b of pulumi-prod-pulumi-migrations ${message}; its log: ${LOG}`);
  });

  it("leaves a task that takes longer than Lambda grants, and joins it the next time instead of starting another", async () => {
    const first = ecsWith([waiting, waiting, waiting]);
    await expect(end(first.ecs, () => 10_000)).rejects.toThrow("goes on; run `pulumi up` again to wait for it");
    const going = { ...waiting, taskArn: "arn:aws:ecs:us-east-1:1:task/pulumi-prod/0a1b", startedBy: request.run };
    const { ecs, asked } = ecsWith([stopped({ exitCode: 0 })], { running: [going] });
    await end(ecs);
    expect(asked.map(([what]) => what)).toEqual(["listTasks"]);
  });

  it("hands a task that takes longer than Lambda grants over to the next invocation", async () => {
    const before = { task: "0a1b", isDone: false };
    const first = ecsWith([waiting, waiting]);
    expect(await end(first.ecs, () => 10_000, { isLast: false })).toEqual(before);
    const going = { ...waiting, taskArn: "arn:aws:ecs:us-east-1:1:task/pulumi-prod/0a1b", startedBy: request.run };
    for (const { ecs, asked } of [
      // It goes on; it has succeeded meanwhile.
      ecsWith([stopped({ exitCode: 0 })], { running: [going] }),
      ecsWith([stopped({ exitCode: 0 })]),
    ]) {
      expect(await end(ecs, plenty, { before })).toEqual(done);
      expect(asked.map(([what]) => what)).toEqual(["listTasks"]);
    }
    // It has failed meanwhile, or in an earlier `pulumi up`: it runs again.
    const again = ecsWith([stopped({ exitCode: 1 }), waiting, stopped({ exitCode: 0 })]);
    expect(await end(again.ecs, plenty, { before })).toEqual(done);
    expect(again.asked.map(([what]) => what)).toEqual(["listTasks", "runTask"]);
    // There is nothing left to wait for.
    const nothing = ecsWith([]);
    expect(await end(nothing.ecs, plenty, { before: done })).toEqual(done);
    expect(nothing.asked).toEqual([]);
  });

  it("starts nothing beside another run of the same schema", async () => {
    const other = { ...waiting, taskArn: "arn:aws:ecs:us-east-1:1:task/pulumi-prod/9f9f", startedBy: "pulumi-another" };
    const { ecs, asked } = ecsWith([], { running: [other] });
    await expect(end(ecs)).rejects.toThrow("task/pulumi-prod/9f9f); wait for its end");
    expect(asked.map(([what]) => what)).toEqual(["listTasks"]);
  });

  it("stops what is not done in its time", async () => {
    const old = { lastStatus: "RUNNING", createdAt: new Date(Date.now() - 3_601_000) };
    const { ecs, asked } = ecsWith([old]);
    await expect(end(ecs)).rejects.toThrow("was not done after 3600 s and has been stopped");
    expect(asked.at(-1)).toEqual(["stopTask", expect.objectContaining({ task: "0a1b" })]);
  });

  it("waits for ECS's service-linked role, which comes with an account's first cluster", async () => {
    const { ecs } = ecsWith([stopped({ exitCode: 0 })]);
    const refusals = [new Error("Unable to assume the service linked role."), undefined];
    const runTask = ecs.runTask.bind(ecs);
    ecs.runTask = (input) => {
      const refusal = refusals.shift();
      return refusal ? Promise.reject(refusal) : runTask(input);
    };
    expect(await end(ecs)).toEqual(done);
    ecs.runTask = () => Promise.reject(new Error("AccessDeniedException"));
    await expect(end(ecs)).rejects.toThrow("AccessDeniedException");
  });

  it("tells why ECS started nothing", async () => {
    const { ecs } = ecsWith([], { failures: [{ reason: "RESOURCE:ENI" }] });
    await expect(end(ecs)).rejects.toThrow("ECS did not start pulumi-prod-pulumi-migrations: RESOURCE:ENI");
  });

  it("is uploaded as JavaScript that Lambda can call, and needs nothing but the SDK of Lambda's runtime", async () => {
    const needed: string[] = [];
    const { ecs } = ecsWith([stopped({ exitCode: 0 })]);
    const exported: { handler?: typeof handler } = {};
    runInNewContext(runnerCode(), {
      exports: exported,
      require: (name: string) => {
        needed.push(name);
        return {
          ECS: function () {
            return ecs;
          },
        };
      },
    });
    expect(await exported.handler?.(request, { getRemainingTimeInMillis: plenty })).toEqual(done);
    expect(needed).toEqual(["@aws-sdk/client-ecs"]);
  });
});
