import { describe, expect, it, jest } from "@jest/globals";
import { useKubernetes, type KubernetesHalf } from "../../../sandbox/aws/eks/kubernetes";
import { supportOf } from "../../../sandbox/aws/eks/versions";
import type { Properties } from "../../../sandbox/provider/types";
import { Account } from "./account";
import { withCluster } from "./cluster";

describe("EKS versions", () => {
  it("are in standard, then extended support, then gone", () => {
    const days = ["2026-12-01", "2026-12-03", "2027-12-03"];
    expect(days.map((day) => supportOf("1.34", new Date(day)))).toEqual(["standard", "extended", "none"]);
  });
});

const AUTO_MODE: Properties = {
  computeConfig: { enabled: true },
  storageConfig: { blockStorage: { enabled: true } },
  kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true } },
};

describe("EKS clusters", () => {
  it.each<[rule: string, inputs: Properties, message: string]>([
    ["a version that EKS never had", { version: "1.99" }, "unsupported Kubernetes version 1.99"],
    ["services within the VPC", { kubernetesNetworkConfig: { serviceIpv4Cidr: "10.0.0.0/20" } }, "overlaps the VPC"],
    [
      "no endpoint at all",
      { vpcConfig: { endpointPublicAccess: false, endpointPrivateAccess: false } },
      "cannot both be false",
    ],
    [
      "private ranges on the internet's side",
      { vpcConfig: { endpointPublicAccess: true, publicAccessCidrs: ["10.1.0.0/16"] } },
      "invalid in publicAccessCidrs",
    ],
    ["a part of Auto Mode", { computeConfig: { enabled: true } }, "must all be enabled or all be disabled"],
    ["Auto Mode without access entries", AUTO_MODE, "authentication mode API"],
    [
      "Auto Mode beside add-ons of its own",
      { ...AUTO_MODE, accessConfig: { authenticationMode: "API" }, bootstrapSelfManagedAddons: true },
      "bootstrapSelfManagedAddons",
    ],
    [
      "EKS's node pools without a role for their nodes",
      {
        ...AUTO_MODE,
        accessConfig: { authenticationMode: "API" },
        bootstrapSelfManagedAddons: false,
        computeConfig: { enabled: true, nodePools: ["system"] },
      },
      "computeConfig.nodeRoleArn",
    ],
    ["an unknown log type", { enabledClusterLogTypes: ["apiserver"] }, "enabledClusterLogTypes"],
    [
      "a key that doesn't exist",
      {
        encryptionConfig: {
          provider: { keyArn: "arn:aws:kms:us-west-2:123456789012:key/none" },
          resources: ["secrets"],
        },
      },
      "NotFoundException",
    ],
  ])("refuses %s", async (_rule, inputs, message) => {
    const account = new Account();
    const { subnetIds } = await account.network(2);
    const roleArn = await account.role("cluster", "eks.amazonaws.com");
    const vpcConfig = { subnetIds, ...(inputs["vpcConfig"] as Properties | undefined) };
    await expect(account.make("eks/cluster", { name: "main", roleArn, ...inputs, vpcConfig })).rejects.toThrow(message);
  });

  it("refuses subnets in one zone, and a role that EKS may not take on", async () => {
    const account = new Account();
    const { subnetIds } = await account.network(2);
    const roleArn = await account.role("cluster", "eks.amazonaws.com");
    const one = { name: "main", roleArn, vpcConfig: { subnetIds: subnetIds.slice(0, 1) } };
    await expect(account.make("eks/cluster", one)).rejects.toThrow("two different AZs");
    const wrong = { name: "main", roleArn: await account.role("wrong", "ec2.amazonaws.com"), vpcConfig: { subnetIds } };
    await expect(account.make("eks/cluster", wrong)).rejects.toThrow("eks.amazonaws.com");
    const statement = { Effect: "Allow", Principal: { Service: "eks.amazonaws.com" }, Action: "sts:AssumeRole" };
    const assumeRolePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    const plain = await account.make("iam/role", { name: "plain", assumeRolePolicy });
    const automatic = { ...AUTO_MODE, accessConfig: { authenticationMode: "API" }, bootstrapSelfManagedAddons: false };
    const untagged = { name: "main", roleArn: plain.properties["arn"] ?? "", vpcConfig: { subnetIds }, ...automatic };
    await expect(account.make("eks/cluster", untagged)).rejects.toThrow("sts:TagSession");
  });

  it("refuses us-east-1's zone that has no control planes", async () => {
    const account = new Account("us-east-1");
    const { vpcId, subnetIds } = await account.network(1);
    const inputs = { vpcId, cidrBlock: "10.0.9.0/24", availabilityZone: "us-east-1e" };
    const { id } = await account.make("ec2/subnet", inputs);
    const roleArn = await account.role("cluster", "eks.amazonaws.com");
    const cluster = { name: "main", roleArn, vpcConfig: { subnetIds: [...subnetIds, id] } };
    await expect(account.make("eks/cluster", cluster)).rejects.toThrow("UnsupportedAvailabilityZoneException");
  });

  it("has its creator's access entry, and takes no second one", async () => {
    const { account } = await withCluster();
    const principalArn = "arn:aws:iam::123456789012:user/operator";
    await expect(account.make("eks/accessEntry", { clusterName: "main", principalArn })).rejects.toThrow(
      "exists already",
    );
  });

  it("goes up one minor version at a time and never down", async () => {
    const { account, cluster } = await withCluster({ version: "1.34" });
    const inputs = account.world.get("aws:eks/cluster:Cluster", "main")?.inputs ?? {};
    await expect(account.update("eks/cluster", cluster, { ...inputs, version: "1.36" })).rejects.toThrow(
      "one minor version",
    );
    await expect(account.update("eks/cluster", cluster, { ...inputs, version: "1.33" })).rejects.toThrow(
      "can't go back",
    );
    await account.update("eks/cluster", cluster, { ...inputs, version: "1.35" });
  });

  it("is not deleted while protected or while it has nodes; its own security group goes with it", async () => {
    const { account, cluster, subnetIds, nodeRoleArn } = await withCluster({ deletionProtection: true });
    await expect(account.destroy("eks/cluster", cluster)).rejects.toThrow("deletion protection");
    const inputs = account.world.get("aws:eks/cluster:Cluster", "main")?.inputs ?? {};
    await account.update("eks/cluster", cluster, { ...inputs, deletionProtection: false });
    const scalingConfig = { minSize: 1, desiredSize: 1, maxSize: 2 };
    const nodes = await account.make("eks/nodeGroup", { clusterName: "main", nodeRoleArn, subnetIds, scalingConfig });
    await expect(account.destroy("eks/cluster", cluster)).rejects.toThrow("ResourceInUseException");
    await account.destroy("eks/nodeGroup", nodes);
    await account.destroy("eks/cluster", cluster);
    const groups = account.world
      .list("aws:ec2/securityGroup:SecurityGroup")
      .map(({ properties }) => properties["name"]);
    expect(groups).toEqual(["default"]);
  });

  it("starts and stops a Kubernetes API, and hands it the nodes", async () => {
    const access = { endpoint: "https://127.0.0.1:1", certificateAuthorityData: "UEVN" };
    const half = {
      startCluster: jest.fn<KubernetesHalf["startCluster"]>(() => Promise.resolve(access)),
      stopCluster: jest.fn<KubernetesHalf["stopCluster"]>(() => Promise.resolve()),
      setVersion: jest.fn<KubernetesHalf["setVersion"]>(() => Promise.resolve()),
      addNodes: jest.fn<KubernetesHalf["addNodes"]>(() => Promise.resolve()),
      removeNodes: jest.fn<KubernetesHalf["removeNodes"]>(() => Promise.resolve()),
      setAddon: jest.fn<KubernetesHalf["setAddon"]>(() => Promise.resolve()),
    };
    useKubernetes(half);
    try {
      const { account, cluster, subnetIds, nodeRoleArn } = await withCluster();
      expect(half.startCluster).toHaveBeenCalledWith({ name: "main", version: "1.35", serviceCidr: "172.20.0.0/16" });
      expect(cluster.properties).toMatchObject({ endpoint: access.endpoint, certificateAuthority: { data: "UEVN" } });
      const nodes = await account.make("eks/nodeGroup", {
        clusterName: "main",
        nodeGroupName: "general",
        nodeRoleArn,
        subnetIds,
        instanceTypes: ["m6i.xlarge"],
        scalingConfig: { minSize: 1, desiredSize: 2, maxSize: 3 },
        labels: { tier: "app" },
        taints: [{ key: "dedicated", value: "app", effect: "NO_SCHEDULE" }],
      });
      expect(half.addNodes).toHaveBeenCalledWith("main", {
        nodeGroup: "general",
        count: 2,
        maximum: 3,
        labels: { tier: "app" },
        taints: [{ key: "dedicated", value: "app", effect: "NoSchedule" }],
        instanceType: "m6i.xlarge",
        zones: ["us-west-2a", "us-west-2b"],
      });
      await account.make("eks/addon", { clusterName: "main", addonName: "coredns" });
      expect(half.setAddon).toHaveBeenCalledWith("main", "coredns", expect.stringMatching(/^v1\./));
      await account.destroy("eks/nodeGroup", nodes);
      expect(half.removeNodes).toHaveBeenCalledWith("main", "general");
      await account.destroy("eks/cluster", cluster);
      expect(half.stopCluster).toHaveBeenCalledWith("main");
    } finally {
      useKubernetes();
    }
  });
});
