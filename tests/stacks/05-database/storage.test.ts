import { beforeAll, describe, expect, it } from "@jest/globals";
import { expectHardenedBucket } from "../../support/buckets";
import { exampleOutputs, runStack, type Run } from "../../support/mocks";

interface Statement {
  readonly Sid: string;
  readonly Action: string | string[];
  readonly Principal: Record<string, string>;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

function statements(run: Run, key: string): Statement[] {
  const { policy } = run.one("aws:kms/key:Key", key).inputs;
  return (JSON.parse(String(policy)) as { Statement: Statement[] }).Statement;
}

describe("05-database: state buckets", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runStack("database");
  });

  it.each(["checkpoints", "policy-packs", "events"])("hardens %s", (name) => {
    expectHardenedBucket(run, name, run.one("aws:kms/key:Key", "data").state["arn"]);
  });

  it("uses each given bucket by itself", async () => {
    const given = await runStack("database", { config: { eventsBucketName: "theirs" } });
    expect(given.outputs["eventsBucketName"]).toBe("theirs");
    expect(given.ofType("aws:s3/bucket:Bucket").map(({ name }) => name)).toEqual(["checkpoints", "policy-packs"]);
  });

  it("writes access logs where asked, each bucket below its own name", async () => {
    const logged = await runStack("database", { config: { accessLogsBucketName: "our-logs" } });
    const logs = logged.ofType("aws:s3/bucketLogging:BucketLogging").map(({ inputs }) => inputs);
    expect(logs.map((log) => [log["targetBucket"], log["targetPrefix"]])).toEqual(
      ["checkpoints", "policy-packs", "events"].map((part) => [
        "our-logs",
        `pulumi-test-${part}-123456789012-us-east-1/`,
      ]),
    );
    expect(run.ofType("aws:s3/bucketLogging:BucketLogging")).toEqual([]);
  });

  it("makes the registry's buckets when asked to, hardened like the others, and otherwise not", async () => {
    const registry = await runStack("database", { config: { registryBuckets: true } });
    for (const name of ["registry-public", "registry-private"]) {
      expectHardenedBucket(registry, name, registry.one("aws:kms/key:Key", "data").state["arn"]);
    }
    expect(registry.outputs).toMatchObject({
      registryPublicBucketName: "pulumi-test-registry-public-123456789012-us-east-1",
      registryPrivateBucketName: "pulumi-test-registry-private-123456789012-us-east-1",
    });
    expect(run.ofType("aws:s3/bucket:Bucket")).toHaveLength(3);
    expect(Object.keys(run.outputs).filter((name) => name.startsWith("registry"))).toEqual([]);
  });

  it("refuses one bucket for two purposes", async () => {
    const same = await runStack("database", {
      config: { eventsBucketName: "theirs", checkpointsBucketName: "theirs" },
    });
    expect(same.error?.message).toContain("two of the buckets given are one and the same");
    expect(same.resources).toEqual([]);
  });
});

describe("05-database: the audit table", () => {
  it("has the keys and the index that the service asks for, encrypted, restorable, protected", async () => {
    const run = await runStack("database", { config: { auditTable: true } });
    const { inputs, protect } = run.one("aws:dynamodb/table:Table");
    expect(inputs).toMatchObject({
      hashKey: "org_id",
      rangeKey: "timestamp_id",
      globalSecondaryIndexes: [
        { name: "org_user", hashKey: "org_user_id", rangeKey: "timestamp_id", projectionType: "ALL" },
      ],
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: run.one("aws:kms/key:Key", "data").state["arn"] },
      deletionProtectionEnabled: true,
    });
    expect(protect).toBe(true);
    expect(run.outputs["auditTableName"]).toBe("pulumi-test-audit-logs");
  });

  it("isn't made when one is given", async () => {
    const run = await runStack("database", { config: { auditTable: true, auditTableName: "theirs" } });
    expect(run.outputs["auditTableName"]).toBe("theirs");
    expect(run.ofType("aws:dynamodb/table:Table")).toEqual([]);
  });
});

