import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { Properties } from "../../sandbox/provider/types";
import { startTestCluster, type TestCluster } from "./support";
import { runStack } from "../support/mocks";

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster("search");
});

afterAll(() => cluster.stop());

it("what 06 makes with mode cluster comes up behind a real Kubernetes API, under Pod Security's level restricted", async () => {
  const run = await runStack("insights", { config: { mode: "cluster" } });
  await cluster.create("storage.k8s.io/v1:StorageClass", "gp3", {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "gp3" },
    provisioner: "ebs.csi.aws.com",
    volumeBindingMode: "WaitForFirstConsumer",
  });
  const objects = run.resources.filter(({ type }) => type.startsWith("kubernetes:"));
  for (const { type, name, inputs } of objects) {
    const made = await cluster.create(type.slice("kubernetes:".length), name, inputs as Properties);
    expect(made.id).not.toBe("");
  }
  expect(objects.map(({ type }) => type)).toContain("kubernetes:helm.sh/v3:Release");
});
