import { describe, expect, it } from "@jest/globals";
import type { Run } from "../../support/mocks";
import { runService } from "./run";

const STATE = "pulumi:pulumi:readStackResourceOutputs";
const JOB = "kubernetes:batch/v1:Job";
const INVOCATION = "aws:lambda/invocation:Invocation";
const DIGESTS = { service: "a", console: "b", migrations: "c" };
const digests = (of: Record<string, string> = DIGESTS) =>
  Object.fromEntries(Object.entries(of).map(([name, digit]) => [name, `sha256:${digit.repeat(64)}`]));

/** A living installation: what it published, and the images of its workloads that the state has. */
interface Living {
  readonly published?: Record<string, unknown>;
  readonly state?: Readonly<Record<string, string>>;
  /** Whether the Job of the migrations in the state came to its end. */
  readonly ended?: boolean;
}

function up(config: Record<string, unknown>, { published, state = {}, ended = false }: Living): Promise<Run> {
  const urn = (name: string) => `urn:pulumi:test::selfhosted-08-service::${JOB}::${name}`;
  const outputs = Object.fromEntries(
    Object.entries(state).map(([name, image]) => [
      urn(name),
      { type: JOB, outputs: { containers: [{ image }], status: ended ? { succeeded: 1 } : { active: 1 } } },
    ]),
  );
  return runService(config, {
    upstream: { service: published ? { schema: undefined, ...published } : false },
    invokes: { [STATE]: () => ({ outputs }) },
  });
}

const migrationsOf = (run: Run) => run.resources.filter(({ name }) => name === "pulumi-migrations");
const tried = (tag: string) => ({ "pulumi-migrations": `mirror.example/pulumi/migrations:${tag}` });

describe("08-service: back to an older version", () => {
  it.each<[string, Living]>([
    ["after a newer one served", { published: { version: "3.45.0", schema: "3.45.0" } }],
    [
      "after a newer one's pods never came up",
      { published: { version: "3.44.0", schema: "3.44.0" }, state: tried("3.45.0"), ended: true },
    ],
    [
      "after a newer one, and then one whose order nobody knows",
      { published: { version: "3.45.0", schema: "3.45.0" }, state: tried("b0a1c2d") },
    ],
    ["again and again", { published: { version: "3.44.0", schema: "3.45.0" } }],
    ["after a first one that never came up", { state: tried("3.45.0"), ended: true }],
    ["of ten and more", { published: { version: "3.100.0", schema: "3.100.0" } }],
    ["of one that published no schema yet", { published: { version: "3.45.0" } }],
  ])("runs none of its migrations, which don't know the schema: %s", async (_when, living) => {
    const run = await up({ imageTag: "3.44.0" }, living);
    expect(run.error).toBeUndefined();
    expect(migrationsOf(run).map(({ type }) => type)).toEqual(["kubernetes:networking.k8s.io/v1:NetworkPolicy"]);
    expect(run.outputs["version"]).toBe("3.44.0");
    expect(run.outputs["schema"]).toMatch(/^3\.(45|100)\.0$/);
    expect(run.one("kubernetes:apps/v1:Deployment", "pulumi-api").dependsOn).toContain(`${JOB}::pulumi-database-user`);
  });

  it.each<[string, Living]>([
    ["that may have begun", { published: { version: "3.44.0", schema: "3.44.0" }, state: tried("3.45.0") }],
    ["again and again", { published: { version: "3.44.0", schema: "3.45.0, unfinished" } }],
  ])("after a newer one's migrations %s, and publishes that doubt", async (_when, living) => {
    const run = await up({ imageTag: "3.44.0" }, living);
    expect(migrationsOf(run).map(({ type }) => type)).not.toContain(JOB);
    expect(run.outputs["schema"]).toBe("3.45.0, unfinished");
  });

  it("does the same on Fargate", async () => {
    const run = await up({ imageTag: "3.44.0", platform: "fargate" }, { published: { version: "3.45.0" } });
    expect(run.error).toBeUndefined();
    expect(migrationsOf(run).map(({ type }) => type)).toEqual(["aws:cloudwatch/logGroup:LogGroup"]);
    expect(run.one("aws:ecs/service:Service", "pulumi-api").dependsOn).toContain(`${INVOCATION}::pulumi-database-user`);
  });

  it("asks for no backup, for nothing is migrated", async () => {
    const AURORA = "pulumi-test-database.cluster-abc123.us-east-1.rds.amazonaws.com";
    const run = await runService(
      { imageTag: "3.44.0" },
      { upstream: { service: { version: "3.45.0", schema: "3.45.0" }, database: { databaseEndpoint: AURORA } } },
    );
    expect(run.error).toBeUndefined();
    expect(run.invokes).not.toContain("aws:rds/getClusterSnapshot:getClusterSnapshot");
  });
});

