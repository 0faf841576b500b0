import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Properties } from "../../../sandbox/provider/types";
import { Account, policy, text } from "./account";

/** An archive as the engine hands it over. */
const archive = (code: string): Properties => ({
  "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7",
  assets: { "index.js": { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: code } },
});

const RUN = `
  const { ECS } = require("@aws-sdk/client-ecs");
  exports.handler = async ({ family, subnets }) => {
    const ecs = new ECS({});
    const networkConfiguration = { awsvpcConfiguration: { subnets, securityGroups: [] } };
    const { tasks: [{ taskArn }] } = await ecs.runTask({ cluster: "main", taskDefinition: family, networkConfiguration });
    for (;;) {
      const { tasks: [task] } = await ecs.describeTasks({ cluster: "main", tasks: [taskArn] });
      if (task.lastStatus === "STOPPED") return task;
    }
  };`;

describe("Lambda", () => {
  let account: Account;
  let role: string;
  beforeEach(async () => {
    account = new Account();
    role = await account.role("runner", "lambda.amazonaws.com");
  });

  const lambda = (code: string, more: Properties = {}) =>
    account.make("lambda/function", {
      name: "runner",
      role,
      runtime: "nodejs22.x",
      handler: "index.handler",
      code: archive(code),
      ...more,
    });
  const invoke = async (input: unknown) =>
    JSON.parse(
      text(
        (await account.make("lambda/invocation", { functionName: "runner", input: JSON.stringify(input) })).properties,
        "result",
      ),
    ) as unknown;

  it.each<[rule: string, inputs: Properties, message: string]>([
    ["a time that Lambda doesn't grant", { timeout: 901 }, "timeout is 901"],
    ["a runtime that is no more", { runtime: "nodejs12.x" }, "runtime is nodejs12.x"],
    ["a handler that no file holds", { handler: "other.handler" }, "no file for the handler"],
    ["a log group that doesn't exist", { loggingConfig: { logFormat: "Text", logGroup: "/none" } }, "does not exist"],
  ])("refuses a function with %s", async (_rule, inputs, message) => {
    await expect(lambda("", inputs)).rejects.toThrow(message);
  });

  it("refuses a role that Lambda can't take on", async () => {
    const other = await account.role("other", "ec2.amazonaws.com");
    await expect(lambda("", { role: other })).rejects.toThrow("lambda.amazonaws.com");
  });

  it("runs a function's code, and hands its result or its error over", async () => {
    await lambda("exports.handler = async ({ a }) => { if (a < 0) throw new TypeError('below'); return a + 1; };");
    expect(await invoke({ a: 1 })).toBe(2);
    await expect(invoke({ a: -1 })).rejects.toThrow('{"errorType":"TypeError","errorMessage":"below"}');
  });

  describe("that runs a task", () => {
    const container = { name: "job", image: "job:1" };
    let subnets: string[];
    const allow = (statement: Properties, name = "rights") =>
      account.make("iam/rolePolicy", { role: "runner", policy: policy({ Effect: "Allow", ...statement }) }, name);
    const define = (more: Properties = {}) =>
      account.make("ecs/taskDefinition", {
        family: "job",
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: "256",
        memory: "512",
        containerDefinitions: JSON.stringify([{ ...container, ...more }]),
        executionRoleArn: "arn:aws:iam::123456789012:role/execution",
      });
    beforeEach(async () => {
      subnets = (await account.network(2)).subnetIds;
      await account.make("ecs/cluster", { name: "main" });
      await account.role("execution", "ecs-tasks.amazonaws.com");
      await lambda(RUN);
    });

    it("needs the rights for it, the task's roles among them", async () => {
      await define();
      await expect(invoke({ family: "job", subnets })).rejects.toThrow("not authorized to perform: ecs:RunTask");
      await allow({ Action: ["ecs:RunTask", "ecs:DescribeTasks"], Resource: "*" });
      await expect(invoke({ family: "job", subnets })).rejects.toThrow("not authorized to perform: iam:PassRole");
      await allow({ Action: "iam:PassRole", Resource: "arn:aws:iam::123456789012:role/exec*" }, "pass");
      expect(await invoke({ family: "job", subnets })).toMatchObject({ containers: [{ name: "job", exitCode: 0 }] });
    });

    it("sees it fail where its log group or its secret isn't there", async () => {
      await allow({ Action: ["ecs:*", "iam:PassRole"], Resource: "*" });
      await define({ logConfiguration: { logDriver: "awslogs", options: { "awslogs-group": "/none" } } });
      expect(await invoke({ family: "job", subnets })).toMatchObject({
        containers: [{ reason: "ResourceInitializationError: log group /none does not exist" }],
      });
      const secret = await account.make("secretsmanager/secret", { name: "kept" });
      const secretArn = text(secret.properties, "arn");
      await account.make("secretsmanager/secretVersion", { secretId: secretArn, secretString: '{"ONE":"1"}' });
      await define({ secrets: [{ name: "ONE", valueFrom: `${secretArn}:ONE::` }] });
      expect(JSON.stringify(await invoke({ family: "job", subnets, again: 1 }))).toContain(
        "secretsmanager:GetSecretValue",
      );
      await account.make("iam/rolePolicy", {
        role: "execution",
        policy: policy({ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: "*" }),
      });
      expect(await invoke({ family: "job", subnets, again: 2 })).toMatchObject({ containers: [{ exitCode: 0 }] });
      await define({ secrets: [{ name: "TWO", valueFrom: `${secretArn}:TWO::` }] });
      expect(JSON.stringify(await invoke({ family: "job", subnets, again: 3 }))).toContain(
        "did not contain json key TWO",
      );
    });
  });
});
