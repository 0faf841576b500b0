import { describe, expect, it, jest } from "@jest/globals";
import * as aws from "@pulumi/aws";
import { program } from "@selfhosted/common";
import { exampleOutputs, runProgram, type RunOptions } from "../support/mocks";

describe("program", () => {
  it("publishes secret outputs as secrets even when the body returned them plain", async () => {
    const body = () => Promise.resolve(exampleOutputs("cluster") as never);
    const run = await runProgram("selfhosted-03-cluster", () => program("cluster", body));
    expect(run.error).toBeUndefined();
    expect(run.secretOutputs).toEqual(["kubeconfig"]);
  });

  it("refuses to publish less or other than the contract", async () => {
    const body = () => Promise.resolve({ metadataBucketNam: "x" } as never);
    const run = await runProgram("selfhosted-07-esc", () => program("esc", body));
    expect(run.error?.message).toBe(
      "07-esc breaks its contract: metadataBucketName is missing, metadataBucketNam is not in the contract",
    );
  });

  describe("while a resource isn't there, as with --continue-on-error", () => {
    const body = () => {
      new aws.s3.Bucket("state");
      return Promise.resolve({ metadataBucketName: "new" });
    };
    const publish = (options: RunOptions) =>
      runProgram("selfhosted-07-esc", () => program("esc", body), {
        upstream: { esc: { metadataBucketName: "old" } },
        computed: { "aws:s3/bucket:Bucket": () => ({ id: "" }) },
        ...options,
      });

    it("leaves the outputs as they were, for the next run decides by them, and says so", async () => {
      const warn = jest.spyOn(console, "warn").mockImplementation(() => undefined);
      expect((await publish({})).outputs).toEqual({ metadataBucketName: "old" });
      expect(warn.mock.calls.join()).toContain("the outputs stay as they were");
      warn.mockRestore();
      expect((await publish({ computed: {} })).outputs).toEqual({ metadataBucketName: "new" });
    });

    it("shows in a preview, where nothing new is there, what will be", async () => {
      expect((await publish({ preview: true })).outputs).toEqual({ metadataBucketName: "new" });
    });
  });
});
