import { describe, expect, it } from "@jest/globals";
import { expectHardenedBucket } from "../../support/buckets";
import { runStack } from "../../support/mocks";

describe("07-esc", () => {
  it("makes a hardened bucket with a key of its own, and asks no other stack", async () => {
    const run = await runStack("esc");
    const key = run.one("aws:kms/key:Key", "metadata");
    expect(key.protect).toBe(true);
    expect(key.inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
    // The key leaves it to IAM who uses it: 01's roles are granted it there.
    const { Statement } = JSON.parse(String(key.inputs["policy"])) as { Statement: unknown[] };
    expect(Statement).toEqual([expect.objectContaining({ Effect: "Allow", Action: "kms:*" })]);
    expect(run.one("aws:kms/alias:Alias").inputs["name"]).toBe("alias/pulumi-test-esc");
    expectHardenedBucket(run, "metadata", key.state["arn"]);
    expect(run.outputs).toEqual({ metadataBucketName: "pulumi-test-metadata-123456789012-us-east-1" });
    expect(run.references).toEqual([]);
  });

  it("protects everything, so that a refused destroy leaves all of it as it was", async () => {
    const run = await runStack("esc");
    expect(run.resources.filter(({ protect }) => !protect)).toEqual([]);
  });

  it("lets go of the protection by one key", async () => {
    const run = await runStack("esc", { config: { protect: false } });
    expect(run.resources.filter(({ protect }) => protect)).toEqual([]);
  });

  it("writes access logs where asked", async () => {
    const run = await runStack("esc", { config: { accessLogsBucketName: "our-logs" } });
    expect(run.one("aws:s3/bucketLogging:BucketLogging").inputs).toMatchObject({
      targetBucket: "our-logs",
      targetPrefix: "pulumi-test-metadata-123456789012-us-east-1/",
    });
  });

  it("uses a given bucket and makes nothing", async () => {
    const run = await runStack("esc", { config: { metadataBucketName: "theirs" } });
    expect(run.outputs).toEqual({ metadataBucketName: "theirs" });
    expect(run.resources).toEqual([]);
  });

  it("refuses a given bucket that can't be read, or lies in another region, before anything is made", async () => {
    const config = { metadataBucketName: "theirs" };
    const elsewhere = await runStack("esc", {
      config,
      invokes: { "aws:s3/getBucket:getBucket": () => ({ bucketRegion: "eu-west-1" }) },
    });
    expect(elsewhere.error?.message).toContain("metadataBucketName theirs is in eu-west-1");
    const missing = await runStack("esc", {
      config,
      invokes: {
        "aws:s3/getBucket:getBucket": () => {
          throw new Error("NoSuchBucket");
        },
      },
    });
    expect(missing.error?.message).toContain("metadataBucketName theirs can't be read (");
    expect(missing.error?.message).toContain("NoSuchBucket");
    expect([...elsewhere.resources, ...missing.resources]).toEqual([]);
  });
});
