import { beforeAll, describe, expect, it } from "@jest/globals";
import { outputSpecs } from "@selfhosted/common";
import { exampleOutputs, runStack, type Run } from "../../support/mocks";

const GIVEN_DATABASE = {
  databaseEndpoint: "db.corp.example",
  databasePort: 3307,
  databaseName: "pulumi",
  databaseUsername: "owner",
  databasePassword: "Their-Password-1",
};

describe("05-database: Aurora", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runStack("database");
  });
  const cluster = () => run.one("aws:rds/cluster:Cluster");

  it("publishes the whole contract but the parts that are off, the password as a secret", () => {
    expect(run.error).toBeUndefined();
    const always = outputSpecs("database").filter(([, { madeWith }]) => madeWith === undefined);
    expect(Object.keys(run.outputs).sort()).toEqual(always.map(([name]) => name).sort());
    expect(run.secretOutputs).toEqual(["databasePassword"]);
  });

  it("is encrypted with its own key, protected, backed up, and leaves a snapshot that no other has the name of", () => {
    const { inputs, protect } = cluster();
    expect(protect).toBe(true);
    expect(inputs).toMatchObject({
      storageEncrypted: true,
      kmsKeyId: run.one("aws:kms/key:Key", "data").state["arn"],
      deletionProtection: true,
      skipFinalSnapshot: false,
      copyTagsToSnapshot: true,
      backupRetentionPeriod: 14,
    });
    expect(run.ofType("random:index/randomId:RandomId").map(({ name }) => name)).toEqual(["final-snapshot"]);
    expect(cluster().dependsOn).toContain("random:index/randomId:RandomId::final-snapshot");
  });

  it("has the strict mode that migrations need, on the cluster, and no general log (B20)", () => {
    const group = run.one("aws:rds/clusterParameterGroup:ClusterParameterGroup");
    const parameters = group.inputs["parameters"] as { name: string; value: string }[];
    const value = Object.fromEntries(parameters.map((one) => [one.name, one.value]));
    expect(value["sql_mode"]).toContain("STRICT_TRANS_TABLES");
    expect(value).toMatchObject({ general_log: "0", slow_query_log: "1", require_secure_transport: "OFF" });
    expect(run.ofType("aws:rds/parameterGroup:ParameterGroup")).toEqual([]);
  });

  it("names everything after the installation, so that two fit into one account and an orphan is found (B20)", () => {
    expect(cluster().inputs["clusterIdentifier"]).toBe("pulumi-test-database");
    const instances = run.ofType("aws:rds/clusterInstance:ClusterInstance").map(({ inputs }) => inputs["identifier"]);
    expect(instances).toEqual(["pulumi-test-database-0", "pulumi-test-database-1"]);
  });

  it("lies in the isolated subnets and admits only the workload security group, on its one port", () => {
    const network = exampleOutputs("networking");
    expect(run.one("aws:rds/subnetGroup:SubnetGroup").inputs["subnetIds"]).toEqual(network["isolatedSubnetIds"]);
    const group = run.one("aws:ec2/securityGroup:SecurityGroup");
    expect(cluster().inputs["vpcSecurityGroupIds"]).toEqual([group.state["id"]]);
    expect(group.inputs["ingress"] ?? group.inputs["egress"]).toBeUndefined();
    const rules = run.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    expect(rules.map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({
        securityGroupId: group.state["id"],
        referencedSecurityGroupId: network["workloadSecurityGroupId"],
        fromPort: 3306,
        toPort: 3306,
        ipProtocol: "tcp",
      }),
    ]);
    expect(run.ofType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")).toEqual([]);
  });

  it("owns the log groups it writes to, which are there before it", () => {
    const groups = run.ofType("aws:cloudwatch/logGroup:LogGroup");
    expect(groups.map(({ inputs }) => inputs["name"])).toEqual(
      ["audit", "error", "slowquery"].map((log) => `/aws/rds/cluster/pulumi-test-database/${log}`),
    );
    expect(cluster().inputs["enabledCloudwatchLogsExports"]).toEqual(["audit", "error", "slowquery"]);
    for (const { name, inputs } of groups) {
      expect(inputs["retentionInDays"]).toBe(90);
      expect(cluster().dependsOn).toContain(`aws:cloudwatch/logGroup:LogGroup::${name}`);
    }
  });

  it("starts the writer first, watches instances, and none is public", () => {
    const instances = run.ofType("aws:rds/clusterInstance:ClusterInstance");
    expect(instances[1]?.dependsOn).toContain("aws:rds/clusterInstance:ClusterInstance::database-0");
    for (const { inputs, protect } of instances) {
      expect(protect).toBe(true);
      expect(inputs).toMatchObject({
        publiclyAccessible: false,
        monitoringInterval: 60,
        monitoringRoleArn: exampleOutputs("iam")["databaseMonitoringRoleArn"],
        performanceInsightsEnabled: true,
      });
    }
  });

  it("keeps the generated password in Secrets Manager and nowhere readable", () => {
    const password = String(run.one("random:index/randomPassword:RandomPassword").state["result"]);
    expect(run.outputs["databasePassword"]).toBe(password);
    const version = run.one("aws:secretsmanager/secretVersion:SecretVersion");
    expect(JSON.parse(String(version.inputs["secretString"]))).toMatchObject({ username: "pulumi", password });
    expect(run.one("aws:secretsmanager/secret:Secret").inputs).toMatchObject({ recoveryWindowInDays: 30 });
    for (const { readable } of run.resources) expect(readable).not.toContain(password);
  });
});

