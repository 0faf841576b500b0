import { beforeAll, describe, expect, it } from "@jest/globals";
import { RESERVE, type TaskRequest } from "../../../08-service/fargate/taskRunner";
import type { Run } from "../../support/mocks";
import {
  ALL,
  ONE_SHOTS,
  SECRET,
  SERVERS,
  SERVICE,
  TASK,
  containersOf,
  inputs,
  runFargate as run,
  type Json,
} from "./fargateRun";
import { runService } from "./run";

const INVOCATION = "aws:lambda/invocation:Invocation";
const RULE = "aws:lb/listenerRule:ListenerRule";

describe("08-service on Fargate", () => {
  let usual: Run;
  beforeAll(async () => {
    usual = await run();
  });

  it("needs no cluster: asks 03 and 04 nothing and makes nothing of Kubernetes", () => {
    expect(usual.error).toBeUndefined();
    expect(usual.references.filter((stack) => /03-|04-/.test(stack))).toEqual([]);
    expect(usual.resources.filter(({ type }) => /^kubernetes:|:eks\//.test(type))).toEqual([]);
  });

  it("publishes what it publishes on EKS, so that 09 can't tell", async () => {
    expect(usual.outputs).toEqual((await runService()).outputs);
  });

  it("gives every container the variables that it has on EKS, but for the way to the API", async () => {
    const eks = await runService();
    for (const name of ALL) {
      const workloads = [...eks.ofType("kubernetes:apps/v1:Deployment"), ...eks.ofType("kubernetes:batch/v1:Job")];
      const spec = workloads.find((one) => one.name === name)?.inputs["spec"] as {
        template: { spec: { containers: [{ env: { name: string }[]; command?: string[] }] } };
      };
      const there = spec.template.spec.containers[0].env.map((one) => one.name).sort();
      const [container] = containersOf(usual, name);
      expect([...container.environment, ...container.secrets].map((one) => one.name).sort()).toEqual(there);
      // Kubernetes' command is ECS's entry point.
      expect(container["entryPoint"]).toEqual(spec.template.spec.containers[0].command);
      expect(container["command"]).toBeUndefined();
    }
    const internal = containersOf(usual, "pulumi-console")[0].environment.find(
      (one) => one.name === "PULUMI_API_INTERNAL_ENDPOINT",
    );
    expect(internal?.value).toBe("http://pulumi-api.pulumi-test.internal:8080");
    expect(inputs(usual, "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace", "service")["name"]).toBe(
      "pulumi-test.internal",
    );
  });

  it.each(ALL)("%s is nobody in particular on a read-only root, without capabilities", (name) => {
    const [container, ...others] = containersOf(usual, name);
    expect(others).toEqual([]);
    expect(container).toMatchObject({
      user: "1000:1000",
      readonlyRootFilesystem: true,
      linuxParameters: { capabilities: { drop: ["ALL"] }, tmpfs: [{ containerPath: "/tmp", size: 256 }] },
    });
  });

  it.each([
    ["pulumi-api", "medium", "2048", "4096"],
    ["pulumi-console", "medium", "512", "1024"],
    ["pulumi-console", "small", "256", "512"],
    ["pulumi-api", "large", "4096", "8192"],
    ["pulumi-migrations", "medium", "256", "512"],
  ])("%s of size %s has the next size that Fargate sells, %s units and %s MiB", async (name, size, cpu, memory) => {
    expect(inputs(await run({ size }), TASK, name)).toMatchObject({
      cpu,
      memory,
      requiresCompatibilities: ["FARGATE"],
    });
  });

  it("keeps secrets in Secrets Manager under a key, one secret a component, by version, and none in the definition", () => {
    for (const name of ["pulumi-api", ...ONE_SHOTS]) {
      const kept = JSON.parse(String(inputs(usual, SECRET, name)["secretString"])) as Json;
      const [container] = containersOf(usual, name);
      expect(container.secrets.map((one) => one.name).sort()).toEqual(Object.keys(kept).sort());
      for (const { name: variable, valueFrom } of container.secrets) {
        expect(valueFrom).toBe(
          `arn:aws:secretsmanager:us-east-1:123456789012:secret:pulumi/test/${name}-AbCdEf:${variable}::version-of-${name}`,
        );
      }
      expect(inputs(usual, "aws:secretsmanager/secret:Secret", name)).toMatchObject({
        kmsKeyId: usual.one("aws:kms/key:Key", "tasks").state["arn"],
        recoveryWindowInDays: 0,
      });
    }
    // Nothing to keep: no AG Grid licence, no sign-in by others.
    expect(usual.ofType(SECRET).map(({ name }) => name)).not.toContain("pulumi-console");
    for (const { type, name, readable } of usual.resources) {
      expect([type, name, readable.match(/Licence-Canary-1|Generated-[\w-]+/g)]).toEqual([type, name, null]);
    }
  });

  it("runs the user, then the migrations, then the servers", () => {
    expect(usual.one(INVOCATION, "pulumi-migrations").dependsOn).toContain(`${INVOCATION}::pulumi-database-user`);
    for (const name of SERVERS) {
      const { dependsOn } = usual.one(SERVICE, name);
      expect(dependsOn).toContain(`${INVOCATION}::pulumi-migrations-5`);
      expect(dependsOn).toContain(`${RULE}::attach-api-tasks`);
    }
  });

  it("waits for migrations as long as they may take, a Lambda function after the other", () => {
    const invocations = usual.ofType(INVOCATION).filter(({ name }) => name.startsWith("pulumi-migrations"));
    const requests = invocations.map((one) => JSON.parse(String(one.inputs["input"])) as TaskRequest);
    const [first] = requests;
    const grants = Number(inputs(usual, "aws:lambda/function:Function", "task-runner")["timeout"]) - RESERVE / 1000;
    expect(grants * invocations.length).toBeGreaterThanOrEqual(first?.deadlineSeconds ?? Infinity);
    expect(requests.map(({ isLast }) => isLast)).toEqual([false, false, false, false, true]);
    expect(new Set(requests.map(({ run: name }) => name)).size).toBe(1);
    expect(requests.map(({ before }) => before?.task)).toEqual([
      undefined,
      ...["pulumi-migrations", ...[2, 3, 4].map((number) => `pulumi-migrations-${number}`)],
    ]);
  });

  it("migrates again for another version, not for another password, size or license", async () => {
    const request = async (config: Json, password = "Owner-Password-1") => {
      const changed = await run(config, { upstream: { database: { databasePassword: password } } });
      return inputs(changed, INVOCATION, "pulumi-migrations")["input"];
    };
    const first = await request({});
    expect(
      await request(
        { licenseKey: "another", resources: { migrations: { cpu: 1000, memory: 2048 } } },
        "Owner-Password-2",
      ),
    ).toBe(first);
    expect(await request({ imageTag: "3.45.0" })).not.toBe(first);
  });

  it("makes the API's user again when its password changes", async () => {
    const request = (of: Run) => inputs(of, INVOCATION, "pulumi-database-user")["input"];
    const other = await run({}, { computed: { [SECRET]: (_inputs, name) => ({ versionId: `another-${name}` }) } });
    expect(request(other)).not.toBe(request(usual));
  });

  it.each(SERVERS)(
    "%s is rolled out beside the old tasks, in private subnets, and taken back when it fails",
    (name) => {
      expect(inputs(usual, SERVICE, name)).toMatchObject({
        launchType: "FARGATE",
        desiredCount: 2,
        deploymentMinimumHealthyPercent: 100,
        deploymentMaximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        healthCheckGracePeriodSeconds: 300,
        waitForSteadyState: true,
        enableExecuteCommand: false,
        networkConfiguration: {
          assignPublicIp: false,
          subnets: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
          securityGroups: ["sg-0123456789abcdef0"],
        },
      });
      // How many there are is the autoscaler's to say.
      expect(usual.one(SERVICE, name).ignoreChanges).toEqual(["desiredCount"]);
      expect(inputs(usual, "aws:appautoscaling/target:Target", name)).toMatchObject({
        resourceId: `service/pulumi-test/${name}`,
        minCapacity: 2,
        maxCapacity: 8,
      });
      expect(JSON.stringify(inputs(usual, "aws:appautoscaling/policy:Policy", name))).toContain('"targetValue":55');
    },
  );

  it.each([
    ["api", "pulumi-api", 8080],
    ["console", "pulumi-console", 3000],
  ])("puts the tasks of %s into a group of their own behind the same rule", (component, name, containerPort) => {
    const [target] = inputs(usual, SERVICE, name)["loadBalancers"] as Json[];
    const group = usual.one("aws:lb/targetGroup:TargetGroup", `${component}-tasks`);
    expect(group.inputs).toMatchObject({ targetType: "ip", port: containerPort });
    expect(target).toEqual({ targetGroupArn: group.state["arn"], containerName: name, containerPort });
    expect(JSON.stringify(inputs(usual, RULE, component))).toContain(String(group.state["arn"]));
  });

  it("sends users to another platform, or protocol, only once that serves", async () => {
    const variants = [usual, await runService(), await run({ podTls: true }), await runService({ podTls: true })];
    const attached = variants.flatMap((one) => {
      const rules = one.ofType(RULE);
      const servers = rules.filter(({ name }) => !name.startsWith("attach-")).map(({ dependsOn }) => dependsOn);
      for (const name of SERVERS) {
        for (const after of servers) expect(after.some((urn) => urn.endsWith(`::${name}`))).toBe(true);
      }
      return rules.filter(({ name }) => name.startsWith("attach-"));
    });
    // Two variants stand side by side for the time of a move, and nobody meets a rule that only attaches.
    expect(new Set(attached.map(({ inputs: { priority } }) => priority)).size).toBe(8);
    for (const { inputs: rule } of attached) {
      expect(rule["priority"]).toBeGreaterThan(20);
      expect(rule["conditions"]).toEqual([{ sourceIp: { values: ["192.0.2.1/32"] } }]);
    }
  });

  it("gives each task the role that is meant for it, and the console none: it only speaks to the API", async () => {
    const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
    const own = await run({
      taskExecutionRoleArn: role("execution"),
      apiTaskRoleArn: role("api"),
      migrationsTaskRoleArn: role("one-shot"),
      taskRunnerRoleArn: role("runner"),
    });
    for (const name of ALL) expect(inputs(own, TASK, name)["executionRoleArn"]).toBe(role("execution"));
    const roles = ALL.map((name) => inputs(own, TASK, name)["taskRoleArn"]);
    expect(roles).toEqual([role("api"), undefined, role("one-shot"), role("one-shot")]);
    expect(inputs(own, "aws:lambda/function:Function", "task-runner")["role"]).toBe(role("runner"));
  });
});
