import type { Existing, Properties } from "../../../sandbox/provider/types";
import { Account } from "./account";

/** An account with a cluster `main` of the given settings, and a role for nodes that has a policy. */
export async function withCluster(
  more: Properties = {},
): Promise<{ account: Account; cluster: Existing; subnetIds: string[]; nodeRoleArn: string }> {
  const account = new Account();
  const { subnetIds } = await account.network(2);
  const roleArn = await account.role("cluster", "eks.amazonaws.com");
  const nodeRoleArn = await account.role("nodes", "ec2.amazonaws.com");
  await account.make("iam/rolePolicyAttachment", {
    role: "nodes",
    policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
  });
  const cluster = await account.make("eks/cluster", {
    name: "main",
    roleArn,
    version: "1.35",
    vpcConfig: { subnetIds },
    accessConfig: { authenticationMode: "API" },
    ...more,
  });
  return { account, cluster, subnetIds, nodeRoleArn };
}
