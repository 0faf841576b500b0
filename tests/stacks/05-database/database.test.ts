import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { outputSpecs } from "@selfhosted/common";
import { exampleOutputs, runStack, type Run } from "../../support/mocks";

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

  it("has the schema, the owner and the port that it publishes", () => {
    expect(cluster().inputs).toMatchObject({
      databaseName: run.outputs["databaseName"],
      masterUsername: run.outputs["databaseUsername"],
      port: run.outputs["databasePort"],
    });
    expect([run.outputs["databaseName"], run.outputs["databasePort"]]).toEqual(["pulumi", 3306]);
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
    expect(value).toMatchObject({ general_log: "0", slow_query_log: "1", require_secure_transport: "ON" });
    expect(run.ofType("aws:rds/parameterGroup:ParameterGroup")).toEqual([]);
  });

  it("names everything after the installation, so that two fit into one account and an orphan is found (B20)", () => {
    expect(cluster().inputs["clusterIdentifier"]).toBe("pulumi-test-database");
    const instances = run.ofType("aws:rds/clusterInstance:ClusterInstance").map(({ inputs }) => inputs["identifier"]);
    expect(instances).toEqual(["pulumi-test-database-0", "pulumi-test-database-1"]);
    expect(run.one("aws:rds/subnetGroup:SubnetGroup").inputs["name"]).toBe("pulumi-test-database");
  });

  it("is of the version that was chosen", async () => {
    const engineVersion = "8.0.mysql_aurora.3.11.1";
    const chosen = await runStack("database", { config: { engineVersion } });
    expect(chosen.one("aws:rds/cluster:Cluster").inputs).toMatchObject({ engine: "aurora-mysql", engineVersion });
  });

  it("lies in the isolated subnets and admits only the workload security group, on its one port", () => {
    const network = exampleOutputs("networking");
    expect(run.one("aws:rds/subnetGroup:SubnetGroup").inputs["subnetIds"]).toEqual(network["isolatedSubnetIds"]);
    const group = run.one("aws:ec2/securityGroup:SecurityGroup");
    expect(cluster().inputs["vpcSecurityGroupIds"]).toEqual([group.state["id"]]);
    expect(group.inputs["vpcId"]).toBe(network["vpcId"]);
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

  it("asks for TLS, and hands on who signs its certificate in this region, short enough for a variable", () => {
    const pem = String(run.outputs["databaseCaCertificate"]);
    const certificates = pem.match(/-----BEGIN[^]+?END CERTIFICATE-----/g) ?? [];
    expect(certificates.map((one) => /CN=(.+)/.exec(new X509Certificate(one).subject)?.[1])).toEqual(
      ["RSA2048", "RSA4096", "ECC384"].map((kind) =>
        expect.stringMatching(`^Amazon RDS us-east-1 Root CA ${kind} G1$`),
      ),
    );
    // One variable of the API's; Linux lets one have 128 KiB, a Fargate task all of its own 64 KiB.
    expect(pem.length).toBeLessThan(10_000);
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
    // Replaced by a rotation, and behind what is protected: a destroy comes to them last.
    const open = run.resources.filter(({ protect }) => !protect).map(({ type, name }) => `${type}::${name}`);
    const [password, kept] = [
      "random:index/randomPassword:RandomPassword::master",
      "aws:secretsmanager/secretVersion:SecretVersion::database",
    ];
    expect(open).toEqual([password, kept]);
    expect(run.one("aws:rds/cluster:Cluster").dependsOn).toContain(password);
    for (const { dependsOn } of run.ofType("aws:rds/clusterInstance:ClusterInstance"))
      expect(dependsOn).toContain(kept);
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

  it("lets clients in without TLS when asked to, and still hands the authority on", async () => {
    const run = await runStack("database", { config: { requireTls: false } });
    const { parameters } = run.one("aws:rds/clusterParameterGroup:ClusterParameterGroup").inputs;
    expect(parameters).toContainEqual({ name: "require_secure_transport", value: "OFF" });
    expect(run.outputs["databaseCaCertificate"]).toContain("BEGIN CERTIFICATE");
  });

  it("asks for the authority where it isn't known, and takes one that is set", async () => {
    const elsewhere = { providerConfig: { "aws:region": "mx-central-1" }, upstream: { iam: {} } };
    const unknown = await runStack("database", elsewhere);
    expect(unknown.error?.message).toContain("who signs RDS's certificates in mx-central-1 isn't known here");
    expect(unknown.resources).toEqual([]);
    const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    const known = await runStack("database", { ...elsewhere, config: { databaseCaCertificate: pem } });
    expect(known.error).toBeUndefined();
    expect(known.outputs["databaseCaCertificate"]).toBe(pem);
  });

  it("gives the owner another password when it is asked to, and the first one stays as it was made", async () => {
    const keepers = async (config: Record<string, unknown>) => {
      const run = await runStack("database", { config });
      return run.one("random:index/randomPassword:RandomPassword").inputs["keepers"];
    };
    expect(await keepers({})).toBeUndefined();
    expect(await keepers({ databasePasswordRotation: 2 })).toEqual({ rotation: "2" });
  });

  it("leaves the password to RDS when asked to, reads it from RDS's secret and never makes one", async () => {
    const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1-AbCdEf";
    const run = await runStack("database", {
      config: { manageDatabasePassword: true },
      computed: { "aws:rds/cluster:Cluster": () => ({ masterUserSecrets: [{ secretArn }] }) },
      invokes: {
        "aws:secretsmanager/getSecretVersion:getSecretVersion": ({ secretId }) =>
          secretId === secretArn ? { secretString: JSON.stringify({ username: "pulumi", password: "Of-RDS-1" }) } : {},
      },
    });
    expect(run.error).toBeUndefined();
    const { inputs } = run.one("aws:rds/cluster:Cluster");
    expect(inputs).toMatchObject({
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: run.one("aws:kms/key:Key", "data").state["arn"],
    });
    expect(inputs["masterPassword"]).toBeUndefined();
    expect(run.ofType("random:index/randomPassword:RandomPassword")).toEqual([]);
    expect(run.outputs).toMatchObject({ databasePassword: "Of-RDS-1", databaseSecretArn: secretArn });
    expect(run.secretOutputs).toEqual(["databasePassword"]);
    const kept = String(run.one("aws:secretsmanager/secretVersion:SecretVersion").inputs["secretString"]);
    expect(JSON.parse(kept)).toMatchObject({ passwordSecretArn: secretArn });
    expect(kept).not.toContain("Of-RDS-1");
  });

  it("can be previewed before RDS has made its secret", async () => {
    const run = await runStack("database", {
      config: { manageDatabasePassword: true },
      preview: true,
      computed: { "aws:rds/cluster:Cluster": () => ({ masterUserSecrets: [] }) },
      invokes: {
        "aws:secretsmanager/getSecretVersion:getSecretVersion": () => {
          throw new Error("ResourceNotFoundException");
        },
      },
    });
    expect(run.error).toBeUndefined();
  });

  it("watches more closely when asked to, and not at all where a class can't", async () => {
    const advanced = await runStack("database", { config: { databaseInsights: "advanced" } });
    expect(advanced.one("aws:rds/cluster:Cluster").inputs).toMatchObject({
      databaseInsightsMode: "advanced",
      performanceInsightsEnabled: true,
      performanceInsightsRetentionPeriod: 465,
    });
    for (const { inputs } of advanced.ofType("aws:rds/clusterInstance:ClusterInstance")) {
      expect(inputs["performanceInsightsRetentionPeriod"]).toBe(465);
    }
    const small = await runStack("database", { config: { instanceClass: "db.t3.medium" } });
    for (const { inputs } of small.ofType("aws:rds/clusterInstance:ClusterInstance")) {
      expect(inputs["performanceInsightsEnabled"]).toBe(false);
    }
  });

  it("refuses capacities the wrong way round", async () => {
    const run = await runStack("database", { config: { serverlessMinCapacity: 8, serverlessMaxCapacity: 4 } });
    expect(run.error?.message).toContain("serverlessMinCapacity is greater than serverlessMaxCapacity");
    const odd = await runStack("database", { config: { serverlessMaxCapacity: 4.2 } });
    expect(odd.error?.message).toContain("run `pulumi config set serverlessMaxCapacity 4.5`");
    expect([...run.resources, ...odd.resources]).toEqual([]);
  });

  it.each([
    ["03:00-04:00", "sun:03:30-sun:04:30", "overlaps with backupWindow"],
    ["23:30-00:30", "mon:00:00-mon:01:00", "overlaps with backupWindow"],
    ["00:00-01:00", "sat:23:45-sun:00:15", "overlaps with backupWindow"],
    ["03:00-04:00", "sat:22:00-mon:02:00", "overlaps with backupWindow"],
    ["03:00-03:15", "sun:04:30-sun:05:30", "half an hour or more"],
    ["04:00-05:00", "sun:03:00-sun:04:00", undefined],
    ["23:30-00:30", "sun:00:30-sun:01:30", undefined],
  ])("asks for windows that RDS takes: backup %s, maintenance %s", async (backupWindow, maintenanceWindow, message) => {
    const { error } = await runStack("database", { config: { backupWindow, maintenanceWindow } });
    expect(error?.message ?? "").toContain(message ?? "");
    expect(error === undefined).toBe(message === undefined);
  });
});
