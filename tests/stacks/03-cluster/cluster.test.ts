import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { shared } from "@selfhosted/common";
import { runStack, type Run } from "../../support/mocks";
import { defaultVersion, supportOf } from "../../../03-cluster/versions";

describe("03-cluster", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runStack("cluster");
  });
  const cluster = () => run.one("aws:eks/cluster:Cluster").inputs;

  it("makes a private, encrypted, logged control plane and nothing by default", () => {
    expect(run.error).toBeUndefined();
    expect(cluster()).toMatchObject({
      name: "pulumi-test",
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
      vpcConfig: { endpointPrivateAccess: true, endpointPublicAccess: false },
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      upgradePolicy: { supportType: "STANDARD" },
      bootstrapSelfManagedAddons: false,
      computeConfig: { enabled: false },
      storageConfig: { blockStorage: { enabled: false } },
      kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: false } },
    });
    expect(cluster()["vpcConfig"]).not.toHaveProperty("publicAccessCidrs");
    const key = run.one("aws:kms/key:Key");
    expect(key.inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
    expect(cluster()["encryptionConfig"]).toEqual({
      provider: { keyArn: key.state["arn"] },
      resources: ["secrets"],
    });
    expect(run.one("aws:kms/alias:Alias").inputs["name"]).toBe("alias/pulumi-test-cluster");
  });

  it("makes no role", () => {
    expect(run.resources.filter(({ type }) => type.startsWith("aws:iam/"))).toEqual([]);
  });

  it("owns the log group that EKS would make for ever", () => {
    expect(run.one("aws:cloudwatch/logGroup:LogGroup").inputs).toMatchObject({
      name: "/aws/eks/pulumi-test/cluster",
      retentionInDays: 90,
    });
    expect(run.one("aws:eks/cluster:Cluster").dependsOn).toContain("aws:cloudwatch/logGroup:LogGroup::control-plane");
  });

  it("asks for a version that EKS knows, major.minor, in standard support (B8)", () => {
    expect(cluster()["version"]).toBe(defaultVersion);
    expect(defaultVersion).toMatch(/^1\.\d\d$/);
    expect(Number(defaultVersion.slice(2))).toBeGreaterThanOrEqual(35);
    expect(supportOf(defaultVersion, new Date("2026-11-21"))).toBe("standard");
  });

  it("puts what nodes need before the nodes, the CNI with its own role and network policies on", () => {
    const names = run.ofType("aws:eks/addon:Addon").map((addon) => addon.name);
    expect([...names].sort()).toEqual(["eks-pod-identity-agent", "kube-proxy", "vpc-cni"]);
    const cni = run.one("aws:eks/addon:Addon", "vpc-cni").inputs;
    expect(cni["podIdentityAssociations"]).toEqual([
      { serviceAccount: "aws-node", roleArn: "arn:aws:iam::123456789012:role/name" },
    ]);
    expect(JSON.parse(String(cni["configurationValues"]))).toMatchObject({ enableNetworkPolicy: "true" });
    expect(cni["resolveConflictsOnCreate"]).toBe("OVERWRITE");
    const order = run.resources.map((resource) => `${resource.type} ${resource.name}`);
    for (const addon of names) {
      expect(order.indexOf(`aws:eks/addon:Addon ${addon}`)).toBeLessThan(
        order.indexOf("aws:eks/nodeGroup:NodeGroup general"),
      );
    }
  });

  it("keeps one group for the service, by the label and taint that 08-service answers (B2)", () => {
    const { key, value } = shared.serviceNodes;
    expect(run.one("aws:eks/nodeGroup:NodeGroup", "service").inputs).toMatchObject({
      labels: { [key]: value },
      taints: [{ key, value, effect: "NO_SCHEDULE" }],
      instanceTypes: ["m6a.xlarge"],
    });
    expect(run.one("aws:eks/nodeGroup:NodeGroup", "general").inputs["taints"]).toBeUndefined();
  });

  it("starts nodes with IMDSv2 from one hop, encrypted gp3, and both security groups", () => {
    for (const name of ["general", "service"]) {
      const template = run.one("aws:ec2/launchTemplate:LaunchTemplate", name).inputs;
      expect(template["metadataOptions"]).toMatchObject({ httpTokens: "required", httpPutResponseHopLimit: 1 });
      expect(template["blockDeviceMappings"]).toMatchObject([
        { ebs: { volumeType: "gp3", encrypted: "true", kmsKeyId: run.one("aws:kms/key:Key").state["arn"] } },
      ]);
      const groups = template["vpcSecurityGroupIds"] as string[];
      expect(groups).toHaveLength(2);
      expect(groups).toContain("sg-0123456789abcdef0");
    }
  });

  it("publishes a secret kubeconfig that signs in without a profile", () => {
    expect(run.secretOutputs).toEqual(["kubeconfig"]);
    const config = JSON.parse(String(run.outputs["kubeconfig"])) as {
      users: { user: { exec: { command: string; args: string[]; env?: unknown } } }[];
    };
    expect(config.users[0]?.user.exec).toMatchObject({
      command: "aws",
      args: ["eks", "get-token", "--cluster-name", "pulumi-test", "--region", "us-east-1", "--output", "json"],
    });
    expect(JSON.stringify(config)).not.toMatch(/profile/i);
  });
});

