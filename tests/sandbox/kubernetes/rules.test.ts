import { describe, expect, it } from "@jest/globals";
import { intOrPercent } from "../../../sandbox/kubernetes/controllers/replicas";
import { quantity } from "../../../sandbox/kubernetes/controllers/quantities";
import { matchesNode, selects, toleratesTaints } from "../../../sandbox/kubernetes/controllers/scheduling";
import { compareInputs } from "../../../sandbox/kubernetes/differences";
import { allocatable, capacityOf } from "../../../sandbox/kubernetes/instanceTypes";
import { liveInputs } from "../../../sandbox/kubernetes/liveInputs";
import { kindOf } from "../../../sandbox/kubernetes/objects";
import { emulatedVersion } from "../../../sandbox/kubernetes/versions";
import type { Properties } from "../../../sandbox/provider/types";

const live = (content: Properties) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, ...content });

describe("Kubernetes' own notations", () => {
  it.each([
    ["100m", 0.1],
    ["1", 1],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["2k", 2000],
    ["1e3", 1000],
    [undefined, 0],
  ])("quantity %s is %d", (text, value) => {
    expect(quantity(text)).toBeCloseTo(value);
  });

  it("rounds a percentage as its reader says", () => {
    expect(intOrPercent("25%", 3, Math.ceil)).toBe(1);
    expect(intOrPercent("25%", 3, Math.floor)).toBe(0);
    expect(intOrPercent(2, 3, Math.floor)).toBe(2);
  });

  it("reads type tokens, also of patches and custom resources", () => {
    const identity = (type: string) => ({ urn: "", name: "", type });
    expect(kindOf(identity("kubernetes:core/v1:Service"))).toEqual({
      apiVersion: "v1",
      kind: "Service",
      isPatch: false,
    });
    expect(kindOf(identity("kubernetes:apps/v1:DeploymentPatch"))).toMatchObject({ kind: "Deployment", isPatch: true });
    expect(kindOf(identity("kubernetes:x.io/v1:GitPatch"), { kind: "GitPatch" })).toMatchObject({ isPatch: false });
  });

  it("lets the server stand for the last three versions, and for itself", () => {
    expect(emulatedVersion("1.34", "1.36")).toBe("1.34");
    expect(emulatedVersion("1.36", "1.36")).toBeUndefined();
    expect(emulatedVersion("1.28", "1.36")).toBeUndefined();
  });
});

describe("scheduling rules", () => {
  const node = {
    metadata: { name: "a", labels: { zone: "a", size: "4" } },
    spec: { taints: [{ key: "dedicated", value: "service", effect: "NoSchedule" }] },
  };
  const required = (key: string, operator: string, values?: string[]) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }],
        },
      },
    },
  });

  it.each([
    ["In", ["a", "b"], true],
    ["NotIn", ["a"], false],
    ["Exists", undefined, true],
    ["DoesNotExist", undefined, false],
  ])("node affinity %s %j: %s", (operator, values, fits) => {
    expect(matchesNode(required("zone", operator, values), node)).toBe(fits);
  });

  it("compares numbers for Gt and Lt", () => {
    expect(matchesNode(required("size", "Gt", ["3"]), node)).toBe(true);
    expect(matchesNode(required("size", "Lt", ["4"]), node)).toBe(false);
  });

  it("needs a toleration of the very taint, or of all", () => {
    const { taints } = node.spec;
    expect(toleratesTaints([], taints)).toBe(false);
    expect(toleratesTaints([{ key: "dedicated", value: "other" }], taints)).toBe(false);
    expect(toleratesTaints([{ key: "dedicated", value: "service", effect: "NoExecute" }], taints)).toBe(false);
    expect(toleratesTaints([{ key: "dedicated", value: "service", effect: "NoSchedule" }], taints)).toBe(true);
    expect(toleratesTaints([{ operator: "Exists" }], taints)).toBe(true);
    expect(toleratesTaints([], [{ key: "soft", effect: "PreferNoSchedule" }])).toBe(true);
  });

  it("selects by labels and expressions together; an absent selector selects nothing", () => {
    expect(selects({ matchLabels: { app: "a" } }, { app: "a", more: "b" })).toBe(true);
    expect(
      selects({ matchLabels: { app: "a" }, matchExpressions: [{ key: "more", operator: "Exists" }] }, { app: "a" }),
    ).toBe(false);
    expect(selects(undefined, { app: "a" })).toBe(false);
    expect(selects({}, { app: "a" })).toBe(true);
  });

  it("keeps the node's own share of CPU and memory from pods", () => {
    expect(allocatable(capacityOf("m6i.large"))).toEqual({ cpu: "1930m", memory: "7518Mi", pods: "29" });
    expect(capacityOf("m7g.xlarge").architecture).toBe("arm64");
    expect(() => capacityOf("z9.huge")).toThrow("add its size to sandbox/kubernetes/instanceTypes.ts");
  });
});

describe("what an object's inputs are", () => {
  it("keeps the way a quantity was written, and shows what somebody changed", () => {
    const inputs = { spec: { cpu: "0.5", memory: "1024Mi", list: [{ name: "a" }] } };
    const actual = live({ spec: { cpu: "500m", memory: "1Gi", list: [{ name: "b", added: 1 }], defaulted: true } });
    expect(liveInputs(actual, inputs)).toEqual({ spec: { cpu: "0.5", memory: "1024Mi", list: [{ name: "b" }] } });
  });

  it("doesn't take versions for quantities", () => {
    expect(liveInputs(live({ data: { version: "1.1" } }), { data: { version: "1.10" } })).toEqual({
      data: { version: "1.1" },
    });
  });

  it("reads a Secret's plain text back from its data, without what others added", () => {
    const data = { password: Buffer.from("changed").toString("base64"), other: "" };
    expect(liveInputs(live({ data }), { stringData: { password: "first" } })).toEqual({
      stringData: { password: "changed" },
    });
  });

  it("takes labels and annotations on import, and not what the server wrote", () => {
    const imported = liveInputs(
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", uid: "1", labels: { b: "c" } }, data: { d: "e" } },
      undefined,
    );
    expect(imported).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", labels: { b: "c" } },
      data: { d: "e" },
    });
  });
});

describe("which changes make a new object", () => {
  const secret = { apiVersion: "v1", kind: "Secret", isPatch: false };
  const value = (text: string, name = "a"): Properties => ({ metadata: { name }, stringData: { text } });

  it("a Secret's data, unless the provider is told otherwise", () => {
    expect(compareInputs(secret, value("1"), value("2"), {}).replaces).toEqual(["stringData"]);
    expect(compareInputs(secret, value("1"), value("2"), { enableSecretMutable: "true" }).replaces).toEqual([]);
    expect(
      compareInputs(secret, value("1"), { ...value("2"), immutable: true }, { enableConfigMapMutable: "true" })
        .replaces,
    ).toContain("stringData");
  });

  it("deletes first only where the new object has the old one's fixed name", () => {
    expect(compareInputs(secret, value("1"), value("2"), {}).deleteBeforeReplace).toBe(true);
    expect(compareInputs(secret, value("1"), value("1", "b"), {}).deleteBeforeReplace).toBe(false);
  });

  it("nothing of a patch", () => {
    expect(compareInputs({ ...secret, isPatch: true }, value("1"), value("2", "b"), {}).replaces).toEqual([]);
  });
});
