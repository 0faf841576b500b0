import { describe, expect, it } from "@jest/globals";
import { Typings } from "../../../sandbox/provider/typings";

const typings = new Typings("aws");

describe("inputs read from the installed SDK", () => {
  it("have their shape, whether they are required and whether they force a new resource", async () => {
    const inputs = await typings.inputs("aws:eks/cluster:Cluster");
    expect(inputs?.["vpcConfig"]).toEqual({
      required: true,
      forcesNew: false,
      shape: { kind: "block", name: "eks.ClusterVpcConfig" },
    });
    expect(inputs?.["bootstrapSelfManagedAddons"]).toMatchObject({ forcesNew: true, shape: { kind: "boolean" } });
    expect(inputs?.["tags"]?.shape).toEqual({ kind: "map", of: { kind: "string" } });
  });

  it("go down into blocks", async () => {
    const block = await typings.block("eks.ClusterVpcConfig");
    expect(block?.["subnetIds"]).toMatchObject({ required: true, shape: { kind: "list", of: { kind: "string" } } });
  });

  it("take constants for text, and documents for JSON", async () => {
    expect((await typings.inputs("aws:rds/cluster:Cluster"))?.["engine"]?.shape).toEqual({ kind: "string" });
    expect((await typings.inputs("aws:iam/role:Role"))?.["assumeRolePolicy"]?.shape).toEqual({ kind: "json" });
  });

  it("are none for a type that the SDK hasn't got, whatever its token", async () => {
    expect(await typings.inputs("aws:ec2/nope:Nope")).toBeUndefined();
    expect(await typings.inputs("aws:../../secret:X")).toBeUndefined();
    expect(await typings.inputs("random:index/randomId:RandomId")).toBeUndefined();
  });
});
