import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { Accounts } from "../../../sandbox/aws/accounts";
import { AwsProvider } from "../../../sandbox/aws/provider";
import type { ResourceRecord } from "../../../sandbox/aws/record";
import { Faults } from "../../../sandbox/faults";
import { UNKNOWN, type Identity, type Properties, type Value } from "../../../sandbox/provider/types";
import { Typings } from "../../../sandbox/provider/typings";
import { World } from "../../../sandbox/world";

const text = (value: Value | undefined) => (typeof value === "string" ? value : "");

const QUEUE = "aws:sqs/queue:Queue";
const POLICY = "aws:sqs/queuePolicy:QueuePolicy";

/** Two types, enough for every rule of the generic provider; what real records say has tests of its own. */
const records: ResourceRecord[] = [
  {
    type: QUEUE,
    source: "a test",
    id: ({ inputs }) => `https://queue/${text(inputs["name"])}`,
    autoname: { property: "name", maxLength: 20 },
    defaults: { visibilityTimeoutSeconds: 30 },
    replaceOn: ["fifoQueue"],
    outputs: ({ region, inputs }) => ({ arn: `arn:aws:sqs:${region}:123456789012:${text(inputs["name"])}` }),
    errors: { notFound: "QueueDoesNotExist", inUse: "QueueInUse" },
  },
  {
    type: POLICY,
    source: "a test",
    id: ({ inputs }) => text(inputs["queueUrl"]),
    references: [{ path: "queueUrl", to: QUEUE }],
  },
];

const typings = new Typings("aws");
const seed = Buffer.from("seed");
const configuration = { region: "us-west-2" };
const queue: Identity = { urn: "urn", type: QUEUE, name: "jobs" };
const policy: Identity = { urn: "urn", type: POLICY, name: "jobs" };

