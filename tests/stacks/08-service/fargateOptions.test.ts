import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ALL, SECRET, SERVERS, SERVICE, TASK, containersOf, inputs, runFargate as run, type Json } from "./fargateRun";
import { podOf, runService } from "./run";

async function refused(config: Json): Promise<string> {
  const { error, resources } = await run(config);
  expect(resources).toEqual([]);
  return error?.message ?? "";
}

describe("08-service on Fargate, when asked to", () => {
  it("logs to groups with an end, under the key, and the migrations' whatever the driver", async () => {
    const usual = await run();
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

  it("is refused in a VPC that resolves no names, where the console would come up and never find the API", async () => {
    const getVpc = () => ({ enableDnsHostnames: false, enableDnsSupport: true });
    const { error, resources } = await run({}, { invokes: { "aws:ec2/getVpc:getVpc": getVpc } });
    expect(error?.message).toMatch(/vpcId: vpc-\w+ resolves no names; run `aws ec2 modify-vpc-attribute --vpc-id vpc-/);
    expect(resources).toEqual([]);
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
