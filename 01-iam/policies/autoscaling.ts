import { shared } from "@selfhosted/common";
import type { IamConfig } from "../config";
import { allow, document, type Document, type Statement } from "./document";
import { scopeOf } from "./scope";

/**
 * Rights of the cluster-autoscaler: it looks everywhere (these actions know no narrower resource) and resizes the groups
 * of this installation's cluster, which EKS tags for it.
 * Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
 */
export function clusterAutoscalerPolicy(config: IamConfig): Document<Statement> {
  const { arn } = scopeOf(config);
  const clusters = clusterNames(config);
  return document(
    allow(
      "Look",
      [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements",
      ],
      "*",
    ),
    allow(
      "LookAtNodeGroups",
      "eks:DescribeNodegroup",
      clusters.map((cluster) => arn("eks", `nodegroup/${cluster}/*/*`)),
    ),
    ...clusters.map((cluster, index) =>
      allow(
        index === 0 ? "Resize" : "ResizeSecond",
        ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
        arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*"),
        { StringEquals: { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${cluster}`]: "owned" } },
      ),
    ),
  );
}

/**
 * Rights of Karpenter's controller: instances of its own making for this installation's cluster, passing them the node
 * role and no other, and the interruption queue.
 * Source: https://karpenter.sh/docs/reference/cloudformation/ (controller authorization)
 */
export function karpenterPolicy(config: IamConfig, nodeRoleArn: string): Document<Statement> {
  const { arn, globalArn, networkArns } = scopeOf(config);
  const { caller, names } = config;
  const clusters = clusterNames(config);
  // Karpenter tags all that it makes with its cluster's name (pkg/utils, GetTags), instance profiles too.
  const owned = (kind: "RequestTag" | "ResourceTag") => ({ [`aws:${kind}/eks:eks-cluster-name`]: clusters });
  const anyPool = (kind: "RequestTag" | "ResourceTag") => ({
    StringEquals: owned(kind),
    StringLike: { [`aws:${kind}/karpenter.sh/nodepool`]: "*" },
  });
  const anyClass = (kind: "RequestTag" | "ResourceTag") => ({
    StringEquals: { ...owned(kind), [`aws:${kind}/topology.kubernetes.io/region`]: caller.region },
    StringLike: { [`aws:${kind}/karpenter.k8s.aws/ec2nodeclass`]: "*" },
  });
  const ec2 = (...kinds: string[]) => kinds.map((kind) => arn("ec2", `${kind}/*`));
  const launched = ec2("fleet", "instance", "launch-template", "network-interface", "spot-instances-request", "volume");
  const profiles = globalArn("iam", "instance-profile/*");
  // Images and snapshots belong to their publishers, so their ARNs have no account.
  const images = ["image", "snapshot"].map((kind) => `arn:${caller.partition}:ec2:${caller.region}::${kind}/*`);
  return document(
    allow(
      "LaunchFrom",
      ["ec2:CreateFleet", "ec2:RunInstances"],
      [...images, ...networkArns("capacity-reservation", "placement-group", "security-group", "subnet")],
    ),
    allow(
      "LaunchFromOwnTemplates",
      ["ec2:CreateFleet", "ec2:RunInstances"],
      ec2("launch-template"),
      anyPool("ResourceTag"),
    ),
    allow(
      "Launch",
      ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"],
      launched,
      anyPool("RequestTag"),
    ),
    allow("TagWhileLaunching", "ec2:CreateTags", launched, {
      StringEquals: {
        ...owned("RequestTag"),
        "ec2:CreateAction": ["CreateFleet", "CreateLaunchTemplate", "RunInstances"],
      },
      StringLike: { "aws:RequestTag/karpenter.sh/nodepool": "*" },
    }),
    allow("TagOwnInstances", "ec2:CreateTags", ec2("instance"), {
      ...anyPool("ResourceTag"),
      StringEqualsIfExists: owned("RequestTag"),
      "ForAllValues:StringEquals": { "aws:TagKeys": ["Name", "eks:eks-cluster-name", "karpenter.sh/nodeclaim"] },
    }),
    allow(
      "Terminate",
      ["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
      ec2("instance", "launch-template"),
      anyPool("ResourceTag"),
    ),
    // In an account that never bought on the spot market EC2 makes its role there in the name of who asks first.
    // Source: https://karpenter.sh/docs/troubleshooting/#missing-service-linked-role
    allow(
      "BuySpot",
      "iam:CreateServiceLinkedRole",
      globalArn("iam", "role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot"),
      { StringEquals: { "iam:AWSServiceName": "spot.amazonaws.com" } },
    ),
    // Describe and price look-ups know no narrower resource.
    allow(
      "Look",
      [
        "ec2:DescribeCapacityReservations",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstanceTypeOfferings",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribePlacementGroups",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSpotPriceHistory",
        "ec2:DescribeSubnets",
      ],
      "*",
      { StringEquals: { "aws:RequestedRegion": caller.region } },
    ),
    // The price list is kept in one region for all, and knows no narrower resource.
    allow("LookAtPrices", "pricing:GetProducts", "*"),
    allow("FindImages", "ssm:GetParameter", `arn:${caller.partition}:ssm:${caller.region}::parameter/aws/service/*`),
    allow(
      "LookAtCluster",
      "eks:DescribeCluster",
      clusters.map((cluster) => arn("eks", `cluster/${cluster}`)),
    ),
    // Listing knows no narrower resource.
    allow("ListProfiles", "iam:ListInstanceProfiles", "*"),
    allow("LookAtProfiles", "iam:GetInstanceProfile", profiles),
    allow("PassNodeRole", "iam:PassRole", nodeRoleArn, {
      StringEquals: { "iam:PassedToService": `ec2.${scopeOf(config).dnsSuffix}` },
    }),
    allow("MakeProfiles", "iam:CreateInstanceProfile", profiles, anyClass("RequestTag")),
    allow("TagOwnProfiles", "iam:TagInstanceProfile", profiles, {
      StringEquals: { ...anyClass("RequestTag").StringEquals, ...anyClass("ResourceTag").StringEquals },
      StringLike: { ...anyClass("RequestTag").StringLike, ...anyClass("ResourceTag").StringLike },
    }),
    allow(
      "ChangeOwnProfiles",
      ["iam:AddRoleToInstanceProfile", "iam:DeleteInstanceProfile", "iam:RemoveRoleFromInstanceProfile"],
      profiles,
      anyClass("ResourceTag"),
    ),
    allow(
      "ReadInterruptions",
      ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
      shared.colors.map((color) => arn("sqs", names.of(shared.colored("karpenter", color)))),
    ),
  );
}

/** The installation's cluster, and the one beside it for the time of a move. */
function clusterNames({ names }: IamConfig): string[] {
  return shared.colors.map((color) => names.cluster(color));
}
