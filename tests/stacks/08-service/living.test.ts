import { describe, expect, it } from "@jest/globals";
import { exampleOutputs } from "../../support/mocks";
import { REQUIRED, runService } from "./run";

const KEY = String(exampleOutputs("database")["encryptionKeyArn"]);
const LIVING = { version: "3.44.0", encryption: `KMS key ${KEY}`, engineEvents: "schema V2" };
const LOCAL = "0123456789abcdef0123456789abcdef";

async function refusal(
  config: Record<string, unknown>,
  living: Record<string, unknown> = {},
): Promise<string | undefined> {
  const run = await runService(config, {
    secrets: ["licenseKey", "localEncryptionKey"],
    upstream: { service: { ...LIVING, ...living } },
  });
  if (run.error) expect(run.resources).toEqual([]);
  return run.error?.message;
}

describe("08-service: a living installation", () => {
  it("publishes what must not change, without the local key itself", async () => {
    expect((await runService()).outputs).toMatchObject(LIVING);
    const local = await runService({ localEncryptionKey: LOCAL }, { secrets: ["licenseKey", "localEncryptionKey"] });
    expect(local.outputs["encryption"]).toMatch(/^local key [0-9a-f]{8}$/);
    expect(local.secretOutputs).toEqual([]);
  });

  it("goes on as it is, and takes another version of the same major", async () => {
    expect(await refusal({})).toBeUndefined();
    expect(await refusal({ imageTag: "3.99.1" })).toBeUndefined();
  });

  it("is guarded in the same way when it moves to Fargate", async () => {
    const fargate = { platform: "fargate" };
    expect(await refusal(fargate)).toBeUndefined();
    expect(await refusal(fargate, { encryption: "local key 01234567" })).toContain("encrypted with local key 01234567");
    expect(await refusal({ ...fargate, engineEventsLegacyWrite: true })).toContain("writes engine events as schema V2");
    expect(await refusal({ ...fargate, imageTag: "5.0.0" })).toContain("leaves out a major version");
  });

  it("refuses another key, another mode, and another local key", async () => {
    expect(await refusal({ localEncryptionKey: LOCAL })).toContain(
      "they could never be read again; run `pulumi config rm localEncryptionKey`",
    );
    expect(await refusal({ encryptionKeyArn: KEY.replace(/.$/, "e") })).toContain("give the key that it has");
    expect(await refusal({ localEncryptionKey: LOCAL }, { encryption: "local key 00000000" })).toContain(
      "encrypted with local key 00000000",
    );
  });

  it("refuses to flip how engine events are written, unless the vendor agreed", async () => {
    expect(await refusal({ engineEventsSchemaV2: false })).toContain("writes engine events as schema V2; as schema V1");
    expect(await refusal({ engineEventsLegacyWrite: true })).toContain("ask the vendor first");
    expect(await refusal({ engineEventsLegacyWrite: true, acceptChanges: ["engineEvents"] })).toBeUndefined();
  });

  it("refuses to leave a major version out, and asks before it goes to the next or back", async () => {
    expect(await refusal({ imageTag: "5.0.0" })).toContain("leaves out a major version after 3.44.0; go to 4.x first");
    expect(await refusal({ imageTag: "5.0.0", acceptChanges: ["majorVersion"] })).toContain(
      "leaves out a major version",
    );
    expect(await refusal({ imageTag: "4.0.0" })).toContain("another major version than 3.44.0");
    expect(await refusal({ imageTag: "4.0.0", acceptChanges: ["majorVersion"] })).toBeUndefined();
    expect(await refusal({ imageTag: "2.9.0" })).toContain("migrations aren't undone");
  });

  describe("before another version", () => {
    const AURORA = "pulumi-test-database.cluster-abc123.us-east-1.rds.amazonaws.com";
    const SNAPSHOT = "aws:rds/getClusterSnapshot:getClusterSnapshot";
    const upgrade = async (hoursOld: number | undefined, config: Record<string, unknown> = {}) => {
      const asked: unknown[] = [];
      const run = await runService(
        { imageTag: "3.45.0", ...config },
        {
          upstream: { service: LIVING, database: { databaseEndpoint: AURORA } },
          invokes: {
            [SNAPSHOT]: (inputs) => {
              asked.push(inputs);
              if (hoursOld === undefined) throw new Error("Your query returned no results");
              return { snapshotCreateTime: new Date(Date.now() - hoursOld * 3600 * 1000).toISOString() };
            },
          },
        },
      );
      return { run, asked };
    };

    it("looks the database's newest backup up, and refuses when it is old or there is none", async () => {
      const fresh = await upgrade(3);
      expect(fresh.run.error).toBeUndefined();
      expect(fresh.asked).toEqual([{ dbClusterIdentifier: "pulumi-test-database", mostRecent: true }]);
      const old = await upgrade(49);
      expect(old.run.error?.message).toContain(
        "the newest backup of pulumi-test-database is 49 hours old, and 3.45.0 migrates its data; run `aws rds create-db-cluster-snapshot --db-cluster-identifier pulumi-test-database --db-cluster-snapshot-identifier before-3-45-0`",
      );
      expect(old.run.resources).toEqual([]);
      expect((await upgrade(undefined)).run.error?.message).toContain("no backup of pulumi-test-database is found");
    });

    it("looks at nothing when told so, nor when the version stays", async () => {
      expect((await upgrade(49, { upgradeBackupHours: 0 })).asked).toEqual([]);
      expect((await upgrade(49, { imageTag: "3.44.0" })).asked).toEqual([]);
    });
  });

  it("is nothing that a new installation has to heed", async () => {
    expect((await runService({ ...REQUIRED, imageTag: "9.0.0" })).error).toBeUndefined();
  });
});
