import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { shared } from "@selfhosted/common";
import { runStack, type Run } from "../../support/mocks";
import { clusterLookup } from "./everything";

const POOL = "kubernetes:karpenter.sh/v1:NodePool";
const upstream = { cluster: { autoMode: true } };

describe("04-cluster-services on EKS Auto Mode", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runStack("clusterServices", {
      config: { autoscaling: "auto-mode", nodePoolArchitecture: "arm64" },
      upstream,
      invokes: clusterLookup,
    });
  });

  it("leaves out what EKS brings, and keeps the controller that binds 08-service's pods", () => {
    expect(run.error).toBeUndefined();
    expect(run.ofType("aws:eks/addon:Addon").map(({ name }) => name)).toEqual(["metrics-server"]);
    expect(run.ofType("kubernetes:helm.sh/v3:Release").map(({ name }) => name)).toEqual(["load-balancer-controller"]);
  });

  it("makes volumes with EKS's own driver", () => {
    expect(run.one("kubernetes:storage.k8s.io/v1:StorageClass").inputs).toMatchObject({
      provisioner: "ebs.csi.eks.amazonaws.com",
      parameters: { type: "gp3", encrypted: "true" },
    });
  });

  it("makes nodes that the database admits, in the private subnets, with the role that 03-cluster lets in", () => {
    expect(run.one("kubernetes:eks.amazonaws.com/v1:NodeClass").inputs["spec"]).toMatchObject({
      role: "name",
      subnetSelectorTerms: [{ id: "subnet-0123456789abcdef0" }, { id: "subnet-0123456789abcdef1" }],
      securityGroupSelectorTerms: [{ id: "sg-0123456789abcdef9" }, { id: "sg-0123456789abcdef0" }],
    });
  });

  it("has EKS enforce the namespaces' network policies before there is a node", () => {
    expect(run.one("kubernetes:core/v1:ConfigMap").inputs).toMatchObject({
      metadata: { name: "amazon-vpc-cni", namespace: "kube-system" },
      data: { "enable-network-policy-controller": "true" },
    });
    const nodeClass = run.one("kubernetes:eks.amazonaws.com/v1:NodeClass");
    expect(nodeClass.inputs["spec"]).toMatchObject({ networkPolicy: "DefaultAllow" });
    expect(nodeClass.dependsOn).toContain("kubernetes:core/v1:ConfigMap::network-policies");
  });

  it("keeps one of its two bounded pools for the service", () => {
    const nodeClassRef = { group: "eks.amazonaws.com", kind: "NodeClass", name: "selfhosted" };
    const requirements = expect.arrayContaining([
      { key: "kubernetes.io/arch", operator: "In", values: ["arm64"] },
      { key: "eks.amazonaws.com/instance-generation", operator: "Gt", values: ["5"] },
    ]);
    for (const name of ["general", "service"]) {
      expect(run.one(POOL, name).inputs["spec"]).toMatchObject({
        limits: { cpu: "64" },
        template: { spec: { nodeClassRef, requirements } },
      });
    }
    const { key, value } = shared.serviceNodes;
    expect(run.one(POOL, "service").inputs["spec"]).toMatchObject({
      template: {
        metadata: { labels: { [key]: value } },
        spec: { taints: [{ key, value, effect: "NoSchedule" }] },
      },
    });
    expect(JSON.stringify(run.one(POOL, "general").inputs)).not.toContain("taints");
  });

  it("says that velero keeps none of its volumes", async () => {
    const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
    const config = { autoscaling: "auto-mode", services: ["velero"] };
    const backups = await runStack("clusterServices", { config, upstream, invokes: clusterLookup });
    const said = warn.mock.calls.map(([message]) => message).join();
    warn.mockRestore();
    expect(backups.error).toBeUndefined();
    expect(said).toContain("no volumes that EKS Auto Mode made");
  });

  it("is told by both stacks, or refused", async () => {
    const onlyThere = await runStack("clusterServices", { upstream });
    expect(onlyThere.error?.message).toContain("run `pulumi config set autoscaling auto-mode`");
    const onlyHere = await runStack("clusterServices", {
      config: { autoscaling: "auto-mode" },
      invokes: clusterLookup,
    });
    expect(onlyHere.error?.message).toContain("set autoMode in 03-cluster");
    expect([...onlyThere.resources, ...onlyHere.resources]).toEqual([]);
  });
});
