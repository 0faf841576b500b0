import { describe, expect, it } from "@jest/globals";
import { runStack } from "../../support/mocks";

describe("who reaches the cluster and gets in", () => {
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
      // AmazonEKSAdminViewPolicy would show Secrets.
      "role-developer": "AmazonEKSViewPolicy",
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

  it("opens the port privately to the ranges named: EKS's own group admits the nodes alone", async () => {
    const ranges = ["10.0.0.0/16", "192.168.4.0/24"];
    const run = await runStack("cluster", { config: { privateAccessCidrs: ranges } });
    const { clusterSecurityGroupId } = run.one("aws:eks/cluster:Cluster").state["vpcConfig"] as Record<string, string>;
    expect(run.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").map(({ inputs }) => inputs)).toEqual(
      ranges.map((cidrIpv4) =>
        expect.objectContaining({
          securityGroupId: clusterSecurityGroupId,
          cidrIpv4,
          ipProtocol: "tcp",
          fromPort: 443,
          toPort: 443,
        }),
      ),
    );
  });

  it("refuses private ranges on the internet's side", async () => {
    const run = await runStack("cluster", { config: { publicAccessCidrs: ["203.0.113.0/24", "10.1.0.0/16"] } });
    expect(run.error?.message).toMatch(/1 problem[\s\S]*names 10\.1\.0\.0\/16[\s\S]*privateAccessCidrs/);
  });

  it("takes no entry for whoever makes the cluster, who has one, while there is no cluster yet", async () => {
    const caller = (arn: string) => ({
      invokes: {
        "aws:index/getCallerIdentity:getCallerIdentity": () => ({ accountId: "123456789012", arn, userId: "", id: "" }),
      },
    });
    const session = caller("arn:aws:sts::123456789012:assumed-role/deployer/ci");
    const admins = ["arn:aws:iam::123456789012:role/teams/deployer"];
    const first = await runStack("cluster", { config: { admins }, ...session });
    expect(first.error?.message).toMatch(/deployer makes the cluster[\s\S]*pulumi config set creatorAdmin false/);
    expect(first.resources).toEqual([]);
    const viewers = ["arn:aws:iam::123456789012:user/operator"];
    const viewer = await runStack("cluster", { config: { viewers }, ...caller(viewers[0] ?? "") });
    expect(viewer.error?.message).toContain("take it out of viewers");

    const others = [
      { config: { admins, creatorAdmin: false }, ...session },
      { config: { admins }, upstream: { cluster: { clusterVersion: "1.35" } }, ...session },
      { config: { admins }, ...caller("arn:aws:sts::210987654321:assumed-role/deployer/ci") },
      { config: { admins: ["arn:aws:iam::123456789012:role/deployers"] }, ...session },
    ];
    for (const options of others) expect((await runStack("cluster", options)).error).toBeUndefined();
  });
});
