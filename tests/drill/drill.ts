import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import * as aws from "@pulumi/aws";
import { reason } from "@selfhosted/cli/reason";
import type { Sandbox } from "../engine/support/sandbox";

/** One step of the drill, as its table shows it. */
export interface DrillStep {
  readonly what: string;
  readonly seconds: number;
  /** What was seen. */
  readonly result: string;
}

const DATABASE = "aws:rds/cluster:Cluster";
const SNAPSHOT = "aws:rds/clusterSnapshot:ClusterSnapshot";
const MARKER = "drill/checkpoint.json";
/** What the database's destruction takes along: the name of its last snapshot, which can't be given twice, and all above it. */
const LOST = "urn:pulumi:*::selfhosted-05-database::random:index/randomId:RandomId::final-snapshot";

/**
 * Loses the database of a living installation and restores it, by the commands of docs/backup-and-restore.md: 05-database
 * must be up, with 01 and 02. Every step fails with what was seen instead.
 * @param done Told each step when it ends.
 */
export async function drill(sandbox: Sandbox, done: (step: DrillStep) => void): Promise<void> {
  const step = async (what: string, work: () => Promise<string>) => {
    const started = Date.now();
    const result = await work().catch((error: unknown) => {
      throw new Error(`${what}: ${reason(error)}`);
    });
    done({ what, seconds: (Date.now() - started) / 1000, result });
  };
  const of = (type: string) => sandbox.world().filter((object) => object.type === type);
  const destroy = ["destroy", "--yes", "--skip-preview", "--target", LOST, "--target-dependents"];
  const before = await sandbox.outputs("database", { showSecrets: true });
  const bucket = String(before["checkpointsBucketName"]);
  const lost = one(of(DATABASE), "database").createdAt;
  const snapshots = new Set(of(SNAPSHOT).map(({ id }) => id));
  let snapshot = "";

  await step("put a checkpoint into its bucket", async () => {
    await withMarker(sandbox, bucket, (stack) => stack.up());
    return `s3://${bucket}/${MARKER}`;
  });
  await step("destroy is refused", async () => {
    const said = await sandbox.fails("database", destroy);
    must(said.includes("protect"), said);
    must(of(DATABASE)[0]?.createdAt === lost, "the database is another one");
    return "protected";
  });
  await step("lift the protection", async () => {
    sandbox.configure("database", { protect: false });
    await sandbox.up("database");
    return "protect false";
  });
  await step("destroy the database", async () => {
    await sandbox.run("database", destroy);
    must(of(DATABASE).length === 0, "the database is still there");
    snapshot = one(
      of(SNAPSHOT).filter(({ id }) => !snapshots.has(id)),
      "final snapshot",
    ).id;
    return `final snapshot ${snapshot}`;
  });
  await step("up with restoreFromSnapshot, protected again", async () => {
    sandbox.configure("database", { protect: undefined, restoreFromSnapshot: snapshot });
    await sandbox.up("database");
    const { createdAt, properties } = one(of(DATABASE), "database");
    must(createdAt !== lost && properties["snapshotIdentifier"] === snapshot, "it is not made of the snapshot");
    return "a new database of the snapshot";
  });
  await step("outputs are the same: endpoint, login, buckets, encryption key", async () => {
    const after = await sandbox.outputs("database", { showSecrets: true });
    const changed = Object.keys(before).filter((name) => after[name] !== before[name]);
    must(changed.length === 0, `${changed.join(", ")} changed`);
    return `${Object.keys(after).length} outputs`;
  });
  await step("the checkpoint is there", async () => {
    must(
      sandbox.world().some(({ id }) => id === `${bucket}/${MARKER}`),
      "it is gone",
    );
    await withMarker(sandbox, bucket, (stack) => stack.destroy());
    return "untouched";
  });
  await step("nothing is left to do, and destroy is refused", async () => {
    await sandbox.up("database", "--expect-no-changes");
    must((await sandbox.fails("database", destroy)).includes("protect"), "it is not");
    return "protected";
  });
}

/** Works on one object of a bucket, which a program of its own makes, as the service would. */
export async function withMarker(
  sandbox: Sandbox,
  bucket: string,
  work: (stack: Stack) => Promise<unknown>,
): Promise<void> {
  const program = () => {
    new aws.s3.BucketObjectv2("marker", { bucket, key: MARKER, content: "{}" });
    return Promise.resolve();
  };
  // Where the Automation API looks for the engine.
  process.env["PATH"] = sandbox.env["PATH"];
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "marker", projectName: "drill", program },
    { workDir: sandbox.home, envVars: { ...sandbox.env } },
  );
  await stack.setConfig("aws:region", { value: "us-east-1" });
  await work(stack);
}

function must(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}

function one<T>(found: readonly T[], what: string): T {
  if (found.length !== 1 || found[0] === undefined) throw new Error(`there are ${found.length} of ${what}`);
  return found[0];
}
