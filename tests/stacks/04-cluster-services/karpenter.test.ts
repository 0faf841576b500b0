import { beforeAll, describe, expect, it } from "@jest/globals";
import { runStack, type Run } from "../../support/mocks";
import { charts } from "@selfhosted/common/images";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";

describe("04-cluster-services with Karpenter", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runStack("clusterServices", {
      config: {
        autoscaling: "karpenter",
        nodePools: ["stateful", "stateless", "gpu"],
        nodePoolCpuLimit: 32,
        nodePoolGpuLimit: 2,
      },
      invokes: {
        "aws:eks/getCluster:getCluster": (inputs) => ({
          ...inputs,
          vpcConfig: { clusterSecurityGroupId: "sg-0123456789abcdef9" },
        }),
      },
    });
  });

  it("replaces the cluster-autoscaler", () => {
    expect(run.error).toBeUndefined();
    expect(
      run
        .ofType(RELEASE)
        .map((release) => release.name)
        .sort(),
    ).toEqual(["karpenter", "load-balancer-controller"]);
    expect(run.one(RELEASE, "karpenter").inputs).toMatchObject({
      chart: "oci://public.ecr.aws/karpenter/karpenter",
      version: charts.karpenter.version,
      values: { settings: { clusterName: "my-cluster", interruptionQueue: "pulumi-test-karpenter" }, replicas: 2 },
    });
    expect(run.one(ASSOCIATION, "karpenter").inputs).toMatchObject({ namespace: "kube-system" });
  });

  it("hears every warning of AWS, over an encrypted queue", () => {
    const patterns = run
      .ofType("aws:cloudwatch/eventRule:EventRule")
      .map(
        ({ inputs }) => (JSON.parse(String(inputs["eventPattern"])) as { "detail-type": string[] })["detail-type"][0],
      );
    expect(patterns.sort()).toEqual([
      "AWS Health Event",
      "EC2 Capacity Reservation Instance Interruption Warning",
      "EC2 Instance Rebalance Recommendation",
      "EC2 Instance State-change Notification",
      "EC2 Spot Instance Interruption Warning",
    ]);
    expect(run.ofType("aws:cloudwatch/eventTarget:EventTarget")).toHaveLength(patterns.length);
    expect(run.one("aws:sqs/queue:Queue").inputs).toMatchObject({
      name: "pulumi-test-karpenter",
      sqsManagedSseEnabled: true,
    });
    expect(String(run.one("aws:sqs/queuePolicy:QueuePolicy").inputs["policy"])).toContain("aws:SecureTransport");
  });

  it("makes nodes as hardened as 03-cluster's, that the database admits", () => {
    expect(run.one("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass").inputs["spec"]).toMatchObject({
      role: "name",
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [{ ebs: { encrypted: true, volumeType: "gp3" } }],
      securityGroupSelectorTerms: [{ id: "sg-0123456789abcdef9" }, { id: "sg-0123456789abcdef0" }],
    });
  });

  it("bounds every pool, never moves stateful pods to save a node, and keeps GPUs for those that ask", () => {
    const specs = new Map(
      run.ofType("kubernetes:karpenter.sh/v1:NodePool").map(({ name, inputs }) => [name, inputs["spec"]]),
    );
    expect([...specs.keys()].sort()).toEqual(["gpu", "stateful", "stateless"]);
    for (const spec of specs.values()) expect(spec).toMatchObject({ limits: { cpu: "32" } });
    expect(specs.get("stateful")).toMatchObject({
      disruption: { consolidationPolicy: "WhenEmpty" },
      template: { spec: { requirements: [{ key: "karpenter.sh/capacity-type", values: ["on-demand"] }, {}, {}, {}] } },
    });
    expect(specs.get("stateful")).toMatchObject({
      disruption: { budgets: [{ nodes: "1" }] },
      template: { spec: { taints: [{ key: "pulumi-selfhosted/pool", value: "stateful", effect: "NoSchedule" }] } },
    });
    // The pool of pods that ask for nothing special.
    expect(specs.get("stateless")).toMatchObject({ disruption: { budgets: [{ nodes: "10%" }] } });
    expect((specs.get("stateless") as Pool).template.spec.taints).toBeUndefined();
    expect(specs.get("gpu")).toMatchObject({
      limits: { "nvidia.com/gpu": "2" },
      template: { spec: { taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }] } },
    });
  });
});

interface Pool {
  readonly template: { readonly spec: { readonly taints?: unknown } };
}