describe("05-database: switches", () => {
  it("protects everything, so that a refused destroy leaves all of it as it was", async () => {
    const run = await runStack("database");
    expect(run.resources.filter(({ protect }) => !protect)).toEqual([]);
  });

  it("lets go of every protection by one key, and then of the secret's name at once", async () => {
    const run = await runStack("database", { config: { protect: false } });
    expect(run.resources.filter(({ protect }) => protect)).toEqual([]);
    expect(run.one("aws:rds/cluster:Cluster").inputs["deletionProtection"]).toBe(false);
    expect(run.one("aws:secretsmanager/secret:Secret").inputs["recoveryWindowInDays"]).toBe(0);
  });

  it("makes as many readers as asked for, also serverless ones", async () => {
    const run = await runStack("database", {
      config: { readers: 3, instanceClass: "db.serverless", serverlessMaxCapacity: 16 },
    });
    expect(run.ofType("aws:rds/clusterInstance:ClusterInstance")).toHaveLength(4);
    expect(run.one("aws:rds/cluster:Cluster").inputs["serverlessv2ScalingConfiguration"]).toEqual({
      minCapacity: 0.5,
      maxCapacity: 16,
    });
  });

  it("starts from a snapshot once: a later change of the key doesn't replace a living database", async () => {
    const run = await runStack("database", { config: { restoreFromSnapshot: "last-good" } });
    const { inputs, ignoreChanges } = run.one("aws:rds/cluster:Cluster");
    expect(inputs["snapshotIdentifier"]).toBe("last-good");
    expect(ignoreChanges).toEqual(["snapshotIdentifier", "restoreToPointInTime"]);
  });

  it("starts from another cluster's past, or as its clone", async () => {
    const point = async (config: Record<string, unknown>) => {
      const run = await runStack("database", { config: { restoreFromCluster: "pulumi-old-database", ...config } });
      return run.one("aws:rds/cluster:Cluster").inputs["restoreToPointInTime"];
    };
    expect(await point({ restoreToTime: "2026-01-31T12:00:00Z" })).toEqual({
      sourceClusterIdentifier: "pulumi-old-database",
      restoreType: "full-copy",
      restoreToTime: "2026-01-31T12:00:00Z",
    });
    expect(await point({ restoreType: "copy-on-write" })).toEqual({
      sourceClusterIdentifier: "pulumi-old-database",
      restoreType: "copy-on-write",
      useLatestRestorableTime: true,
    });
  });

  it("refuses two origins, a moment of nothing, a copy without a plan", async () => {
    const run = await runStack("database", {
      config: {
        restoreFromSnapshot: "a",
        restoreToTime: "2026-01-31T12:00:00Z",
        backupCopyVaultArn: "arn:aws:backup:us-west-2:123456789012:backup-vault:vault",
      },
    });
    expect(run.error?.message).toContain("restoreToTime means nothing without restoreFromCluster");
    expect(run.error?.message).toContain("backupCopyVaultArn means nothing without backupPlan");
    const both = await runStack("database", { config: { restoreFromSnapshot: "a", restoreFromCluster: "b" } });
    expect(both.error?.message).toContain("restoreFromSnapshot and restoreFromCluster are both set");
    expect([...run.resources, ...both.resources]).toEqual([]);
  });

  it("has AWS Backup keep database and buckets together, with a copy elsewhere, when asked to", async () => {
    const vaultArn = "arn:aws:backup:us-west-2:999999999999:backup-vault:far";
    const run = await runStack("database", { config: { backupPlan: true, backupCopyVaultArn: vaultArn } });
    expect(run.error).toBeUndefined();
    expect(run.one("aws:backup/vault:Vault").inputs["kmsKeyArn"]).toBe(run.one("aws:kms/key:Key", "data").state["arn"]);
    expect(run.one("aws:backup/plan:Plan").inputs["rules"]).toEqual([
      expect.objectContaining({
        lifecycle: { deleteAfter: 35 },
        copyActions: [{ destinationVaultArn: vaultArn, lifecycle: { deleteAfter: 35 } }],
      }),
    ]);
    const { inputs } = run.one("aws:backup/selection:Selection");
    expect(inputs["iamRoleArn"]).toBe(exampleOutputs("iam")["backupRoleArn"]);
    expect(inputs["resources"]).toEqual([
      run.one("aws:rds/cluster:Cluster").state["arn"],
      ...["checkpoints", "policy-packs", "events"].map((part) => run.one("aws:s3/bucket:Bucket", part).state["arn"]),
    ]);
    expect(run.resources.filter(({ protect }) => !protect)).toEqual([]);
  });

  it("requires TLS when asked to", async () => {
    const run = await runStack("database", { config: { requireTls: true } });
    expect(run.one("aws:rds/clusterParameterGroup:ClusterParameterGroup").inputs["parameters"]).toContainEqual({
      name: "require_secure_transport",
      value: "ON",
    });
  });

  it("refuses capacities the wrong way round", async () => {
    const run = await runStack("database", { config: { serverlessMinCapacity: 8, serverlessMaxCapacity: 4 } });
    expect(run.error?.message).toContain("serverlessMinCapacity is greater than serverlessMaxCapacity");
    expect(run.resources).toEqual([]);
  });
});

