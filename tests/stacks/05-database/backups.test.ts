import { describe, expect, it, jest } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { exampleOutputs, runStack } from "../../support/mocks";

type Tags = Readonly<Record<string, string>> | undefined;

describe("05-database: what a new database starts from", () => {
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

  it("comes with a warning that its secrets need the old key, unless that is given", async () => {
    const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
    const { encryptionKeyArn } = exampleOutputs("database");
    await runStack("database", { config: { restoreFromSnapshot: "last-good", encryptionKeyArn }, secrets: [] });
    await runStack("database", {});
    expect(warn).not.toHaveBeenCalled();
    await runStack("database", { config: { restoreFromSnapshot: "last-good" } });
    expect(warn.mock.calls[0]?.[0]).toContain("pulumi config set encryptionKeyArn");
    warn.mockRestore();
  });

  it("isn't asked for again once the database is there", async () => {
    const living = await runStack("database", {
      config: { restoreFromSnapshot: "gone-by-now" },
      upstream: { database: {} },
      invokes: { "aws:rds/getClusterSnapshot:getClusterSnapshot": () => fail("must not be asked") },
    });
    expect(living.error).toBeUndefined();
  });

  it("is asked for when the database was lost, whose outputs are still there, without a warning about its own key", async () => {
    const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
    const lost = await runStack("database", {
      config: { restoreFromSnapshot: "misspelt" },
      upstream: { database: {} },
      invokes: {
        "aws:rds/getCluster:getCluster": () => fail("DBClusterNotFoundFault"),
        "aws:rds/getClusterSnapshot:getClusterSnapshot": () => fail("DBClusterSnapshotNotFoundFault"),
      },
    });
    expect(lost.error?.message).toContain("restoreFromSnapshot misspelt can't be read");
    expect(warn.mock.calls.map(([said]) => said)).toEqual([expect.stringContaining("starting from misspelt")]);
    warn.mockRestore();
  });

  it("is said before an empty database takes the place of a lost one, and of no other", async () => {
    const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
    const upstream = { database: { databaseEndpoint: "pulumi-test-database.cluster-0.rds.amazonaws.com" } };
    expect((await runStack("database", { upstream })).error).toBeUndefined();
    expect(warn).not.toHaveBeenCalled();
    const invokes = { "aws:rds/getCluster:getCluster": () => fail("DBClusterNotFoundFault") };
    expect((await runStack("database", { upstream, invokes })).error).toBeUndefined();
    expect(warn.mock.calls[0]?.[0]).toContain(
      "no database pulumi-test-database, so one is made, and it is empty; for other rows first run `pulumi config set restoreFromSnapshot …`",
    );
    warn.mockRestore();
  });

  it("must be there, of the same engine, and not newer", async () => {
    const refusal = async (answer: () => Record<string, unknown>) => {
      const run = await runStack("database", {
        config: { restoreFromSnapshot: "last-good" },
        invokes: { "aws:rds/getClusterSnapshot:getClusterSnapshot": answer },
      });
      expect(run.resources).toEqual([]);
      return run.error?.message;
    };
    expect(await refusal(() => fail("DBClusterSnapshotNotFoundFault"))).toContain(
      "restoreFromSnapshot last-good can't be read (DBClusterSnapshotNotFoundFault)",
    );
    expect(await refusal(() => ({ engine: "aurora-postgresql" }))).toContain("is of aurora-postgresql");
    expect(await refusal(() => ({ engine: "aurora-mysql", engineVersion: "8.0.mysql_aurora.3.13.1" }))).toContain(
      "run `pulumi config set engineVersion 8.0.mysql_aurora.3.13.1`",
    );
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
    const clone = await runStack("database", {
      config: { restoreFromCluster: "b", restoreType: "copy-on-write", restoreToTime: "2026-01-31T12:00:00Z" },
    });
    expect(clone.error?.message).toContain("a clone (restoreType copy-on-write) is of the present");
    const nothing = await runStack("database", { config: { restoreType: "copy-on-write" } });
    expect(nothing.error?.message).toContain("restoreType means nothing without restoreFromCluster");
    expect([run, both, clone, nothing].flatMap(({ resources }) => resources)).toEqual([]);
  });
});

