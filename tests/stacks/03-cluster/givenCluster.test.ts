import { describe, expect, it } from "@jest/globals";
import { runStack } from "../../support/mocks";

describe("03-cluster with a given cluster", () => {
  const given = {
    clusterName: "theirs",
    clusterVersion: "1.35",
    kubeconfig: JSON.stringify({ clusters: [], users: [], contexts: [] }),
  };
  const invokes = {
    "aws:eks/getCluster:getCluster": (inputs: Record<string, unknown>) => ({
      ...inputs,
      version: "1.35",
      status: "ACTIVE",
      computeConfigs: [{ enabled: false }],
    }),
  };

  it("publishes it and makes nothing, with no upstream", async () => {
    const run = await runStack("cluster", { config: given, invokes, upstream: { iam: false, networking: false } });
    expect(run.error).toBeUndefined();
    expect(run.outputs).toEqual({ ...given, autoMode: false, color: "blue" });
    expect(run.secretOutputs).toEqual(["kubeconfig"]);
    expect(run.resources).toEqual([]);
    expect(run.references).toEqual([]);
  });

  it("refuses a wrong version or mode, a cluster that failed, and a set half given (B11)", async () => {
    const wrong = await runStack("cluster", { config: { ...given, clusterVersion: "1.34" }, invokes });
    expect(wrong.error?.message).toContain("pulumi config set clusterVersion 1.35");
    const automatic = await runStack("cluster", { config: { ...given, autoMode: true }, invokes });
    expect(automatic.error?.message).toContain("pulumi config set autoMode false");
    const failed = await runStack("cluster", {
      config: given,
      invokes: {
        "aws:eks/getCluster:getCluster": (inputs) => ({
          ...invokes["aws:eks/getCluster:getCluster"](inputs),
          status: "FAILED",
        }),
      },
    });
    expect(failed.error?.message).toContain("cluster theirs is FAILED");
    const half = await runStack("cluster", { config: { clusterName: "theirs" } });
    expect(half.error?.message).toContain("the cluster is half given");
  });
});
