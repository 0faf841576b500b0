import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { RESERVE, type TaskRequest } from "../../../08-service/fargate/taskRunner";
import type { Run, RunOptions } from "../../support/mocks";
import { podOf, runService } from "./run";

const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const SERVICE = "aws:ecs/service:Service";
const INVOCATION = "aws:lambda/invocation:Invocation";
const RULE = "aws:lb/listenerRule:ListenerRule";
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
    // ECS refuses it for tasks without a role.
    expect(inputs(other, SERVICE, "pulumi-console")["enableExecuteCommand"]).toBe(false);
  });

  it("shows a registry's login to that registry alone", async () => {
    const registryCredentialsArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:pulumi/test/registry-AbCdEf";
    const loggedIn = async (config: Json) => {
      const of = await run({ registryCredentialsArn, logDriver: "awsfirelens", logOptions: { Name: "x" }, ...config });
      const containers = ALL.flatMap((name) => containersOf(of, name));
      return containers.filter((one) => one["repositoryCredentials"]).map(({ name }) => name);
    };
    // The mysql client and the log router come from another one.
    expect(await loggedIn({})).toEqual([...SERVERS, "pulumi-migrations"]);
    expect(await loggedIn({ imageRegistry: "registry.example.com/mirror" })).toHaveLength(6);
  });

  it("has files written by a container that ends before the component's own starts, and that alone gets them", async () => {
    const key = "0123456789abcdef0123456789abcdef";
    const of = await run({ localEncryptionKey: key });
    const [api, writer] = containersOf(of, "pulumi-api");
    expect(api.environment).toContainEqual({ name: "PULUMI_LOCAL_KEYS", value: "/encryptionservice/pulumilocalkeys" });
    expect(api["dependsOn"]).toEqual([{ containerName: "files", condition: "SUCCESS" }]);
    const [sourceVolume] = (inputs(of, TASK, "pulumi-api")["volumes"] as Json[]).map((one) => one["name"]);
    const mounted = { sourceVolume, containerPath: "/encryptionservice" };
    expect(api["mountPoints"]).toEqual([{ ...mounted, readOnly: true }]);
    expect(api.secrets.map(({ name }) => name)).not.toContain("FILE_ENCRYPTIONSERVICE_PULUMILOCALKEYS");
    expect(writer).toMatchObject({
      ...{ name: "files", essential: false, user: "0:0", readonlyRootFilesystem: true },
      linuxParameters: { capabilities: { drop: ["ALL"] } },
      mountPoints: [{ ...mounted, readOnly: false }],
    });
    const [content] = writer?.secrets ?? [];
    const kept = JSON.parse(String(inputs(of, SECRET, "pulumi-api")["secretString"])) as Json;
    expect([kept[content?.name ?? ""], writer?.secrets.length]).toEqual([key, 1]);
    // The script runs as any shell would run it.
    const directory = mkdtempSync(join(tmpdir(), "files-"));
    const [shell = "", ...args] = (writer?.["entryPoint"] as string[]).map((one) =>
      one.replaceAll("/encryptionservice", directory),
    );
    execFileSync(shell, args, { env: { [content?.name ?? ""]: key } });
    const path = join(directory, "pulumilocalkeys");
    expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual([key, 0o444]);
    rmSync(directory, { recursive: true });
    expect(containersOf(of, "pulumi-console")).toHaveLength(1);
  });

  it("speaks TLS to the tasks when asked to: group, port, address, and a certificate that the console trusts", async () => {
    const of = await run({ podTls: true });
    const group = of.one("aws:lb/targetGroup:TargetGroup", "api-tasks-tls");
    expect(group.inputs).toMatchObject({ protocol: "HTTPS", port: 8443 });
    const [target] = inputs(of, SERVICE, "pulumi-api")["loadBalancers"] as Json[];
    expect(target).toMatchObject({ targetGroupArn: group.state["arn"], containerPort: 8443 });
    const [app, writer] = containersOf(of, "pulumi-console");
    const plain = Object.fromEntries(app.environment.map(({ name, value }) => [name, value]));
    expect(plain).toMatchObject({
      PULUMI_API_INTERNAL_ENDPOINT: "https://pulumi-api.pulumi-test.internal:8443",
      NODE_EXTRA_CA_CERTS: "/pulumi-tls/ca.pem",
    });
    const certificate = of.one("tls:index/selfSignedCert:SelfSignedCert", "pod-tls");
    expect(certificate.inputs["dnsNames"]).toEqual(["pulumi-api.pulumi-test.internal"]);
    const kept = JSON.parse(String(inputs(of, SECRET, "pulumi-console")["secretString"])) as Json;
    expect(kept[writer?.secrets[0]?.name ?? ""]).toBe(certificate.state["certPem"]);
    expect(inputs(of, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "task-to-api")["fromPort"]).toBe(
      8443,
    );
  });

  it("runs the background jobs in tasks of their own when asked to, which nobody reaches", async () => {
    const jobs = "pulumi-api-jobs";
    const of = await run({ apiMode: "split", jobsReplicas: 2, resources: { jobs: { cpu: 1000, memory: 2048 } } });
    const service = of.one(SERVICE, jobs);
    expect(service.inputs).toMatchObject({ desiredCount: 2, deploymentCircuitBreaker: { enable: true } });
    // ECS takes a grace period only for what a load balancer judges.
    for (const key of ["loadBalancers", "serviceRegistries", "healthCheckGracePeriodSeconds"]) {
      expect(service.inputs[key]).toBeUndefined();
    }
    expect(service.dependsOn).toContain(`${SERVICE}::pulumi-api`);
    expect(inputs(of, TASK, jobs)).toMatchObject({
      ...{ cpu: "1024", memory: "2048" },
      taskRoleArn: inputs(of, TASK, "pulumi-api")["taskRoleArn"],
    });
    const modes = ["pulumi-api", jobs].map(
      (name) => containersOf(of, name)[0].environment.find((one) => one.name === "PULUMI_API_CONTAINER_MODE")?.value,
    );
    expect(modes).toEqual(["API", "JOBS"]);
    expect(containersOf(of, jobs)[0]["portMappings"]).toBeUndefined();
    expect(await refused({ apiMode: "split", resources: { jobs: { cpu: 1500, memory: 2048 } } })).toContain(
      "resources.jobs: Fargate has no task",
    );
  });

  it("runs exactly as many as asked for without the autoscaler", async () => {
    const fixed = await run({ autoscaling: false, apiReplicas: 3 });
    expect(inputs(fixed, SERVICE, "pulumi-api")["desiredCount"]).toBe(3);
    expect(fixed.one(SERVICE, "pulumi-api").ignoreChanges).toEqual([]);
    expect(fixed.ofType("aws:appautoscaling/target:Target")).toEqual([]);
  });
});