describe("05-database: a database that is there already", () => {
  it("is published as it is; nothing of it is made and neither network nor monitoring role is asked for", async () => {
    const run = await runStack("database", { config: GIVEN_DATABASE, upstream: { networking: false } });
    expect(run.error).toBeUndefined();
    expect(run.outputs).toMatchObject(GIVEN_DATABASE);
    expect(run.secretOutputs).toEqual(["databasePassword"]);
    expect(run.resources.filter(({ type }) => /rds|secretsmanager|securityGroup/.test(type))).toEqual([]);
    expect(run.ofType("aws:s3/bucket:Bucket")).toHaveLength(3);
  });

  it("is refused when it is given in part (B11)", async () => {
    const run = await runStack("database", { config: { databaseEndpoint: "db.corp.example", databasePort: 3306 } });
    expect(run.error?.message).toContain("the database is half given: databaseEndpoint, databasePort set");
    expect(run.resources).toEqual([]);
  });

  it("with buckets and key given too, leaves nothing to make and no other stack to ask", async () => {
    const run = await runStack("database", {
      config: {
        ...GIVEN_DATABASE,
        checkpointsBucketName: "c-1",
        policyPacksBucketName: "p-1",
        eventsBucketName: "e-1",
        encryptionKeyArn: exampleOutputs("database")["encryptionKeyArn"],
      },
      secrets: ["databasePassword"],
    });
    expect(run.error).toBeUndefined();
    expect([...run.resources, ...run.references]).toEqual([]);
  });
});
