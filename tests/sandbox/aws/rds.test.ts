import { describe, expect, it } from "@jest/globals";
import type { Properties } from "../../../sandbox/provider/types";
import { Account } from "./account";

const password = "a-Good-pass_word1";

/** An account with a subnet group `db`. */
async function withSubnetGroup(): Promise<{ account: Account; vpcId: string; subnetIds: string[] }> {
  const account = new Account();
  const network = await account.network(3);
  await account.make("rds/subnetGroup", { name: "db", subnetIds: network.subnetIds });
  return { account, ...network };
}

function aurora(more: Properties = {}): Properties {
  return {
    clusterIdentifier: "main",
    engine: "aurora-mysql",
    engineVersion: "8.0.mysql_aurora.3.10.3",
    masterUsername: "dbadmin",
    masterPassword: password,
    dbSubnetGroupName: "db",
    skipFinalSnapshot: true,
    ...more,
  };
}

describe("Aurora", () => {
  it("shapes endpoints and ARNs as RDS does", async () => {
    const { account } = await withSubnetGroup();
    const { properties } = await account.make("rds/cluster", aurora());
    expect(properties).toMatchObject({ arn: "arn:aws:rds:us-west-2:123456789012:cluster:main", port: 3306 });
    expect(properties["endpoint"]).toMatch(/^main\.cluster-[a-z0-9]{12}\.us-west-2\.rds\.amazonaws\.com$/);
  });

  it("refuses a subnet group in one zone", async () => {
    const account = new Account();
    const { subnetIds } = await account.network(1);
    await expect(account.make("rds/subnetGroup", { name: "db", subnetIds })).rejects.toThrow(
      "DBSubnetGroupDoesNotCoverEnoughAZs",
    );
  });

  it.each<[rule: string, inputs: Properties, message: string]>([
    ["a version that RDS doesn't have", { engineVersion: "8.0.mysql_aurora.3.99.0" }, "Cannot find version"],
    ["an identifier with capitals", { clusterIdentifier: "Main" }, "clusterIdentifier"],
    ["an identifier that ends in a hyphen", { clusterIdentifier: "main-" }, "clusterIdentifier"],
    ["a password of 7 characters", { masterPassword: "Short-1" }, "8 to 41"],
    ["a password of 42 characters", { masterPassword: "x".repeat(42) }, "8 to 41"],
    ["a password with @", { masterPassword: "with@sign-1" }, "printable ASCII"],
    ["a reserved user", { masterUsername: "rdsadmin" }, "reserved"],
    ["no password at all", { masterPassword: "" }, "masterPassword"],
    ["a key without encryption", { kmsKeyId: "alias/aws/rds" }, "storageEncrypted"],
    ["a snapshot that doesn't exist", { snapshotIdentifier: "none" }, "DBClusterSnapshotNotFoundFault"],
    [
      "a restore of a cluster that doesn't exist",
      { restoreToPointInTime: { sourceClusterIdentifier: "none", useLatestRestorableTime: true } },
      "DBClusterNotFoundFault",
    ],
    ["backups kept for 36 days", { backupRetentionPeriod: 36 }, "backupRetentionPeriod"],
    ["a subnet group that doesn't exist", { dbSubnetGroupName: "none" }, "DBSubnetGroupNotFoundFault"],
    ["advanced insights without Performance Insights", { databaseInsightsMode: "advanced" }, "Performance Insights"],
    ["half an ACU", { serverlessv2ScalingConfiguration: { minCapacity: 0.7, maxCapacity: 2 } }, "steps of 0.5"],
  ])("refuses %s", async (_rule, inputs, message) => {
    const { account } = await withSubnetGroup();
    await expect(account.make("rds/cluster", aurora(inputs))).rejects.toThrow(message);
  });

  it("refuses a parameter group of another family, unknown values, and static parameters at once", async () => {
    const { account } = await withSubnetGroup();
    await account.make("rds/clusterParameterGroup", { name: "old", family: "aurora-mysql5.7" });
    await expect(account.make("rds/cluster", aurora({ dbClusterParameterGroupName: "old" }))).rejects.toThrow(
      "aurora-mysql8.0",
    );
    const group = { name: "own", family: "aurora-mysql8.0" };
    const value = { name: "require_secure_transport", value: "yes" };
    await expect(account.make("rds/clusterParameterGroup", { ...group, parameters: [value] })).rejects.toThrow(
      "OFF, ON",
    );
    const immediate = { name: "binlog_format", value: "ROW", applyMethod: "immediate" };
    await expect(account.make("rds/clusterParameterGroup", { ...group, parameters: [immediate] })).rejects.toThrow(
      "pending-reboot",
    );
  });

  it.each<[rule: string, inputs: Properties, message: string]>([
    ["a class that Aurora doesn't have", { instanceClass: "db.m5.large" }, "DBInstanceClass=db.m5.large"],
    ["another engine than the cluster's", { engine: "aurora-postgresql" }, "doesn't match"],
    ["serverless where the cluster has no capacity", { instanceClass: "db.serverless" }, "Serverless v2"],
    ["enhanced monitoring without a role", { monitoringInterval: 60 }, "MonitoringRoleARN"],
    ["a cluster that doesn't exist", { clusterIdentifier: "none" }, "DBClusterNotFoundFault"],
    [
      "a class without Performance Insights",
      { instanceClass: "db.t3.medium", performanceInsightsEnabled: true },
      "Performance Insights not supported",
    ],
  ])("refuses an instance of %s", async (_rule, inputs, message) => {
    const { account } = await withSubnetGroup();
    await account.make("rds/cluster", aurora());
    const instance = { clusterIdentifier: "main", engine: "aurora-mysql", instanceClass: "db.r7g.large", ...inputs };
    await expect(account.make("rds/clusterInstance", instance)).rejects.toThrow(message);
  });

  it("deletes a cluster only unprotected, without instances and with a final snapshot, from which another can be made", async () => {
    const { account } = await withSubnetGroup();
    const cluster = await account.make("rds/cluster", aurora({ deletionProtection: true, skipFinalSnapshot: false }));
    const open = aurora({ deletionProtection: false, skipFinalSnapshot: false });
    const instance = {
      clusterIdentifier: "main",
      identifier: "one",
      engine: "aurora-mysql",
      instanceClass: "db.r7g.large",
    };
    const one = await account.make("rds/clusterInstance", instance);
    expect(one.properties["writer"]).toBe(true);
    await expect(account.destroy("rds/cluster", cluster)).rejects.toThrow("InvalidDBClusterStateFault");
    await account.destroy("rds/clusterInstance", one);
    await expect(account.destroy("rds/cluster", cluster)).rejects.toThrow("deletion protection");
    await account.update("rds/cluster", cluster, open);
    await expect(account.destroy("rds/cluster", cluster)).rejects.toThrow("FinalDBSnapshotIdentifier is required");
    await account.update("rds/cluster", cluster, { ...open, finalSnapshotIdentifier: "last" });
    await account.destroy("rds/cluster", cluster);
    await account.make("rds/cluster", aurora({ snapshotIdentifier: "last" }));
  });

  it("makes a cluster of another one's past, with its version, only inside of what that can be restored to", async () => {
    const { account } = await withSubnetGroup();
    const { properties: source } = await account.make("rds/cluster", aurora());
    const past = (point: Properties) =>
      account.make(
        "rds/cluster",
        aurora({
          clusterIdentifier: "copy",
          engineVersion: "8.0.mysql_aurora.3.12.0",
          restoreToPointInTime: { sourceClusterIdentifier: "main", ...point },
        }),
      );
    const refused: readonly (readonly [Properties, string])[] = [
      [{ restoreToTime: "2026-01-31T12:00:00Z" }, "is not between the earliest"],
      [{ restoreToTime: "2126-01-31T12:00:00Z" }, "is not between the earliest"],
      [{}, "needs restoreToTime or useLatestRestorableTime"],
      [{ restoreToTime: new Date().toISOString(), useLatestRestorableTime: true }, "with useLatestRestorableTime"],
      [{ restoreToTime: new Date().toISOString(), restoreType: "copy-on-write" }, "restoreType is copy-on-write"],
    ];
    for (const [point, message] of refused) await expect(past(point)).rejects.toThrow(message);
    const elsewhere = aurora({ clusterIdentifier: "far", region: "eu-west-1" });
    delete elsewhere["dbSubnetGroupName"];
    const latest = { sourceClusterIdentifier: "main", useLatestRestorableTime: true };
    await expect(account.make("rds/cluster", { ...elsewhere, restoreToPointInTime: latest })).rejects.toThrow(
      "not found in eu-west-1",
    );
    const { properties } = await past({ useLatestRestorableTime: true, restoreType: "copy-on-write" });
    expect(properties["engineVersionActual"]).toBe("8.0.mysql_aurora.3.10.3");
    expect(properties["clusterResourceId"]).not.toBe(source["clusterResourceId"]);
  });

  it("has another resource id each time that a cluster of a name is made, and the same one after a change", async () => {
    const { account } = await withSubnetGroup();
    const first = await account.make("rds/cluster", aurora());
    const changed = await account.update("rds/cluster", first, aurora({ backupRetentionPeriod: 7 }));
    expect(changed.properties["clusterResourceId"]).toBe(first.properties["clusterResourceId"]);
    await account.destroy("rds/cluster", first);
    const second = await account.make("rds/cluster", aurora());
    expect(second.properties["clusterResourceId"]).not.toBe(first.properties["clusterResourceId"]);
  });

  it("refuses advanced Database Insights on an instance that keeps less than fifteen months", async () => {
    const { account } = await withSubnetGroup();
    const insights = { performanceInsightsEnabled: true, performanceInsightsRetentionPeriod: 465 };
    await account.make("rds/cluster", aurora({ databaseInsightsMode: "advanced", ...insights }));
    const instance = (days: number) => ({
      clusterIdentifier: "main",
      engine: "aurora-mysql",
      instanceClass: "db.r7g.large",
      performanceInsightsEnabled: true,
      performanceInsightsRetentionPeriod: days,
    });
    await expect(account.make("rds/clusterInstance", instance(7))).rejects.toThrow("at least 465 days");
    await account.make("rds/clusterInstance", instance(465));
    await expect(account.make("rds/cluster", aurora({ databaseInsightsMode: "full" }))).rejects.toThrow("advanced");
  });

  it("keeps a managed password in a secret of RDS's own, which comes and goes with that and with the cluster", async () => {
    const { account } = await withSubnetGroup();
    const { masterPassword, ...unmanaged } = aurora();
    const managed = { ...unmanaged, manageMasterUserPassword: true };
    const read = async (properties: Properties) => {
      const [secret] = properties["masterUserSecrets"] as { secretArn: string }[];
      const version = await account.call("aws:secretsmanager/getSecretVersion:getSecretVersion", {
        secretId: secret?.secretArn ?? "",
      });
      return JSON.parse(version["secretString"] as string) as { username: string; password: string };
    };
    const cluster = await account.make("rds/cluster", managed);
    const first = await read(cluster.properties);
    expect(first.username).toBe("dbadmin");
    expect(first.password).toHaveLength(28);
    expect(await read((await account.update("rds/cluster", cluster, managed)).properties)).toEqual(first);
    const secrets = () => account.world.all().filter(({ type }) => type.startsWith("aws:secretsmanager/"));
    expect(secrets()).toHaveLength(2);
    await account.update("rds/cluster", cluster, { ...unmanaged, masterPassword: masterPassword ?? "" });
    expect(secrets()).toEqual([]);
    await account.update("rds/cluster", cluster, managed);
    await account.destroy("rds/cluster", cluster);
    expect(secrets()).toEqual([]);
  });

  it("refuses a final snapshot whose name is taken", async () => {
    const { account } = await withSubnetGroup();
    const cluster = await account.make(
      "rds/cluster",
      aurora({ skipFinalSnapshot: false, finalSnapshotIdentifier: "last" }),
    );
    await account.make("rds/clusterSnapshot", { dbClusterIdentifier: "main", dbClusterSnapshotIdentifier: "last" });
    await expect(account.destroy("rds/cluster", cluster)).rejects.toThrow("DBClusterSnapshotAlreadyExistsFault");
  });

  it("keeps subnet group and security group while a cluster uses them", async () => {
    const { account, vpcId } = await withSubnetGroup();
    const group = await account.make("ec2/securityGroup", { vpcId, name: "db" });
    await account.make("rds/cluster", aurora({ vpcSecurityGroupIds: [group.id] }));
    await expect(account.destroy("ec2/securityGroup", group)).rejects.toThrow("DependencyViolation");
    await expect(account.destroy("rds/subnetGroup", { id: "db", properties: {} })).rejects.toThrow(
      "InvalidDBSubnetGroupStateFault",
    );
  });
});
