import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { shared } from "@selfhosted/common";
import { runStack, type Run } from "../../support/mocks";
import { defaultVersion, supportOf, versions } from "../../../03-cluster/versions";

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
  it("opens the endpoint to the ranges named, and makes access entries", async () => {
    const run = await runStack("cluster", {
      config: {
        publicAccessCidrs: ["203.0.113.0/24"],
        admins: ["arn:aws:iam::123456789012:role/platform/admin"],
        viewers: ["arn:aws:iam::123456789012:role/developer"],
      },
    });
    expect(run.one("aws:eks/cluster:Cluster").inputs["vpcConfig"]).toMatchObject({
      endpointPublicAccess: true,
      publicAccessCidrs: ["203.0.113.0/24"],
    });
    const entries = {
      "role-platform-admin": "AmazonEKSClusterAdminPolicy",
      "role-developer": "AmazonEKSAdminViewPolicy",
    };
    for (const [name, policy] of Object.entries(entries)) {
      const principalArn = run.one("aws:eks/accessEntry:AccessEntry", `123456789012-${name}`).inputs["principalArn"];
      expect(run.one("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", `123456789012-${name}`).inputs).toEqual(
        {
          clusterName: "pulumi-test",
          principalArn,
          policyArn: `arn:aws:eks::aws:cluster-access-policy/${policy}`,
          accessScope: { type: "cluster" },
        },
      );
    }
    expect(run.ofType("aws:eks/accessEntry:AccessEntry").map(({ inputs }) => inputs["principalArn"])).toEqual([
      "arn:aws:iam::123456789012:role/platform/admin",
      "arn:aws:iam::123456789012:role/developer",
    ]);
  });

  it("leaves its creator outside when told to, and never for nobody's sake", async () => {
    const admins = ["arn:aws:iam::123456789012:role/deployer"];
    const cluster = (await runStack("cluster", { config: { creatorAdmin: false, admins } })).one(
      "aws:eks/cluster:Cluster",
    );
    expect(cluster.inputs["accessConfig"]).toMatchObject({ bootstrapClusterCreatorAdminPermissions: false });
    // A living cluster would be replaced.
    expect(cluster.ignoreChanges).toEqual(["accessConfig.bootstrapClusterCreatorAdminPermissions"]);
    const locked = await runStack("cluster", { config: { creatorAdmin: false } });
    expect(locked.error?.message).toContain("pulumi config set --path 'admins[0]'");
  });

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

  it("warns of a version that has left standard support, with what follows from the upgrade policy", async () => {
    const aged = Object.keys(versions).find((version) => supportOf(version, new Date()) === "extended");
    const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
    try {
      const run = await runStack("cluster", { config: { kubernetesVersion: aged, upgradePolicy: "EXTENDED" } });
      expect(run.error).toBeUndefined();
      expect(run.one("aws:eks/cluster:Cluster").inputs["upgradePolicy"]).toEqual({ supportType: "EXTENDED" });
      await runStack("cluster", { config: { kubernetesVersion: aged } });
      const said = warn.mock.calls.map(([message]) => message);
      expect(said[0]).toContain(
        `kubernetesVersion ${String(aged)} has left standard support: the cluster costs $365 a month more`,
      );
      expect(said[1]).toContain("AWS upgrades the cluster by itself");
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

  it("protects everything by one key, in Pulumi and in AWS", async () => {
    const run = await runStack("cluster", { config: { protect: true } });
    expect(run.one("aws:eks/cluster:Cluster").inputs["deletionProtection"]).toBe(true);
    expect(run.resources.filter(({ protect }) => !protect).map(({ type, name }) => `${type} ${name}`)).toEqual([]);
    const open = await runStack("cluster");
    expect(open.resources.filter(({ protect }) => protect)).toEqual([]);
  });

  it("buys Graviton nodes by one key", async () => {
    const run = await runStack("cluster", { config: { nodeArchitecture: "arm64" } });
    expect(run.one("aws:eks/nodeGroup:NodeGroup", "service").inputs).toMatchObject({
      amiType: "AL2023_ARM_64_STANDARD",
      instanceTypes: ["m7g.xlarge"],
    });
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

  it("refuses sizes, versions and ranges that make no sense, all in one message (B8, B9)", async () => {
    const run = await runStack("cluster", {
      config: { kubernetesVersion: "1.30", generalMinSize: 3, generalDesiredSize: 2, publicAccessCidrs: ["0.0.0.0/0"] },
    });
    const message = run.error?.message ?? "";
    expect(message).toContain("kubernetesVersion 1.30 has left EKS");
    expect(message).toContain("generalMinSize 3, generalDesiredSize 2");
    expect(message).toContain("publicAccessCidrs");
    expect(run.resources).toEqual([]);
    const patch = await runStack("cluster", { config: { kubernetesVersion: "1.30.3", instanceType: "t3.xlarge" } });
    expect(patch.error?.message).toContain("EKS takes no patch version");
    expect(patch.error?.message).toContain("instanceType is not a key of this stack");
  });
});

describe("03-cluster's parts", () => {
  it("are looked at before anything is made: roles, service range, key", async () => {
    const run = await runStack("cluster", {
      config: {
        serviceCidr: "10.0.128.0/20",
        clusterKeyArn: "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd",
      },
      upstream: {
        iam: {
          clusterRoleArn: "arn:aws:iam::123456789012:role/pods-only",
          nodeRoleArn: "arn:aws:iam::123456789012:role/gone",
          vpcCniRoleArn: "arn:aws:iam::123456789012:role/pods-only",
        },
      },
      invokes: {
        "aws:kms/getKey:getKey": (inputs) => ({ ...inputs, enabled: false, keyUsage: "ENCRYPT_DECRYPT" }),
        "aws:iam/getRole:getRole": ({ name }) => {
          if (name === "gone") throw new Error("NoSuchEntity: The role with name gone cannot be found.");
          const statement = {
            Effect: "Allow",
            Principal: { Service: "pods.eks.amazonaws.com" },
            Action: ["sts:AssumeRole"],
          };
          return {
            name,
            arn: `arn:aws:iam::123456789012:role/${String(name)}`,
            assumeRolePolicy: JSON.stringify({ Statement: [statement] }),
          };
        },
      },
    });
    const message = run.error?.message ?? "";
    expect(message).toContain("clusterRoleArn: role pods-only does not let eks.amazonaws.com use it");
    expect(message).toContain("nodeRoleArn: no role gone can be read");
    expect(message).toContain("vpcCniRoleArn: role pods-only does not let pods.eks.amazonaws.com use it");
    expect(message).toContain("allow sts:TagSession");
    expect(message).toContain("serviceCidr 10.0.128.0/20 overlaps 10.0.0.0/16");
    expect(message).toContain("clusterKeyArn");
    expect(run.ofType("aws:kms/key:Key")).toEqual([]);
    expect(run.ofType("aws:eks/cluster:Cluster")).toEqual([]);
  });
});

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
