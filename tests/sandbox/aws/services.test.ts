import { describe, expect, it } from "@jest/globals";
import type { Properties } from "../../../sandbox/provider/types";
import { Account, policy, text } from "./account";

describe("KMS and Secrets Manager", () => {
  const root = { AWS: "arn:aws:iam::123456789012:root" };
  it.each<[rule: string, inputs: Properties, message: string]>([
    ["a window of 3 days", { deletionWindowInDays: 3 }, "7 to 30"],
    ["rotation every 30 days", { rotationPeriodInDays: 30 }, "90 to 2560"],
    [
      "a policy that locks everybody out",
      { policy: policy({ Effect: "Allow", Principal: root, Action: "kms:Encrypt", Resource: "*" }) },
      "update the key policy",
    ],
  ])("refuses a key with %s", async (_rule, inputs, message) => {
    await expect(new Account().make("kms/key", inputs)).rejects.toThrow(message);
  });

  it("finds a key by id, ARN and alias, and refuses aliases that are misnamed, AWS's own or taken", async () => {
    const account = new Account();
    const key = await account.make("kms/key");
    const targetKeyId = key.id;
    await expect(account.make("kms/alias", { name: "app", targetKeyId })).rejects.toThrow("alias/");
    await expect(account.make("kms/alias", { name: "alias/aws/app", targetKeyId })).rejects.toThrow(
      "NotAuthorizedException",
    );
    await account.make("kms/alias", { name: "alias/app", targetKeyId });
    await expect(account.make("kms/alias", { name: "alias/app", targetKeyId })).rejects.toThrow(
      "AlreadyExistsException",
    );
    for (const [name, kmsKeyId] of Object.entries({
      id: key.id,
      arn: text(key.properties, "arn"),
      alias: "alias/app",
    })) {
      await expect(account.make("secretsmanager/secret", { name, kmsKeyId })).resolves.toBeDefined();
    }
  });

  it("refuses a recovery window of 3 days, a name twice, and a value twice over", async () => {
    const account = new Account();
    await expect(account.make("secretsmanager/secret", { recoveryWindowInDays: 3 })).rejects.toThrow("7 to 30");
    const { id: secretId } = await account.make("secretsmanager/secret", { name: "app", recoveryWindowInDays: 0 });
    await expect(account.make("secretsmanager/secret", { name: "app" })).rejects.toThrow("ResourceExistsException");
    const version = { secretId, secretString: "a", secretBinary: "b" };
    await expect(account.make("secretsmanager/secretVersion", version)).rejects.toThrow("InvalidParameterException");
  });
});

describe("queues, topics, tables, logs, alarms", () => {
  it.each<[type: string, inputs: Properties, message: string]>([
    ["cloudwatch/logGroup", { retentionInDays: 45 }, "retentionInDays"],
    ["cloudwatch/metricAlarm", { comparisonOperator: "Over", evaluationPeriods: 1 }, "comparisonOperator"],
    [
      "cloudwatch/metricAlarm",
      { comparisonOperator: "GreaterThanThreshold", evaluationPeriods: 1, period: 45 },
      "multiple of 60",
    ],
    ["cloudwatch/eventRule", { scheduleExpression: "every 5 minutes" }, "ScheduleExpression"],
    ["cloudwatch/dashboard", { dashboardName: "main", dashboardBody: "{" }, "no JSON"],
    ["sqs/queue", { name: "app.fifo" }, ".fifo"],
    ["sqs/queue", { visibilityTimeoutSeconds: 43_201 }, "visibilityTimeoutSeconds"],
    ["sns/topic", { fifoTopic: true, name: "app" }, ".fifo"],
    [
      "dynamodb/table",
      { billingMode: "PAY_PER_REQUEST", hashKey: "id", attributes: [{ name: "other", type: "S" }] },
      "key attributes",
    ],
    ["dynamodb/table", { hashKey: "id", attributes: [{ name: "id", type: "S" }] }, "readCapacity"],
    ["ssm/parameter", { type: "Text", value: "a" }, "SecureString"],
    ["backup/plan", { rules: [{ ruleName: "daily", targetVaultName: "none" }] }, "ResourceNotFoundException"],
  ])("refuses a %s of %j", async (type, inputs, message) => {
    await expect(new Account().make(type, inputs)).rejects.toThrow(message);
  });

  it("deletes an event rule only without targets", async () => {
    const account = new Account();
    const queue = await account.make("sqs/queue", { name: "events" });
    const rule = await account.make("cloudwatch/eventRule", { name: "spot", eventPattern: '{"source":["aws.ec2"]}' });
    await expect(
      account.make("cloudwatch/eventTarget", { rule: "spot", arn: `${text(queue.properties, "arn")}x` }),
    ).rejects.toThrow("does not exist");
    await account.make("cloudwatch/eventTarget", { rule: "spot", arn: text(queue.properties, "arn") });
    await expect(account.destroy("cloudwatch/eventRule", rule)).rejects.toThrow("ValidationException");
  });
});

describe("Cloud Map", () => {
  it("wants a VPC with DNS, and one namespace of a name in it", async () => {
    const account = new Account();
    const { id: vpc } = await account.make("ec2/vpc", { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true });
    const { id: deaf } = await account.make("ec2/vpc", { cidrBlock: "10.1.0.0/16" });
    const namespace = (of: string) =>
      account.make("servicediscovery/privateDnsNamespace", { name: "a.internal", vpc: of });
    await expect(namespace(deaf)).rejects.toThrow("DNS host names");
    const made = await namespace(vpc);
    await expect(namespace(vpc)).rejects.toThrow("NamespaceAlreadyExists");
    const empty = { name: "b", dnsConfig: { namespaceId: made.id, dnsRecords: [] }, healthCheckCustomConfig: {} };
    await expect(account.make("servicediscovery/service", empty)).rejects.toThrow("empty block");
    await account.make("servicediscovery/service", {
      name: "api",
      dnsConfig: { namespaceId: made.id, dnsRecords: [{ type: "A", ttl: 10 }] },
    });
    await expect(account.destroy("servicediscovery/privateDnsNamespace", made)).rejects.toThrow("ResourceInUse");
  });
});
