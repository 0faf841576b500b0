import { beforeAll, describe, expect, it } from "@jest/globals";
import { expectHardenedBucket } from "../../support/buckets";
import { exampleOutputs, runStack, type Run } from "../../support/mocks";

interface Statement {
  readonly Sid: string;
  readonly Action: string | string[];
  readonly Principal: Record<string, string>;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

const RESTORER = "arn:aws:iam::123456789012:role/restorer";

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

  it("copies every bucket to another region when asked to: each to its own, with a key of there, deletions not", async () => {
    const copied = await runStack("database", { config: { replicaRegion: "us-west-2", registryBuckets: true } });
    expect(copied.error).toBeUndefined();
    const key = copied.one("aws:kms/key:Key", "replica");
    expect(key.inputs["region"]).toBe("us-west-2");
    expect(key.protect).toBe(true);
    // Its policy leaves it to IAM, and by the alias 01-iam lets S3's role encrypt the copies.
    expect(statements(copied, "replica")).toEqual([expect.objectContaining({ Effect: "Allow", Action: "kms:*" })]);
    expect(copied.one("aws:kms/alias:Alias", "replica").inputs).toMatchObject({
      name: "alias/pulumi-test-replica",
      region: "us-west-2",
    });
    const parts = ["checkpoints", "policy-packs", "events", "registry-public", "registry-private"];
    for (const part of parts) {
      expectHardenedBucket(copied, `${part}-replica`, key.state["arn"]);
      const replica = copied.one("aws:s3/bucket:Bucket", `${part}-replica`);
      expect(replica.inputs["bucket"]).toBe(`pulumi-test-${part}-replica-123456789012-us-east-1`);
      const inThere = copied.resources.filter(({ inputs }) => inputs["bucket"] === replica.inputs["bucket"]);
      expect(inThere.map(({ inputs }) => inputs["region"])).toEqual(inThere.map(() => "us-west-2"));
      const { inputs, dependsOn } = copied.one("aws:s3/bucketReplicationConfig:BucketReplicationConfig", part);
      expect(inputs["role"]).toBe(exampleOutputs("iam")["replicationRoleArn"]);
      expect(inputs["rules"]).toEqual([
        expect.objectContaining({
          status: "Enabled",
          deleteMarkerReplication: { status: "Disabled" },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
          destination: {
            bucket: replica.state["arn"],
            encryptionConfiguration: { replicaKmsKeyId: key.state["arn"] },
          },
        }),
      ]);
      // S3 refuses to copy between buckets that don't keep versions yet.
      for (const name of [part, `${part}-replica`]) {
        expect(dependsOn).toContain(`aws:s3/bucketVersioning:BucketVersioning::${name}`);
      }
    }
    expect(run.ofType("aws:s3/bucketReplicationConfig:BucketReplicationConfig")).toEqual([]);
  });

