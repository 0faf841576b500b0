import { describe, expect, it } from "@jest/globals";
import { program } from "@selfhosted/common";
import { exampleOutputs, runProgram } from "../support/mocks";

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
});
