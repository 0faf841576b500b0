import { describe, expect, it } from "@jest/globals";
import type { Properties } from "../../../sandbox/provider/types";
import { text } from "./account";
import { withCluster } from "./cluster";

describe("EKS node groups", () => {
  const sizes = { minSize: 1, desiredSize: 1, maxSize: 2 };
  it.each<[rule: string, inputs: Properties, message: string]>([
    [
      "a minimum over the maximum",
      { scalingConfig: { minSize: 3, desiredSize: 3, maxSize: 2 } },
      "greater than maximum",
    ],
    ["a desired size outside", { scalingConfig: { minSize: 2, desiredSize: 1, maxSize: 3 } }, "desired capacity"],
    [
      "an Arm machine with an Intel image",
      { instanceTypes: ["m7g.large"], amiType: "AL2023_x86_64_STANDARD" },
      "architectures differ",
    ],
    ["a machine that EC2 doesn't have", { instanceTypes: ["m99.large"] }, "not known"],
    ["an unknown taint effect", { taints: [{ key: "a", effect: "NoSchedule" }] }, "NO_SCHEDULE"],
    ["a version ahead of the cluster", { version: "1.36" }, "node group version"],
    ["a launch template that doesn't exist", { launchTemplate: { name: "none", version: "1" } }, "launch template"],
  ])("refuse %s", async (_rule, inputs, message) => {
    const { account, subnetIds, nodeRoleArn } = await withCluster();
    const group = { clusterName: "main", nodeRoleArn, subnetIds, scalingConfig: sizes, ...inputs };
    await expect(account.make("eks/nodeGroup", group)).rejects.toThrow(message);
  });

  it("refuse another VPC's subnets, and a role without policies", async () => {
    const { account, subnetIds, nodeRoleArn } = await withCluster();
    const { id: vpcId } = await account.make("ec2/vpc", { cidrBlock: "10.1.0.0/16" });
    const { id: stranger } = await account.make("ec2/subnet", { vpcId, cidrBlock: "10.1.0.0/24" });
    const group = { clusterName: "main", nodeRoleArn, subnetIds: [stranger], scalingConfig: sizes };
    await expect(account.make("eks/nodeGroup", group)).rejects.toThrow("cluster's VPC");
    const bare = { ...group, subnetIds, nodeRoleArn: await account.role("bare", "ec2.amazonaws.com") };
    await expect(account.make("eks/nodeGroup", bare)).rejects.toThrow("NodeCreationFailure");
  });

  it("keep the security group that their launch template gives to nodes", async () => {
    const { account, subnetIds, nodeRoleArn } = await withCluster();
    const [vpc] = account.world.list("aws:ec2/vpc:Vpc");
    const group = await account.make("ec2/securityGroup", { vpcId: vpc?.id ?? "", name: "workload" });
    const template = await account.make("ec2/launchTemplate", { name: "nodes", vpcSecurityGroupIds: [group.id] });
    const launchTemplate = { id: template.id, version: "1" };
    await account.make("eks/nodeGroup", {
      clusterName: "main",
      nodeRoleArn,
      subnetIds,
      scalingConfig: sizes,
      launchTemplate,
    });
    await expect(account.destroy("ec2/securityGroup", group)).rejects.toThrow("DependencyViolation");
  });
});

describe("EKS access, identities, add-ons", () => {
  it("refuse access entries in a cluster that reads the aws-auth ConfigMap, and of principals that don't exist", async () => {
    const { account } = await withCluster({ accessConfig: { authenticationMode: "CONFIG_MAP" } });
    const principalArn = await account.role("admin", "ec2.amazonaws.com");
    await expect(account.make("eks/accessEntry", { clusterName: "main", principalArn })).rejects.toThrow(
      "authentication mode",
    );
    const second = await withCluster();
    const nobody = { clusterName: "main", principalArn: "arn:aws:iam::123456789012:role/nobody" };
    await expect(second.account.make("eks/accessEntry", nobody)).rejects.toThrow("principalArn");
  });

  it("associate only EKS's policies, and only with an entry", async () => {
    const { account } = await withCluster();
    const principalArn = await account.role("admin", "ec2.amazonaws.com");
    const policyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
    const association = { clusterName: "main", principalArn, policyArn, accessScope: { type: "cluster" } };
    await expect(account.make("eks/accessPolicyAssociation", association)).rejects.toThrow("no access entry");
    await account.make("eks/accessEntry", { clusterName: "main", principalArn });
    const iam = { ...association, policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" };
    await expect(account.make("eks/accessPolicyAssociation", iam)).rejects.toThrow("not valid");
    const scoped = { ...association, accessScope: { type: "namespace" } };
    await expect(account.make("eks/accessPolicyAssociation", scoped)).rejects.toThrow("namespaces");
    await account.make("eks/accessPolicyAssociation", association);
  });

  it("refuse a pod role that doesn't trust Pod Identity, and a service account with two roles", async () => {
    const { account, cluster } = await withCluster();
    const association = { clusterName: "main", namespace: "app", serviceAccount: "api" };
    const wrong = { ...association, roleArn: await account.role("wrong", "ec2.amazonaws.com") };
    await expect(account.make("eks/podIdentityAssociation", wrong)).rejects.toThrow("pods.eks.amazonaws.com");
    const right = { ...association, roleArn: await account.role("right", "pods.eks.amazonaws.com") };
    await account.make("eks/podIdentityAssociation", right);
    await expect(account.make("eks/podIdentityAssociation", right)).rejects.toThrow("Association already exists");
    // They are parts of their cluster.
    await account.destroy("eks/cluster", cluster);
    expect(account.world.list("aws:eks/podIdentityAssociation:PodIdentityAssociation")).toEqual([]);
  });

  it("refuse add-ons that EKS doesn't have, and those that need nodes where there are none", async () => {
    const { account } = await withCluster();
    await expect(account.make("eks/addon", { clusterName: "main", addonName: "core-dns" })).rejects.toThrow(
      "not supported",
    );
    await expect(account.make("eks/addon", { clusterName: "main", addonName: "coredns" })).rejects.toThrow("no nodes");
    await account.make("eks/addon", { clusterName: "main", addonName: "vpc-cni" });
  });

  it("have ARNs and an issuer shaped like AWS's", async () => {
    const { cluster } = await withCluster();
    expect(text(cluster.properties, "arn")).toBe("arn:aws:eks:us-west-2:123456789012:cluster/main");
    expect(JSON.stringify(cluster.properties["identities"])).toMatch(
      /https:\/\/oidc\.eks\.us-west-2\.amazonaws\.com\/id\/[0-9A-F]{32}/,
    );
  });
});
