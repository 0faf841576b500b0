import { describe, expect, it } from "@jest/globals";
import { runStack } from "../../support/mocks";

describe("03-cluster's nodes", () => {
  it("replaces nodes one at a time, or as many as said", async () => {
    const updates = async (config: object) => {
      const run = await runStack("cluster", { config: { ...config } });
      return run.ofType("aws:eks/nodeGroup:NodeGroup").map(({ inputs }) => inputs["updateConfig"]);
    };
    expect(await updates({})).toEqual([{ maxUnavailable: 1 }, { maxUnavailable: 1 }]);
    expect((await updates({ maxUnavailable: 3 }))[0]).toEqual({ maxUnavailable: 3 });
    expect((await updates({ maxUnavailablePercentage: 33 }))[0]).toEqual({ maxUnavailablePercentage: 33 });
    const both = await runStack("cluster", { config: { maxUnavailable: 1, maxUnavailablePercentage: 33 } });
    expect(both.error?.message).toContain("pulumi config rm maxUnavailablePercentage");
  });

  it("patches nodes by the release of their image, one of the cluster's version", async () => {
    const run = await runStack("cluster", { config: { nodeReleaseVersion: "1.35.1-20261115" } });
    expect(run.one("aws:eks/nodeGroup:NodeGroup", "general").inputs["releaseVersion"]).toBe("1.35.1-20261115");
    const other = await runStack("cluster", { config: { nodeReleaseVersion: "1.34.1-20261115" } });
    expect(other.error?.message).toContain("is none of Kubernetes 1.35");
  });

  it("buys general nodes on the spot market by one key, those of the service never", async () => {
    const run = await runStack("cluster", { config: { generalCapacityType: "SPOT" } });
    const capacity = run
      .ofType("aws:eks/nodeGroup:NodeGroup")
      .map(({ name, inputs }) => [name, inputs["capacityType"]]);
    expect(Object.fromEntries(capacity)).toEqual({ general: "SPOT", service: "ON_DEMAND" });
  });

  it("buys Graviton nodes by one key", async () => {
    const run = await runStack("cluster", { config: { nodeArchitecture: "arm64" } });
    expect(run.one("aws:eks/nodeGroup:NodeGroup", "service").inputs).toMatchObject({
      amiType: "AL2023_ARM_64_STANDARD",
      instanceTypes: ["m7g.xlarge"],
    });
    const config = { generalInstanceTypes: ["m7gd.large", "t3a.medium"], serviceInstanceTypes: ["im4gn.xlarge"] };
    const mixed = await runStack("cluster", { config: { ...config, nodeArchitecture: "arm64" } });
    expect(mixed.error?.message).toMatch(/1 problem[\s\S]*generalInstanceTypes names t3a\.medium, /);
    const intel = await runStack("cluster", {
      config: { generalInstanceTypes: ["g4dn.xlarge", "m6a.large", "a1.large"] },
    });
    expect(intel.error?.message).toContain("generalInstanceTypes names a1.large, ");
  });

  it("keeps the version of an add-on that is named, takes the newest of the others, and refuses 04's", async () => {
    const config = { addonVersions: { "vpc-cni": "v1.20.4-eksbuild.1" } };
    const run = await runStack("cluster", { config });
    const versionOf = (name: string) => run.one("aws:eks/addon:Addon", name).inputs["addonVersion"];
    expect(versionOf("vpc-cni")).toBe("v1.20.4-eksbuild.1");
    expect(versionOf("kube-proxy")).not.toBe(versionOf("vpc-cni"));
    const other = await runStack("cluster", { config: { addonVersions: { coredns: "v1.13.1-eksbuild.1" } } });
    expect(other.error?.message).toContain("addonVersions names coredns");
    expect(other.error?.message).toContain("04-cluster-services has others");
  });

  it("leaves the count of a living group to the autoscaler, but for new bounds, which EKS takes only around a count", async () => {
    const urn = (name: string) => `urn:pulumi:test::selfhosted-03-cluster::aws:eks/nodeGroup:NodeGroup::${name}`;
    const scalingConfig = { minSize: 2, desiredSize: 2, maxSize: 5 };
    const state = Object.fromEntries(
      ["general", "service"].map((name) => {
        const outputs = { clusterName: "pulumi-test", nodeGroupName: `${name}-1a2b3c4`, scalingConfig };
        return [urn(name), { type: "aws:eks/nodeGroup:NodeGroup", outputs }];
      }),
    );
    const up = async (config: Record<string, unknown>, living: number) => {
      const run = await runStack("cluster", {
        config,
        upstream: { cluster: { clusterVersion: "1.35" } },
        invokes: {
          "pulumi:pulumi:readStackResourceOutputs": () => ({ outputs: state }),
          "aws:eks/getNodeGroup:getNodeGroup": (inputs) => {
            expect(inputs).toMatchObject({ clusterName: "pulumi-test", nodeGroupName: "general-1a2b3c4" });
            if (living === 0) throw new Error("No node group found");
            return { ...inputs, scalingConfigs: [{ ...scalingConfig, desiredSize: living }] };
          },
        },
      });
      expect(run.error).toBeUndefined();
      expect(run.one("aws:eks/nodeGroup:NodeGroup", "service").ignoreChanges).toEqual(["scalingConfig.desiredSize"]);
      const { inputs, ignoreChanges } = run.one("aws:eks/nodeGroup:NodeGroup", "general");
      return { ...(inputs["scalingConfig"] as typeof scalingConfig), ignored: ignoreChanges.length > 0 };
    };
    const [raised, lowered] = [{ generalMinSize: 3, generalDesiredSize: 3 }, { generalMaxSize: 3 }];
    expect(await up({}, 4)).toMatchObject({ ignored: true });
    expect(await up(raised, 2)).toEqual({ minSize: 3, desiredSize: 3, maxSize: 5, ignored: false });
    expect(await up({ generalMaxSize: 8 }, 5)).toEqual({ minSize: 2, desiredSize: 5, maxSize: 8, ignored: false });
    expect(await up(lowered, 4)).toEqual({ minSize: 2, desiredSize: 3, maxSize: 3, ignored: false });
    expect(await up(raised, 0)).toEqual({ minSize: 3, desiredSize: 3, maxSize: 5, ignored: false });
  });
});