describe("the generic AWS provider", () => {
  let home: string;
  let world: World;
  let provider: AwsProvider;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "provider-"));
    world = new World();
    const table = new Map(records.map((record) => [record.type, record]));
    provider = new AwsProvider({
      version: "7",
      accounts: new Accounts(world),
      table,
      invokes: {},
      typings,
      faults: new Faults(home),
      patience: 0,
    });
  });

  const check = async (resource: Identity, inputs: Properties, previous?: Properties, more: Properties = {}) =>
    provider.check(resource, inputs, previous, { ...configuration, ...more }, seed);
  const create = async (resource: Identity, inputs: Properties, preview = false) =>
    provider.create(resource, (await check(resource, inputs)).inputs, preview, configuration);

  it("names an object within the limit, and keeps the name", async () => {
    const { inputs } = await check({ ...queue, name: "a-very-long-logical-name" }, {});
    expect(inputs["name"]).toMatch(/^a-very-long--[0-9a-f]{7}$/);
    expect((await check(queue, {}, inputs)).inputs["name"]).toBe(inputs["name"]);
  });

  it("refuses unknown, missing and malformed inputs, and names beyond the limit, each by its path", async () => {
    const { failures } = await check(queue, { name: "x".repeat(21), tag: {}, delaySeconds: ["1"] });
    expect(failures.map(({ property }) => property)).toEqual(["tag", "delaySeconds", "name"]);
    expect(failures[0]?.reason).toContain('did you mean "tags"?');
    expect((await check(policy, {})).failures.map(({ property }) => property)).toEqual(["policy", "queueUrl"]);
  });

  it("says how to add a type it doesn't know", async () => {
    await expect(check({ ...queue, type: "aws:ec2/vpc:Vpc" }, {})).rejects.toThrow("sandbox/aws/table.ts");
    await expect(check({ ...queue, type: "aws:ec2/nope:Nope" }, {})).rejects.toThrow("has no resource type");
  });

  it("puts the provider's default tags on what takes tags", async () => {
    const defaultTags = JSON.stringify({ tags: { owner: "platform", env: "prod" } });
    const { inputs } = await check(queue, { tags: { env: "test" } }, undefined, { defaultTags });
    expect(inputs["tags"]).toEqual({ owner: "platform", env: "test" });
  });

  it("makes nothing in a preview, and refuses what can be judged by then", async () => {
    const { id, properties } = await create(queue, {}, true);
    expect([id, properties["arn"], world.all()]).toEqual([UNKNOWN, undefined, []]);
    const given = { queueUrl: "q-0123456789abcdef0", policy: "{}" };
    await expect(create(policy, given, true)).rejects.toThrow(/^QueueDoesNotExist: the Queue 'q-0123456789abcdef0'/);
    // A name written in the program, or a value not known yet, may be of something that this very update makes.
    await expect(create(policy, { ...given, queueUrl: "https://queue/none" }, true)).resolves.toBeDefined();
    await expect(create(policy, { ...given, queueUrl: UNKNOWN }, true)).resolves.toBeDefined();
  });

  it("refuses a second object of the same name, and to delete what is in use", async () => {
    const { id, properties } = await create(queue, { name: "jobs" });
    await expect(create(queue, { name: "jobs" })).rejects.toThrow("ResourceAlreadyExistsException");
    const made = await create(policy, { queueUrl: id, policy: "{}" });
    await expect(provider.delete(queue, id, properties, configuration)).rejects.toThrow(/^QueueInUse: .*QueuePolicy/);
    await provider.delete(policy, made.id, made.properties, configuration);
    await provider.delete(queue, id, properties, configuration);
    expect(world.all()).toEqual([]);
  });

  it("replaces for what can't change, deleting first where the name was the author's", async () => {
    const diffOf = async (before: Properties, after: Properties) => {
      const { inputs } = await check(queue, before);
      return provider.diff(
        queue,
        "id",
        { id: "id", properties: {}, inputs },
        (await check(queue, after, inputs)).inputs,
      );
    };
    expect(await diffOf({}, { delaySeconds: 1 })).toMatchObject({ changed: ["delaySeconds"], replaces: [] });
    expect(await diffOf({}, { fifoQueue: true })).toMatchObject({
      replaces: ["fifoQueue"],
      deleteBeforeReplace: false,
    });
    const fixed = await diffOf({ name: "jobs" }, { name: "jobs", fifoQueue: true });
    expect(fixed).toMatchObject({ replaces: ["fifoQueue"], deleteBeforeReplace: true });
    expect(await diffOf({ name: "jobs" }, { name: "other" })).toMatchObject({ deleteBeforeReplace: false });
  });

  it("forgets an input that was taken away, and shows what others changed", async () => {
    const { id, properties } = await create(queue, { name: "jobs", delaySeconds: 5, tags: { a: "b" } });
    const { inputs } = await check(queue, { name: "jobs" });
    const updated = await provider.update(queue, id, properties, inputs, false, configuration);
    expect(updated.properties).toMatchObject({ visibilityTimeoutSeconds: 30, tagsAll: {} });
    expect(updated.properties).not.toHaveProperty("delaySeconds");

    const unchanged = await provider.read(queue, id, updated.properties, configuration, inputs);
    expect(unchanged?.inputs).toEqual(inputs);
    const object = world.get(QUEUE, id);
    if (object) world.put({ ...object, properties: { ...object.properties, visibilityTimeoutSeconds: 60 } });
    const drifted = await provider.read(queue, id, updated.properties, configuration, inputs);
    expect(drifted?.inputs).toEqual({ ...inputs, visibilityTimeoutSeconds: 60 });
    expect((await provider.read(queue, id, undefined, configuration))?.inputs).toEqual(inputs);
    expect(await provider.read(queue, "gone", undefined, configuration)).toBeUndefined();
  });

  it("fails when it is told to, as often as it is told", async () => {
    const fault = { type: "aws:sqs/*", operation: "create", error: "ThrottlingException: slow down", times: 1 };
    writeFileSync(join(home, "faults.json"), JSON.stringify([fault]));
    await expect(create(queue, {})).rejects.toThrow("slow down");
    await expect(create(queue, {})).resolves.toBeDefined();
  });

  it("needs a Region, and keeps to the accounts allowed", () => {
    expect(() => {
      provider.configure({});
    }).toThrow("pulumi config set aws:region");
    expect(() => {
      provider.configure({ region: "us-west-22" });
    }).toThrow("InvalidRegion");
    expect(() => {
      provider.configure({ ...configuration, allowedAccountIds: '["111111111111"]' });
    }).toThrow("not allowed");
  });
});