describe("08-service: migrations run", () => {
  it.each<[string, string, Living, string]>([
    ["for a newer version", "3.45.0", { published: { version: "3.44.0", schema: "3.44.0" } }, "3.45.0"],
    ["for the newest after a way back", "3.45.0", { published: { version: "3.44.0", schema: "3.45.0" } }, "3.45.0"],
    ["to go on where they failed", "3.45.0", { published: { version: "3.44.0" }, state: tried("3.45.0") }, "3.45.0"],
    [
      "for the right version after a mistyped one that was never there",
      "3.45.0",
      { published: { version: "3.44.0", schema: "3.44.0" }, state: tried("3.54.0") },
      "3.45.0",
    ],
    [
      "for the right version after the way back from a mistyped one",
      "3.45.0",
      { published: { version: "3.44.0", schema: "3.54.0, unfinished" } },
      "3.45.0",
    ],
    ["on an empty database after a mistyped first version", "3.44.0", { state: tried("3.54.0") }, "3.44.0"],
    ["for tags whose order nobody knows", "b0a1c2d", { published: { version: "f00d1e2" } }, "b0a1c2d"],
    ["for dates as tags", "20261101-ab12", { published: { version: "20260930-cd34" } }, "20261101-ab12"],
  ])("%s", async (_when, imageTag, living, schema) => {
    const run = await up({ imageTag }, living);
    expect(run.error).toBeUndefined();
    expect(migrationsOf(run).map(({ type }) => type)).toContain(JOB);
    expect(run.outputs["schema"]).toBe(schema);
  });

  it("again, and the database user's Job, for a restored database that is told by another migrationsRun", async () => {
    const living = { published: { version: "3.45.0", schema: "3.45.0" } };
    const [usual, again] = [
      await up({ imageTag: "3.45.0" }, living),
      await up({ imageTag: "3.45.0", migrationsRun: 2 }, living),
    ];
    const names = (run: Run) => run.ofType(JOB).map(({ inputs }) => (inputs["metadata"] as { name: string }).name);
    expect(names(again)).toHaveLength(2);
    expect(names(again).filter((name) => names(usual).includes(name))).toEqual([]);
    const older = await up({ imageTag: "3.44.0", migrationsRun: 2 }, living);
    expect(migrationsOf(older).map(({ type }) => type)).toContain(JOB);
    expect(older.outputs["schema"]).toBe("3.44.0, run 2");
    // The next `pulumi up` goes by what this one published.
    const next = await up(
      { imageTag: "3.43.0", migrationsRun: 2 },
      { published: { ...living.published, schema: "3.44.0, run 2" } },
    );
    expect(migrationsOf(next).map(({ type }) => type)).not.toContain(JOB);
  });
});

describe("08-service: digests of the images", () => {
  const living = (tag: string) => ({
    published: { version: tag },
    state: { "pulumi-api": `pulumi/service:${tag}@${String(digests()["service"])}` },
  });

  it("must change with the tag, or the old images would run under its name", async () => {
    const run = await up({ imageTag: "3.45.0", imageDigests: digests() }, living("3.44.0"));
    expect(run.error?.message).toContain(
      "imageDigests are still those of 3.44.0, so imageTag 3.45.0 would run the same",
    );
    expect(run.resources).toEqual([]);
    const both = await up(
      { imageTag: "3.45.0", imageDigests: digests({ ...DIGESTS, service: "d" }) },
      living("3.44.0"),
    );
    expect(both.error).toBeUndefined();
    expect((await up({ imageTag: "3.44.0", imageDigests: digests() }, living("3.44.0"))).error).toBeUndefined();
  });
});