describe("05-database: AWS Backup", () => {
  it("has AWS Backup keep database and buckets together, with a copy elsewhere, when asked to", async () => {
    const vaultArn = "arn:aws:backup:us-west-2:999999999999:backup-vault:far";
    const run = await runStack("database", {
      config: { backupPlan: true, backupCopyVaultArn: vaultArn, auditTable: true },
    });
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
    // By a tag, which 07-esc's bucket carries too; a list would replace the protected selection with every new part.
    const [tag] = inputs["selectionTags"] as { type: string; key: string; value: string }[];
    expect(tag).toEqual({ type: "STRINGEQUALS", key: "pulumi-selfhosted:backup", value: "pulumi-test-data" });
    expect(inputs["resources"]).toBeUndefined();
    const kept = run.resources.filter(({ inputs: { tags } }) => (tags as Tags)?.["pulumi-selfhosted:backup"]);
    expect(kept.map(({ name }) => name).sort()).toEqual(["audit", "checkpoints", "events", "main", "policy-packs"]);
    expect(kept.map(({ inputs: { tags } }) => (tags as Tags)?.[tag?.key ?? ""])).toEqual(Array(5).fill(tag?.value));
    const esc = await runStack("esc");
    expect(esc.one("aws:s3/bucket:Bucket").inputs["tags"]).toMatchObject({ [tag?.key ?? ""]: tag?.value });
  });

  it("lets the account of a vault elsewhere open what it copies, and nobody where the vault is of this one", async () => {
    const opened = async (account: string) => {
      const backupCopyVaultArn = `arn:aws:backup:us-west-2:${account}:backup-vault:far`;
      const run = await runStack("database", { config: { backupPlan: true, backupCopyVaultArn } });
      const policy = JSON.parse(String(run.one("aws:kms/key:Key", "data").inputs["policy"])) as {
        Statement: { Principal: { AWS?: string }; Action: string[]; Condition?: unknown }[];
      };
      const theirs = policy.Statement.filter(({ Principal }) => Principal.AWS === "arn:aws:iam::999999999999:root");
      expect(String(run.one("aws:kms/key:Key", "app").inputs["policy"])).not.toContain("999999999999");
      return theirs.map(({ Action, Condition }) => [[...Action].sort(), Condition]);
    };
    expect(await opened("123456789012")).toEqual([]);
    expect(await opened("999999999999")).toEqual([
      [["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"], undefined],
      [["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], { Bool: { "kms:GrantIsForAWSResource": "true" } }],
    ]);
  });

  it("keeps given buckets by a selection of their own: a list beside the tag would keep only what is on both", async () => {
    const run = await runStack("database", { config: { backupPlan: true, eventsBucketName: "theirs" } });
    const [made, given] = ["data", "given"].map((name) => run.one("aws:backup/selection:Selection", name).inputs);
    expect([made?.["resources"], given?.["selectionTags"]]).toEqual([undefined, undefined]);
    expect(given?.["resources"]).toEqual(["arn:aws:s3:::theirs"]);
    expect(given?.["planId"]).toBe(made?.["planId"]);
  });

  it("keeps the copies in a vault of its own in another region, with a key of that region", async () => {
    const run = await runStack("database", { config: { backupPlan: true, backupCopyRegion: "us-west-2" } });
    const vault = run.one("aws:backup/vault:Vault", "copies");
    const key = run.one("aws:kms/key:Key", "copies");
    expect([vault.inputs["region"], key.inputs["region"]]).toEqual(["us-west-2", "us-west-2"]);
    expect(vault.inputs["kmsKeyArn"]).toBe(key.state["arn"]);
    const [rule] = run.one("aws:backup/plan:Plan").inputs["rules"] as { copyActions: unknown }[];
    expect(rule?.copyActions).toEqual([{ destinationVaultArn: vault.state["arn"], lifecycle: { deleteAfter: 35 } }]);
    const same = await runStack("database", { config: { backupPlan: true, backupCopyRegion: "us-east-1" } });
    expect(same.error?.message).toContain("backupCopyRegion is us-east-1, the backups' own");
  });
});

function fail(reason: string): never {
  throw new Error(reason);
}