async function refused(config: Json): Promise<string> {
  const { error, resources } = await run(config);
  expect(resources).toEqual([]);
  return error?.message ?? "";
}

describe("08-service refuses, before anything is made", () => {
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
    expect(await refused({ clusterName: "theirs" })).toContain(
      "clusterName is set, but this stack's settings leave 03-cluster out",
    );
    const both = await refused({ imagePullSecretName: "registry", priorityClassName: "high" });
    expect(both).toContain(
      "imagePullSecretName means nothing on fargate: give registryCredentialsArn, a secret of Secrets Manager; " +
        "run `pulumi config rm imagePullSecretName`",
    );
    expect(both).toContain("priorityClassName means nothing on fargate");
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

  it("a secret that 01-iam's execution role may not read, wherever it is named", async () => {
    const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
    const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:theirs-AbCdEf";
    const config = {
      secretSources: { smtpPassword: { secretArn } },
      ...{ smtpUsername: "user", smtpServer: "smtp.example.com:587", smtpGenericSender: "pulumi@example.com" },
      extras: { api: { secretEnvironment: { TOKEN: { secretArn } } } },
      ...{
        logDriver: "splunk",
        logOptions: { "splunk-url": "https://x" },
        logSecretOptions: { "splunk-token": secretArn },
      },
      registryCredentialsArn: secretArn,
    };
    const of = (name: string) =>
      run(config, { upstream: { iam: { taskExecutionRoleArn: role(name) } } }).then(
        ({ error }) => error?.message ?? "",
      );
    const said = await of("pulumi-test-task-execution");
    for (const where of [
      "secretSources.smtpPassword",
      "extras.api.TOKEN",
      "logSecretOptions.splunk-token",
      "registryCredentialsArn",
    ]) {
      expect(said).toContain(`${where}: 01-iam lets the tasks' execution role read secrets named pulumi/test/… alone`);
    }
    // What another one may read is not for us to say.
    expect(await of("theirs")).toBe("");
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