describe("03-cluster by configuration", () => {
  it("leaves nodes to EKS in Auto Mode, and lets them join", async () => {
    const run = await runStack("cluster", {
      config: { autoMode: true },
      upstream: { iam: { nodeRoleArn: "arn:aws:iam::123456789012:role/nodes" } },
    });
    expect(run.one("aws:eks/cluster:Cluster").inputs).toMatchObject({
      // EKS's own pools are off: their nodes don't carry the workload security group.
      computeConfig: { enabled: true },
      storageConfig: { blockStorage: { enabled: true } },
      kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true } },
    });
    expect(run.one("aws:eks/cluster:Cluster").inputs["computeConfig"]).not.toHaveProperty("nodePools");
    for (const type of [
      "aws:eks/nodeGroup:NodeGroup",
      "aws:eks/addon:Addon",
      "aws:ec2/launchTemplate:LaunchTemplate",
    ]) {
      expect(run.ofType(type)).toEqual([]);
    }
    const principalArn = "arn:aws:iam::123456789012:role/nodes";
    expect(run.one("aws:eks/accessEntry:AccessEntry").inputs).toMatchObject({ type: "EC2", principalArn });
    expect(run.one("aws:eks/accessPolicyAssociation:AccessPolicyAssociation").inputs).toMatchObject({
      principalArn,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy",
    });
    expect(run.outputs["autoMode"]).toBe(true);
  });

  it("warns before a living cluster loses its nodes to another mode", async () => {
    const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
    try {
      const living = { upstream: { cluster: { autoMode: false } } };
      await runStack("cluster", { config: { autoMode: true }, ...living });
      expect(warn.mock.calls.map(([message]) => message).join()).toContain("docs/blue-green.md");
      warn.mockClear();
      await runStack("cluster", living);
      await runStack("cluster", { config: { autoMode: true } });
      expect(warn).not.toHaveBeenCalled();
    } finally {
      warn.mockRestore();
    }
  });

  it("names nothing like its sister while two stand side by side", async () => {
    const physical = async (color: string) => {
      const run = await runStack("cluster", { config: { color } });
      expect(run.error).toBeUndefined();
      expect(run.outputs["color"]).toBe(color);
      return run.resources.flatMap(({ type, inputs }) =>
        type === "aws:eks/addon:Addon" ? [] : [inputs["name"]].flatMap((name) => (name === undefined ? [] : [name])),
      );
    };
    const [blue, green] = [await physical("blue"), await physical("green")];
    expect(blue).toContain("pulumi-test");
    expect(green).toContain("pulumi-test-green");
    expect(green).toContain("alias/pulumi-test-cluster-green");
    expect(green).toHaveLength(blue.length);
    expect(blue.filter((name) => green.includes(name))).toEqual([]);
  });

  it("protects everything by one key, in Pulumi and in AWS", async () => {
    const run = await runStack("cluster", { config: { protect: true } });
    expect(run.one("aws:eks/cluster:Cluster").inputs["deletionProtection"]).toBe(true);
    expect(run.resources.filter(({ protect }) => !protect).map(({ type, name }) => `${type} ${name}`)).toEqual([]);
    const open = await runStack("cluster");
    expect(open.resources.filter(({ protect }) => protect)).toEqual([]);
  });
});
