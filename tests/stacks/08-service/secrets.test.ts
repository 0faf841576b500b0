import { describe, expect, it } from "@jest/globals";
import { exampleOutputs, type Run } from "../../support/mocks";
import { environmentOf, podOf, runService, variablesOf } from "./run";

const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:pulumi/test/license-AbCdEf";
const READ = "aws:secretsmanager/getSecretVersion:getSecretVersion";
const API = "pulumi-api";
const fargate = { platform: "fargate" };
const TASK = "aws:ecs/taskDefinition:TaskDefinition";

const holding = (secretString: string) => ({ invokes: { [READ]: () => ({ secretString }) } });

interface TaskContainer {
  readonly name: string;
  readonly environment: { name: string; value: string }[];
  readonly secrets: { name: string; valueFrom: string }[];
}
const taskOf = (run: Run, name: string) =>
  (JSON.parse(String(run.one(TASK, name).inputs["containerDefinitions"])) as TaskContainer[])[0];

describe("08-service: secrets kept elsewhere", () => {
  it("come from Secrets Manager, whole or one key of it, and stay secret in the state", async () => {
    const config = { licenseKey: undefined, secretSources: { licenseKey: { secretArn: ARN } } };
    const whole = await runService(config, holding("Canary-managed"));
    expect(whole.error).toBeUndefined();
    expect(environmentOf(whole, API).secret["PULUMI_LICENSE_KEY"]).toBe("Canary-managed");
    for (const { readable } of whole.resources) expect(readable).not.toContain("Canary");

    const member = { ...config, secretSources: { licenseKey: { secretArn: ARN, jsonKey: "jwt" } } };
    const part = await runService(member, holding('{"jwt":"Canary-member"}'));
    expect(environmentOf(part, API).secret["PULUMI_LICENSE_KEY"]).toBe("Canary-member");
  });

  it("roll the pods when the value in Secrets Manager is another one", async () => {
    const config = { licenseKey: undefined, secretSources: { licenseKey: { secretArn: ARN } } };
    const checksum = async (value: string) =>
      podOf(await runService(config, holding(value)), API).metadata.annotations?.["pulumi-selfhosted/secrets-checksum"];
    expect(await checksum("one")).not.toBe(await checksum("two"));
  });

  it("come from a Secret of the namespace by reference, and this stack then makes none of it", async () => {
    const run = await runService({
      ...{ licenseKey: undefined, smtpServer: "smtp.example.com:587", smtpGenericSender: "a@example.com" },
      smtpUsername: "user",
      secretSources: {
        licenseKey: { secretName: "licence", key: "jwt" },
        smtpPassword: { secretName: "mail", key: "password" },
      },
    });
    expect(run.error).toBeUndefined();
    expect(variablesOf(run, API)).toEqual(
      expect.arrayContaining([
        { name: "PULUMI_LICENSE_KEY", valueFrom: { secretKeyRef: { name: "licence", key: "jwt" } } },
        { name: "SMTP_PASSWORD", valueFrom: { secretKeyRef: { name: "mail", key: "password" } } },
      ]),
    );
    const own = run.one("kubernetes:core/v1:Secret", API).inputs["stringData"] as Record<string, string>;
    expect(Object.keys(own)).toEqual(["PULUMI_DATABASE_USER_PASSWORD", "PULUMI_SEARCH_PASSWORD"]);
  });

  it("open the local encryption key as a file too, and then no KMS key is asked for", async () => {
    const run = await runService({ secretSources: { localEncryptionKey: { secretName: "key", key: "local" } } });
    expect(run.error).toBeUndefined();
    expect(environmentOf(run, API).plain["PULUMI_KMS_KEY"]).toBeUndefined();
    expect(podOf(run, API).spec["volumes"]).toContainEqual({
      name: "pulumilocalkeys",
      secret: { secretName: "key", items: [{ key: "local", path: "pulumilocalkeys" }] },
    });
    expect(run.outputs["encryption"]).toBe("local key in Secret key");
  });

  it("go into Fargate's task definitions as places, and the program reads nothing", async () => {
    const run = await runService({
      ...{ ...fargate, licenseKey: undefined, agGridLicenseKey: "grid" },
      secretSources: { licenseKey: { secretArn: ARN, jsonKey: "jwt" } },
      extras: { console: { secretEnvironment: { TOKEN: { secretArn: ARN } } } },
    });
    expect(run.error).toBeUndefined();
    expect(taskOf(run, API)?.secrets).toContainEqual({ name: "PULUMI_LICENSE_KEY", valueFrom: `${ARN}:jwt::` });
    expect(taskOf(run, "pulumi-console")?.secrets).toContainEqual({ name: "TOKEN", valueFrom: ARN });
    expect(run.invokes).not.toContain(READ);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["set here and placed elsewhere", { secretSources: { licenseKey: { secretArn: ARN } } }, "licenseKey is set, and"],
    ["of no key that is one", { secretSources: { imageTag: { secretArn: ARN } } }, "must be one of licenseKey"],
    ["half placed", { secretSources: { smtpPassword: { secretName: "mail" } } }, "[smtpPassword] must be { secretArn"],
    [
      "that has half of its pair",
      { secretSources: { githubOauthSecret: { secretName: "oauth", key: "github" } } },
      "githubOauthSecret is set without githubOauthId",
    ],
    [
      "whose JSON has no such key",
      { licenseKey: undefined, secretSources: { licenseKey: { secretArn: ARN, jsonKey: "jwt" } } },
      "holds no JSON object with the text jwt; run `aws secretsmanager put-secret-value",
    ],
    [
      "in a Kubernetes Secret for Fargate",
      { ...fargate, licenseKey: undefined, secretSources: { licenseKey: { secretName: "licence", key: "jwt" } } },
      "secretSources.licenseKey: Fargate knows no Kubernetes Secrets; give secretArn",
    ],
  ])("are refused when %s", async (_what, config, message) => {
    const run = await runService(config, holding("no json"));
    expect(run.error?.message).toContain(message);
    expect(run.resources).toEqual([]);
  });

  it("are refused with AWS's own words when they can't be read", async () => {
    const run = await runService(
      { licenseKey: undefined, secretSources: { licenseKey: { secretArn: ARN } } },
      {
        invokes: {
          [READ]: () => {
            throw new Error("AccessDeniedException: not yours");
          },
        },
      },
    );
    expect(run.error?.message).toContain(`${ARN} can't be read (AccessDeniedException: not yours)`);
  });
});

describe("08-service: registry and audit", () => {
  it("are off, and ask nothing of 05-database that it doesn't make by itself", async () => {
    const names = Object.keys(environmentOf(await runService(), API).plain);
    expect(names.filter((name) => /REGISTRY|AUDIT/.test(name))).toEqual([]);
  });

  it("give the API 05-database's buckets and table", async () => {
    const database = exampleOutputs("database");
    expect(environmentOf(await runService({ registry: "stack", audit: "stack" }), API).plain).toMatchObject({
      PULUMI_REGISTRY_PUBLIC_BLOB_STORAGE_ENDPOINT: `s3://${String(database["registryPublicBucketName"])}`,
      PULUMI_REGISTRY_PRIVATE_BLOB_STORAGE_ENDPOINT: `s3://${String(database["registryPrivateBucketName"])}`,
      PULUMI_AUDIT_LOGS_DYNAMO_TABLE: database["auditTableName"],
    });
  });
});
