import type { IamConfig } from "../config";
import { allow, document, type Document, type Statement } from "./document";
import { scopeOf } from "./scope";

/**
 * Rights of the control plane to put the installation's tags on the nodes of EKS Auto Mode (04's node class asks for
 * them): AWS's own policies allow EKS's tags and no others, and then no node comes up. What nodes are made from, AWS's own
 * policies grant. A session of EKS carries its cluster's name, so it makes nodes of that cluster only.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html#tag-prop
 */
export function autoModeTagsPolicy(config: IamConfig): Document<Statement> {
  const { arn } = scopeOf(config);
  const ec2 = (...kinds: string[]) => kinds.map((kind) => arn("ec2", `${kind}/*`));
  const ownCluster = { "aws:RequestTag/eks:eks-cluster-name": "${aws:PrincipalTag/eks:eks-cluster-name}" };
  return document(
    allow(
      "TagNodes",
      ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"],
      ec2("fleet", "instance", "launch-template", "network-interface", "spot-instances-request", "volume"),
      {
        StringEquals: ownCluster,
        StringLike: {
          "aws:RequestTag/eks:kubernetes-node-class-name": "*",
          "aws:RequestTag/eks:kubernetes-node-pool-name": "*",
        },
      },
    ),
    allow("TagInterfaces", "ec2:CreateNetworkInterface", ec2("network-interface"), {
      StringEquals: ownCluster,
      StringLike: { "aws:RequestTag/eks:kubernetes-cni-node-name": "*" },
    }),
  );
}
