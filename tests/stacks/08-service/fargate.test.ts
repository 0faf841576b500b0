import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Run, RunOptions } from "../../support/mocks";
import { podOf, runService } from "./run";

const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const SERVICE = "aws:ecs/service:Service";
const INVOCATION = "aws:lambda/invocation:Invocation";
const SECRET = "aws:secretsmanager/secretVersion:SecretVersion";
const SERVERS = ["pulumi-api", "pulumi-console"];
const ONE_SHOTS = ["pulumi-database-user", "pulumi-migrations"];
const ALL = [...SERVERS, ...ONE_SHOTS];

type Json = Record<string, unknown>;
interface Container extends Json {
  readonly name: string;
  readonly environment: { readonly name: string; readonly value: string }[];
  readonly secrets: { readonly name: string; readonly valueFrom: string }[];
}

/** 03 and 04 are never deployed. */
const run = (config: Json = {}, options: RunOptions = {}) =>
  runService(
    { platform: "fargate", ...config },
    { ...options, upstream: { cluster: false, clusterServices: false, ...options.upstream } },
  );
const containersOf = (of: Run, name: string) =>
  JSON.parse(String(of.one(TASK, name).inputs["containerDefinitions"])) as [Container, ...Container[]];
const inputs = (of: Run, type: string, name: string) => of.one(type, name).inputs;

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
      expect(dependsOn).toContain(`${INVOCATION}::pulumi-migrations`);
      expect(dependsOn).toContain("aws:lb/listenerRule:ListenerRule::api");
    }
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
    expect(JSON.stringify(inputs(usual, "aws:lb/listenerRule:ListenerRule", component))).toContain(
      String(group.state["arn"]),
    );
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

  it("logs to groups with an end, under the key, and the migrations' whatever the driver", async () => {
    for (const name of [...ALL, "task-runner"]) {
      expect(inputs(usual, "aws:cloudwatch/logGroup:LogGroup", name)).toMatchObject({
        name: `/pulumi-selfhosted/pulumi/test/${name}`,
        retentionInDays: 30,
        kmsKeyId: usual.one("aws:kms/key:Key", "tasks").state["arn"],
      });
    }
    const apikey = "arn:aws:secretsmanager:us-east-1:123456789012:secret:pulumi/test/datadog-AbCdEf";
    const routed = await run({
      logDriver: "awsfirelens",
      logOptions: { Name: "datadog" },
      logSecretOptions: { apikey },
    });
    const [api, router] = containersOf(routed, "pulumi-api");
    expect(api["logConfiguration"]).toEqual({
      logDriver: "awsfirelens",
      options: { Name: "datadog" },
      secretOptions: [{ name: "apikey", valueFrom: apikey }],
    });
    expect(router).toMatchObject({ name: "log-router", firelensConfiguration: { type: "fluentbit" } });
    expect(containersOf(routed, "pulumi-migrations")).toHaveLength(1);
    expect(containersOf(routed, "pulumi-migrations")[0]["logConfiguration"]).toMatchObject({ logDriver: "awslogs" });
  });

  it("takes a given key, another processor, another registry's login, and a shell, when asked to", async () => {
    const taskKeyArn = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd";
    const registryCredentialsArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:pulumi/test/registry-AbCdEf";
    const other = await run({ taskKeyArn, registryCredentialsArn, taskArchitecture: "arm64", taskExec: true });
    expect(other.ofType("aws:kms/key:Key")).toEqual([]);
    expect(inputs(other, TASK, "pulumi-api")["runtimePlatform"]).toMatchObject({ cpuArchitecture: "ARM64" });
    expect(containersOf(other, "pulumi-api")[0]).toMatchObject({
      repositoryCredentials: { credentialsParameter: registryCredentialsArn },
      readonlyRootFilesystem: false,
    });
    expect(inputs(other, SERVICE, "pulumi-api")["enableExecuteCommand"]).toBe(true);
  });

  it("runs exactly as many as asked for without the autoscaler", async () => {
    const fixed = await run({ autoscaling: false, apiReplicas: 3 });
    expect(inputs(fixed, SERVICE, "pulumi-api")["desiredCount"]).toBe(3);
    expect(fixed.one(SERVICE, "pulumi-api").ignoreChanges).toEqual([]);
    expect(fixed.ofType("aws:appautoscaling/target:Target")).toEqual([]);
  });
});

describe("08-service refuses, before anything is made", () => {
  const refused = async (config: Json) => {
    const { error, resources } = await run(config);
    expect(resources).toEqual([]);
    return error?.message ?? "";
  };

  it("a size that Fargate doesn't sell, and says which comes next", async () => {
    expect(await refused({ resources: { api: { cpu: 1500, memory: 3000 } } })).toContain(
      "resources.api: Fargate has no task of 1500 thousandths of a core and 3000 MiB; the next size is { cpu: 2000, memory: 4096 }",
    );
    expect(await refused({ resources: { console: { cpu: 500, memory: 512 } } })).toContain(
      "{ cpu: 500, memory: 1024 }",
    );
    expect((await run({ resources: { api: { cpu: 4000, memory: 30720 } } })).error).toBeUndefined();
    // A pod may have any.
    const [pod] = podOf(await runService({ resources: { api: { cpu: 1500, memory: 3000 } } }), "pulumi-api").spec
      .containers;
    expect((pod["resources"] as Json)["requests"]).toEqual({ cpu: "1500m", memory: "3000Mi" });
  });

  it("what only EKS heeds on Fargate, and the other way round", async () => {
    const said = await refused({
      imagePullSecretName: "registry",
      localEncryptionKey: "0123456789abcdef0123456789abcdef",
      clusterName: "theirs",
    });
    expect(said).toContain("clusterName is set, but this stack's settings leave 03-cluster out");
    const both = await refused({
      imagePullSecretName: "registry",
      localEncryptionKey: "0123456789abcdef0123456789abcdef",
    });
    expect(both).toContain(
      "imagePullSecretName means nothing on fargate: give registryCredentialsArn, a secret of Secrets Manager; " +
        "run `pulumi config rm imagePullSecretName`",
    );
    expect(both).toContain("localEncryptionKey means nothing on fargate");
    const eks = await runService({ taskArchitecture: "arm64", logDriver: "splunk" });
    expect(eks.error?.message).toContain(
      "taskArchitecture means nothing on eks; run `pulumi config rm taskArchitecture`",
    );
    expect(eks.error?.message).toContain("logDriver means nothing on eks");
  });

  it("a log driver without a destination, and options that no driver reads", async () => {
    expect(await refused({ logDriver: "awsfirelens" })).toContain("says not where to");
    expect(await refused({ logOptions: { Name: "datadog" } })).toContain("mean nothing with awslogs");
  });

  it("a role that the tasks, or the function, can't take on", async () => {
    const role = (inputs: Json) => ({
      ...inputs,
      arn: `arn:aws:iam::123456789012:role/${String(inputs["name"])}`,
      assumeRolePolicy: JSON.stringify({
        Statement: { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
      }),
    });
    const { error } = await run({}, { invokes: { "aws:iam/getRole:getRole": role } });
    for (const key of ["taskExecutionRoleArn", "apiTaskRoleArn", "migrationsTaskRoleArn"]) {
      expect(error?.message).toContain(`${key}: role name does not let ecs-tasks.amazonaws.com use it`);
    }
    expect(error?.message).toContain("taskRunnerRoleArn: role name does not let lambda.amazonaws.com use it");
  });
});
