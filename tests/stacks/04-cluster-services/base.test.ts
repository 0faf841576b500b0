import { beforeAll, describe, expect, it } from "@jest/globals";
import { runStack, type Run } from "../../support/mocks";
import { charts } from "@selfhosted/common/images";
import { controllerVersion } from "../../../04-cluster-services/loadBalancerController";

const ADDON = "aws:eks/addon:Addon";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";

describe("04-cluster-services", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runStack("clusterServices");
  });

  it("installs add-ons in the version that fits the cluster, taking over what is there", () => {
    expect(run.error).toBeUndefined();
    const names = run.ofType(ADDON).map((addon) => addon.name);
    expect(names.sort()).toEqual(["aws-ebs-csi-driver", "coredns", "metrics-server"]);
    for (const { inputs } of run.ofType(ADDON)) {
      expect(inputs).toMatchObject({
        addonVersion: "v1.0.0-eksbuild.1",
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "OVERWRITE",
      });
    }
    expect(run.one(ADDON, "aws-ebs-csi-driver").inputs["podIdentityAssociations"]).toEqual([
      { serviceAccount: "ebs-csi-controller-sa", roleArn: "arn:aws:iam::123456789012:role/name" },
    ]);
  });

  it("runs the load balancer controller twice, under a role of its own, without asking the metadata service", () => {
    const release = run.one(RELEASE, "load-balancer-controller").inputs;
    expect(release).toMatchObject({
      chart: "aws-load-balancer-controller",
      version: charts.loadBalancerController.version,
      repositoryOpts: { repo: "https://aws.github.io/eks-charts" },
      namespace: "kube-system",
      values: {
        clusterName: "my-cluster",
        region: "us-east-1",
        vpcId: "vpc-0123456789abcdef0",
        replicaCount: 2,
        podDisruptionBudget: { maxUnavailable: 1 },
        serviceAccount: { create: true, name: "aws-load-balancer-controller" },
        enableServiceMutatorWebhook: false,
      },
    });
    const names = run.resources.map((resource) => resource.name);
    expect(run.one(ASSOCIATION, "aws-load-balancer-controller").inputs).toMatchObject({
      namespace: "kube-system",
      serviceAccount: "aws-load-balancer-controller",
    });
    // Pods get their role when they start: the association comes first.
    expect(names.indexOf("aws-load-balancer-controller")).toBeLessThan(names.indexOf("load-balancer-controller"));
    expect(run.outputs["loadBalancerControllerVersion"]).toBe("3.5.0");
  });

  it("scales the nodes of its own cluster", () => {
    expect(run.one(RELEASE, "cluster-autoscaler").inputs["values"]).toMatchObject({
      autoDiscovery: { clusterName: "my-cluster" },
      awsRegion: "us-east-1",
      rbac: { serviceAccount: { name: "cluster-autoscaler" } },
    });
    expect(run.one(ASSOCIATION, "cluster-autoscaler").inputs["serviceAccount"]).toBe("cluster-autoscaler");
  });

  it("makes encrypted gp3 the default class", () => {
    expect(run.one("kubernetes:storage.k8s.io/v1:StorageClass").inputs).toMatchObject({
      metadata: { name: "gp3", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      parameters: { type: "gp3", encrypted: "true" },
      volumeBindingMode: "WaitForFirstConsumer",
    });
    expect(run.outputs["storageClassName"]).toBe("gp3");
  });

  it("opens no port and makes no security group (issue 76 upstream)", () => {
    expect(run.resources.filter(({ type }) => /securityGroup/i.test(type))).toEqual([]);
  });

  it("gives up no Kubernetes object because the cluster can't be reached", () => {
    expect(run.one("pulumi:providers:kubernetes", "cluster").inputs["deleteUnreachable"]).toBe("false");
  });
});

describe("04-cluster-services by configuration", () => {
  it("takes versions from the configuration", async () => {
    const run = await runStack("clusterServices", {
      config: {
        addonVersions: { coredns: "v1.13.1-eksbuild.1" },
        chartVersions: { "aws-load-balancer-controller": "1.13.4" },
      },
    });
    expect(run.one(ADDON, "coredns").inputs["addonVersion"]).toBe("v1.13.1-eksbuild.1");
    expect(run.one(RELEASE, "load-balancer-controller").inputs["version"]).toBe("1.13.4");
    expect(run.outputs["loadBalancerControllerVersion"]).toBe("2.13.4");
    expect(controllerVersion("3.5.0")).toBe("3.5.0");
  });

  it("takes charts and images from mirrors", async () => {
    const run = await runStack("clusterServices", {
      config: { chartRegistry: "oci://registry.example.com/charts", imageRegistry: "registry.example.com/mirror" },
    });
    const release = run.one(RELEASE, "load-balancer-controller").inputs;
    expect(release["chart"]).toBe("oci://registry.example.com/charts/aws-load-balancer-controller");
    expect(release["repositoryOpts"]).toBeUndefined();
    expect(release["values"]).toMatchObject({
      image: { repository: "registry.example.com/mirror/eks/aws-load-balancer-controller" },
    });
  });

  it("installs nothing that the cluster has, and then asks neither for its role nor for the VPC", async () => {
    const run = await runStack("clusterServices", {
      config: {
        addons: ["coredns"],
        autoscaling: "none",
        loadBalancerControllerVersion: "2.14.0",
        storageClassName: "fast",
      },
      upstream: { iam: false, networking: false },
    });
    expect(run.error).toBeUndefined();
    expect(run.outputs).toMatchObject({ loadBalancerControllerVersion: "2.14.0", storageClassName: "fast" });
    expect(run.resources.map((resource) => resource.type)).toEqual(expect.not.arrayContaining([RELEASE, ASSOCIATION]));
    expect(run.references).toHaveLength(1);
  });
});