  it("copies deletions, and within a promised time, when asked to", async () => {
    const copied = await runStack("database", {
      config: { replicaRegion: "us-west-2", replicateDeletes: true, replicationTimeControl: true },
    });
    const { inputs } = copied.one("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "events");
    expect(inputs["rules"]).toEqual([
      expect.objectContaining({
        deleteMarkerReplication: { status: "Enabled" },
        destination: expect.objectContaining({
          replicationTime: { status: "Enabled", time: { minutes: 15 } },
          metrics: { status: "Enabled", eventThreshold: { minutes: 15 } },
        }) as unknown,
      }),
    ]);
  });

  it("keeps what only the service reads to the VPC, locks nobody out of the bucket, and lets AWS's copiers in", async () => {
    const config = { bucketsFromVpcOnly: true, bucketsOpenTo: [RESTORER], replicaRegion: "us-west-2" };
    const closed = await runStack("database", { config });
    const doors = (name: string) => {
      const { policy } = closed.one("aws:s3/bucketPolicy:BucketPolicy", name).inputs;
      const all = (JSON.parse(String(policy)) as { Statement: Statement[] }).Statement;
      return all.find(({ Sid }) => Sid === "VpcOnly");
    };
    const { replicationRoleArn, backupRoleArn } = exampleOutputs("iam");
    for (const name of ["checkpoints", "events"]) {
      expect(doors(name)).toMatchObject({
        Resource: `arn:aws:s3:::pulumi-test-${name}-123456789012-us-east-1/*`,
        Condition: {
          StringNotEquals: { "aws:SourceVpc": exampleOutputs("networking")["vpcId"] },
          ArnNotLike: { "aws:PrincipalArn": [RESTORER, backupRoleArn, replicationRoleArn] },
        },
      });
      // On objects alone: what Pulumi itself does from outside, s3:ListBucket for HeadBucket too, stays open.
      for (const action of doors(name)?.Action ?? []) expect(action).toMatch(/Object|Multipart/);
    }
    // Clients fetch these by themselves, by addresses that the service signs; the copies have no VPC near them.
    for (const name of ["policy-packs", "checkpoints-replica"]) expect(doors(name)).toBeUndefined();
  });

  it("refuses to close the buckets to a VPC without an endpoint for S3, and keys that contradict each other", async () => {
    const refused = await runStack("database", {
      config: { bucketsFromVpcOnly: true, replicaRegion: "us-east-1" },
      invokes: {
        "aws:ec2/getVpcEndpoint:getVpcEndpoint": ({ serviceName }) => {
          throw new Error(`no matching EC2 VPC Endpoint found: ${String(serviceName)}`);
        },
      },
    });
    expect(refused.error?.message).toContain("bucketsFromVpcOnly needs a gateway endpoint for S3");
    expect(refused.error?.message).toContain("com.amazonaws.us-east-1.s3");
    expect(refused.error?.message).toContain("replicaRegion is us-east-1, the buckets' own");
    const alone = await runStack("database", { config: { bucketsOpenTo: [RESTORER], replicateDeletes: true } });
    expect(alone.error?.message).toContain("bucketsOpenTo means nothing without bucketsFromVpcOnly");
    expect(alone.error?.message).toContain("replicateDeletes means nothing without replicaRegion");
    expect([...refused.resources, ...alone.resources]).toEqual([]);
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

  it("isn't made when one is given, which must have the same keys", async () => {
    const withTable = (indexKey: string) =>
      runStack("database", {
        config: { auditTable: true, auditTableName: "theirs" },
        invokes: {
          "aws:dynamodb/getTable:getTable": () => ({
            hashKey: "org_id",
            rangeKey: "timestamp_id",
            globalSecondaryIndexes: [{ name: "org_user", hashKey: indexKey, rangeKey: "timestamp_id" }],
          }),
        },
      });
    const run = await withTable("org_user_id");
    expect(run.outputs["auditTableName"]).toBe("theirs");
    expect(run.ofType("aws:dynamodb/table:Table")).toEqual([]);
    const other = await withTable("user");
    expect(other.error?.message).toContain("auditTableName theirs must have the keys org_id, timestamp_id");
    expect(other.resources).toEqual([]);
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
    const granted = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Resource: "*" };
    expect(account).toMatchObject(granted);
    expect(service).toMatchObject({
      ...granted,
      Condition: { ArnEquals: { "aws:PrincipalArn": [exampleOutputs("iam")["apiRoleArn"]] } },
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

  it("goes last: what stops a destroy, a bucket that isn't empty or the database, stops it before this key", async () => {
    const run = await runStack("database");
    expect(run.one("aws:kms/key:Key", "data").dependsOn).toContain("aws:kms/key:Key::app");
    expect(run.one("aws:rds/cluster:Cluster").dependsOn).toContain("aws:kms/key:Key::data");
  });

  it("names the task's role instead on Fargate", async () => {
    const run = await runStack("database", { config: { platform: "fargate" } });
    expect(statements(run, "app")[1]?.Condition).toEqual({
      ArnEquals: { "aws:PrincipalArn": [exampleOutputs("iam")["apiTaskRoleArn"]] },
    });
  });

  it("has the administrators that were named, and the root user, so that it never belongs to nobody", async () => {
    const run = await runStack("database", { config: { encryptionKeyAdministratorArns: [RESTORER] } });
    expect(statements(run, "app")[0]).toMatchObject({
      Principal: { AWS: "arn:aws:iam::123456789012:root" },
      Condition: { ArnEquals: { "aws:PrincipalArn": ["arn:aws:iam::123456789012:root", RESTORER] } },
    });
    expect(statements(await runStack("database"), "app")[0]?.Condition).toBeUndefined();
  });

  it("can be made for several regions", async () => {
    const run = await runStack("database", { config: { multiRegionKey: true } });
    expect(run.one("aws:kms/key:Key", "app").inputs["multiRegion"]).toBe(true);
    expect(run.one("aws:kms/key:Key", "data").inputs["multiRegion"]).toBe(false);
    expect(run.ofType("aws:kms/replicaKey:ReplicaKey")).toEqual([]);
  });

  it("has its replica beside the buckets' copies, under the same policy, and it stays when the stack goes", async () => {
    const run = await runStack("database", { config: { multiRegionKey: true, replicaRegion: "us-west-2" } });
    const [key, replica] = [run.one("aws:kms/key:Key", "app"), run.one("aws:kms/replicaKey:ReplicaKey")];
    expect(replica.inputs).toMatchObject({
      primaryKeyArn: key.state["arn"],
      region: "us-west-2",
      policy: key.inputs["policy"],
      deletionWindowInDays: 30,
    });
    expect([replica.protect, replica.retainOnDelete]).toEqual([true, true]);
    const single = await runStack("database", { config: { replicaRegion: "us-west-2" } });
    expect(single.ofType("aws:kms/replicaKey:ReplicaKey")).toEqual([]);
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
      invokes: { "aws:kms/getKey:getKey": () => ({ enabled: false, keyUsage: "SIGN_VERIFY", keyManager: "AWS" }) },
    });
    expect(run.error?.message).toContain("is disabled or being deleted");
    expect(run.error?.message).toContain("is a SIGN_VERIFY key");
    expect(run.error?.message).toContain("is AWS's own");
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

  it("of a living installation stays of one region or of several, whichever it was made as", async () => {
    const single = String(exampleOutputs("database")["encryptionKeyArn"]);
    const several = single.replace(/[^/]+$/, "mrk-0123456789abcdef0123456789abcdef");
    const refusal = async (encryptionKeyArn: string, multiRegionKey: boolean) => {
      const run = await runStack("database", {
        config: { multiRegionKey, protect: false },
        upstream: { database: { encryptionKeyArn, encryptionKeyOrigin: "made" } },
      });
      if (run.error) expect(run.resources).toEqual([]);
      return run.error?.message;
    };
    expect(await refusal(several, true)).toBeUndefined();
    expect(await refusal(single, true)).toContain(
      "another key could never read them; run `pulumi config set multiRegionKey false`",
    );
    expect(await refusal(several, false)).toContain("run `pulumi config set multiRegionKey true`");
  });

  it("lets CloudWatch use the data key for the database's logs only", async () => {
    const logs = statements(await runStack("database"), "data").find(({ Sid }) => Sid === "CloudWatchLogs");
    expect(logs).toMatchObject({
      Effect: "Allow",
      Principal: { Service: "logs.us-east-1.amazonaws.com" },
      Resource: "*",
    });
    expect(logs?.Condition).toEqual({
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/rds/cluster/*",
      },
    });
  });
});
