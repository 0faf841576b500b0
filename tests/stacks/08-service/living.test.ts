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

  it("is nothing that a new installation has to heed", async () => {
    expect((await runService({ ...REQUIRED, imageTag: "9.0.0" })).error).toBeUndefined();
  });
});