describe("05-database: the key that encrypts the service's secrets", () => {
  it("lets the API's role use it without a grant by hand, and nobody else (B12)", async () => {
    const run = await runStack("database");
    expect(run.one("aws:kms/key:Key", "app").inputs).toMatchObject({
      enableKeyRotation: true,
      deletionWindowInDays: 30,
    });
    const [account, service, ...others] = statements(run, "app");
    expect(others).toEqual([]);
    expect(service?.Condition).toEqual({
      ArnEquals: { "aws:PrincipalArn": [exampleOutputs("iam")["apiRoleArn"]] },
    });
    expect(service?.Action).toEqual(
      expect.arrayContaining([
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
      ]),
    );
    // Administrators manage it; no action of theirs reads or writes data.
    expect(account?.Action).toEqual(expect.arrayContaining(["kms:Put*", "kms:ScheduleKeyDeletion"]));
    expect(account?.Action).not.toContain("kms:*");
    expect(account?.Action).not.toContain("kms:Decrypt");
  });

  it("names the task's role instead on Fargate", async () => {
    const run = await runStack("database", { config: { platform: "fargate" } });
    expect(statements(run, "app")[1]?.Condition).toEqual({
      ArnEquals: { "aws:PrincipalArn": [exampleOutputs("iam")["apiTaskRoleArn"]] },
    });
  });

  it("can be made for several regions", async () => {
    const run = await runStack("database", { config: { multiRegionKey: true } });
    expect(run.one("aws:kms/key:Key", "app").inputs["multiRegion"]).toBe(true);
    expect(run.one("aws:kms/key:Key", "data").inputs["multiRegion"]).toBe(false);
  });

  it("goes by the aliases that 01-iam grants on", async () => {
    const run = await runStack("database");
    expect(
      run
        .ofType("aws:kms/alias:Alias")
        .map(({ inputs }) => String(inputs["name"]))
        .sort(),
    ).toEqual(["alias/pulumi-test-app", "alias/pulumi-test-data"]);
  });

  it("is refused when it is given but disabled, or of the wrong sort", async () => {
    const run = await runStack("database", {
      config: { encryptionKeyArn: exampleOutputs("database")["encryptionKeyArn"] },
      secrets: [],
      invokes: { "aws:kms/getKey:getKey": () => ({ enabled: false, keyUsage: "SIGN_VERIFY" }) },
    });
    expect(run.error?.message).toContain("is disabled or being deleted");
    expect(run.error?.message).toContain("is a SIGN_VERIFY key");
    expect(run.resources).toEqual([]);
  });

  it("is kept by a living installation: neither exchanged nor left out (B of PULUMI_KMS_KEY)", async () => {
    const theirs = String(exampleOutputs("database")["encryptionKeyArn"]);
    const other = theirs.replace(/.$/, "e");
    const refusal = async (origin: string, encryptionKeyArn?: string) => {
      const run = await runStack("database", {
        config: encryptionKeyArn === undefined ? {} : { encryptionKeyArn },
        secrets: [],
        upstream: { database: { encryptionKeyArn: theirs, encryptionKeyOrigin: origin } },
      });
      if (run.error) expect(run.resources).toEqual([]);
      return run.error?.message;
    };
    expect(await refusal("given", theirs)).toBeUndefined();
    expect(await refusal("made")).toBeUndefined();
    expect(await refusal("given", other)).toContain(
      `with ${other} they could never be read again; run \`pulumi config set encryptionKeyArn ${theirs}`,
    );
    expect(await refusal("given")).toContain("with a new key they could never be read again");
    expect(await refusal("made", other)).toContain("run `pulumi config rm encryptionKeyArn`");
  });

  it("lets CloudWatch use the data key for the database's logs only", async () => {
    const logs = statements(await runStack("database"), "data").find(({ Sid }) => Sid === "CloudWatchLogs");
    expect(logs?.Principal).toEqual({ Service: "logs.us-east-1.amazonaws.com" });
    expect(logs?.Condition).toEqual({
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/rds/cluster/*",
      },
    });
  });
});
