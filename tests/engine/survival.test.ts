import { beforeAll, describe, expect, it } from "@jest/globals";
import { contract, type StackName } from "@selfhosted/common";
import { drill, withMarker } from "../drill/drill";
import { Sandbox, type StateResource } from "./support/sandbox";

const sandbox = Sandbox.forThisFile();

const CLUSTER = "aws:rds/cluster:Cluster";
const SNAPSHOT = "aws:rds/clusterSnapshot:ClusterSnapshot";
const INSTANCE = "aws:rds/clusterInstance:ClusterInstance";

/** What of a stack's tagged objects its state doesn't know: made twice, or lost. */
async function orphans(stack: StackName): Promise<string[]> {
  const known = new Set((await sandbox().resources(stack)).map(({ type, id }) => `${type} ${id ?? ""}`));
  return sandbox()
    .world()
    .filter(({ properties }) => {
      const tags = { ...(properties["tags"] as object), ...(properties["tagsAll"] as object) } as Record<
        string,
        string
      >;
      return tags["pulumi-selfhosted:project"] === contract[stack].project;
    })
    .map(({ type, id }) => `${type} ${id}`)
    .filter((object) => !known.has(object));
}

async function one(stack: StackName, type: string, name?: string): Promise<StateResource> {
  const all = await sandbox().resources(stack, { showSecrets: true });
  const found = all.filter((resource) => resource.type === type && (!name || resource.urn.endsWith(`::${name}`)));
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} of ${type} in the state`);
  return found[0];
}

// One story in order: each test goes on where the one before it ended.
describe("a pulumi up that is killed with kill -9", () => {
  beforeAll(async () => {
    await sandbox().init("iam");
    await sandbox().up("iam");
    await sandbox().init("networking");
    await sandbox().init("database");
  });

  it("while 02 makes its VPC is recovered: AWS chose its id, its tags find it, and there is one VPC", async () => {
    await sandbox().upKilled("networking", "aws:ec2/vpc:Vpc");
    const [vpc] = sandbox()
      .world()
      .filter(({ type }) => type === "aws:ec2/vpc:Vpc");
    const { code, stdout, stderr } = await sandbox().selfhosted("recover", "networking", ["--yes", "--up"]);
    expect(stdout + stderr).toContain(`looked for as ${vpc?.id ?? ""}`);
    expect(code).toBe(0);
    expect((await one("networking", "aws:ec2/vpc:Vpc")).id).toBe(vpc?.id);
    expect(await orphans("networking")).toEqual([]);
    await sandbox().up("networking", "--expect-no-changes");
  });

  it("while 05 makes its database leaves a locked stack, which the engine alone can't bring up again", async () => {
    await sandbox().upKilled("database", CLUSTER);
    expect(await sandbox().upFails("database")).toMatch(/currently locked by 1 lock[\s\S]*pulumi cancel/);
    await sandbox().run("database", ["cancel", "--yes"]);
    // Fixed names: not a second database, but no way on either.
    expect(await sandbox().upFails("database")).toMatch(/AlreadyExists|already exists/);
  });

  it("is recovered, even where the kill spoilt a file of the state: nothing is there twice, nothing is lost, and the generated password is the one from before", async () => {
    const password = await one("database", "random:index/randomPassword:RandomPassword", "master");
    const database = sandbox()
      .world()
      .find(({ type }) => type === CLUSTER);
    sandbox().spoilState("database");
    expect(await sandbox().upFails("database")).toContain("failed to load checkpoint: EOF");
    const { code, stdout, stderr } = await sandbox().selfhosted("recover", "database", ["--yes", "--up"]);
    expect(stdout + stderr).toContain("half-written: deleted");
    expect(stdout + stderr).toContain("main is there: adopted");
    expect(code).toBe(0);

    expect(await orphans("database")).toEqual([]);
    const now = sandbox()
      .world()
      .filter(({ type }) => type === CLUSTER);
    expect(now.map(({ id, createdAt }) => [id, createdAt])).toEqual([[database?.id, database?.createdAt]]);
    const after = await one("database", "random:index/randomPassword:RandomPassword", "master");
    expect(after.outputs?.["result"]).toEqual(password.outputs?.["result"]);
    await sandbox().up("database", "--expect-no-changes");
    await sandbox().run("database", ["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("leaves nothing more to recover", async () => {
    const { code, stdout } = await sandbox().selfhosted("recover", "database");
    expect(stdout).toContain("nothing unfinished");
    expect(code).toBe(0);
  });
});

describe("05-database", () => {
  /** The database by what a replacement would change, and how often it has instances. */
  function database(): unknown {
    const clusters = sandbox()
      .world()
      .filter(({ type }) => type === CLUSTER);
    return clusters.map(({ id, createdAt }) => [id, createdAt]);
  }

  it("changes class, readers, parameters and retention in place: no preview replaces anything, the cluster stays", async () => {
    const before = database();
    sandbox().configure("database", {
      instanceClass: "db.r6g.xlarge",
      readers: 2,
      backupRetentionDays: 21,
      requireTls: false,
    });
    const { steps } = JSON.parse(await sandbox().run("database", ["preview", "--json"])) as { steps: { op: string }[] };
    const ops = new Set(steps.map(({ op }) => op).filter((op) => op !== "read"));
    expect([...ops].sort()).toEqual(["create", "same", "update"]);
    await sandbox().up("database");
    expect(database()).toEqual(before);
    expect(
      sandbox()
        .world()
        .filter(({ type }) => type === INSTANCE),
    ).toHaveLength(3);
  });

  it("gets a reader that was lost again with up --refresh, and nothing else changes", async () => {
    const before = database();
    const reader = await one("database", INSTANCE, "database-2");
    await sandbox().lose(INSTANCE, reader.id ?? "");
    const said = await sandbox().up("database", "--refresh");
    expect(said).toMatch(/\+ 1 created/);
    expect(said).not.toMatch(/replaced|[+-]\d+ (deleted|replaced)/);
    expect(database()).toEqual(before);
    await sandbox().up("database", "--expect-no-changes");
  });

  it("is restored after its database was lost, as npm run drill rehearses it", async () => {
    const results: string[] = [];
    await drill(sandbox(), ({ what }) => results.push(what));
    expect(results.at(-1)).toBe("nothing is left to do, and destroy is refused");
  });

  it("destroyed while a bucket holds a checkpoint stops there: bucket as closed as it was, both keys still its own", async () => {
    const bucket = String((await sandbox().outputs("database"))["checkpointsBucketName"]);
    const kept = async () => {
      const settings = sandbox()
        .world()
        .filter(({ type, properties }) => type.startsWith("aws:s3/bucket") && properties["bucket"] === bucket);
      const keys = (await sandbox().resources("database")).filter(({ type }) => type === "aws:kms/key:Key");
      return [...settings, ...keys].map(({ type, id }) => `${type} ${id ?? ""}`).sort();
    };
    const before = await kept();
    expect(before.length).toBeGreaterThan(8);
    await withMarker(sandbox(), bucket, (stack) => stack.up());
    sandbox().configure("database", { protect: false });
    await sandbox().up("database");
    expect(await sandbox().fails("database", ["destroy", "--yes", "--skip-preview"])).toContain("BucketNotEmpty");
    await withMarker(sandbox(), bucket, (stack) => stack.destroy());
    expect(await kept()).toEqual(before);
  });

  it("destroyed as a whole, with its protection lifted, leaves a final snapshot and both keys; with them it comes back the same", async () => {
    const before = await sandbox().outputs("database");
    await sandbox().destroy("database");
    const left = sandbox()
      .world()
      .filter(({ properties }) => JSON.stringify(properties).includes(contract.database.project));
    expect(left.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
      "aws:kms/key:Key app",
      "aws:kms/key:Key data",
    ]);
    const snapshot = sandbox()
      .world()
      .findLast(({ type }) => type === SNAPSHOT);

    sandbox().configure("database", {
      protect: undefined,
      restoreFromSnapshot: snapshot?.id,
      encryptionKeyArn: String(before["encryptionKeyArn"]),
    });
    await sandbox().up("database");
    const after = await sandbox().outputs("database");
    expect(after).toEqual({ ...before, encryptionKeyOrigin: "given" });
    expect(
      sandbox()
        .world()
        .find(({ type }) => type === CLUSTER)?.properties["snapshotIdentifier"],
    ).toBe(snapshot?.id);
    await sandbox().up("database", "--expect-no-changes");
  });

  describe("of another installation", () => {
    const SOURCE = "pulumi-test-database";
    const cluster = (id: string) =>
      sandbox()
        .world()
        .find((object) => object.type === CLUSTER && object.id === id);

    /** In the same network and with the same encryption key; nothing else is asked for. */
    async function beside(stack: string, restore: Readonly<Record<string, string>> = {}): Promise<Sandbox> {
      const { vpcId, isolatedSubnetIds, workloadSecurityGroupId } = await sandbox().outputs("networking");
      const { encryptionKeyArn } = await sandbox().outputs("database");
      const given = { vpcId, isolatedSubnetIds, workloadSecurityGroupId, encryptionKeyArn } as Record<string, string>;
      const other = sandbox().as(stack);
      await other.init("database", { ...given, monitoringInterval: 0, restoreFromCluster: SOURCE, ...restore });
      return other;
    }

    it("starts from a moment of this one's past; one that isn't kept is refused by AWS, and mended by another", async () => {
      const source = cluster(SOURCE);
      const past = await beside("past");
      await past.run("database", ["config", "set", "restoreToTime", "2026-01-31T12:00:00Z"]);
      expect(await past.upFails("database")).toContain("is not between the earliest");
      const second = Math.ceil(Date.parse(source?.createdAt ?? "") / 1000) * 1000;
      const restoreToTime = new Date(second).toISOString().replace(".000Z", "Z");
      await past.run("database", ["config", "set", "restoreToTime", restoreToTime]);
      await past.up("database");
      expect(cluster("pulumi-past-database")?.properties).toMatchObject({
        restoreToPointInTime: { sourceClusterIdentifier: SOURCE, restoreType: "full-copy", restoreToTime },
        deletionProtection: true,
      });
      expect(cluster(SOURCE)).toEqual(source);
      // Where it came from is history: the keys may go, and the source too.
      past.configure("database", { restoreToTime: undefined, restoreFromCluster: undefined });
      await past.up("database", "--expect-no-changes");
    });

    it("starts as this one's clone, with an endpoint, a login and a key for its storage of its own", async () => {
      const clone = await beside("clone", { restoreType: "copy-on-write" });
      await clone.up("database");
      const made = cluster("pulumi-clone-database")?.properties;
      expect(made?.["restoreToPointInTime"]).toMatchObject({
        restoreType: "copy-on-write",
        useLatestRestorableTime: true,
      });
      expect(made?.["kmsKeyId"]).not.toBe(cluster(SOURCE)?.properties["kmsKeyId"]);
      const [own, theirs] = await Promise.all(
        [clone, sandbox()].map((one) => one.outputs("database", { showSecrets: true })),
      );
      for (const name of ["databaseEndpoint", "databasePassword", "checkpointsBucketName"]) {
        expect(own?.[name]).not.toBe(theirs?.[name]);
      }
      expect(own?.["encryptionKeyArn"]).toBe(theirs?.["encryptionKeyArn"]);
    });
  });
});
