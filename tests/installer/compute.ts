import { of, type Grants } from "./grant";

const eksTags = ["TagResource", "UntagResource"];

/** Clusters, functions, containers and what scales them. */
export const compute: Grants = {
  "aws:eks/cluster:Cluster": {
    actions: [
      ...of("eks", "AssociateEncryptionConfig", "CreateCluster", "DeleteCluster", "DescribeCluster", "DescribeUpdate"),
      ...of("eks", "UpdateClusterConfig", "UpdateClusterVersion", ...eksTags),
      // EKS looks at the network and the key in the caller's name.
      ...of("ec2", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"),
      ...of("kms", "DescribeKey"),
    ],
    keysThroughServices: ["kms:CreateGrant"],
    passesRolesTo: ["eks.amazonaws.com"],
    linkedRolesOf: ["eks.amazonaws.com"],
  },
  "aws:eks/nodeGroup:NodeGroup": {
    actions: [
      ...of("eks", "CreateNodegroup", "DeleteNodegroup", "DescribeNodegroup", "DescribeUpdate"),
      ...of("eks", "UpdateNodegroupConfig", "UpdateNodegroupVersion", ...eksTags),
      // EKS tries the launch template in the caller's name, and looks at the node role's policies.
      ...of("ec2", "CreateTags", "DescribeLaunchTemplateVersions", "DescribeSubnets", "RunInstances"),
      ...of("iam", "GetRole", "ListAttachedRolePolicies"),
    ],
    passesRolesTo: ["ec2.amazonaws.com", "eks.amazonaws.com"],
    linkedRolesOf: ["eks-nodegroup.amazonaws.com"],
  },
  "aws:eks/accessEntry:AccessEntry": {
    actions: of(
      "eks",
      "CreateAccessEntry",
      "DeleteAccessEntry",
      "DescribeAccessEntry",
      "UpdateAccessEntry",
      ...eksTags,
    ),
  },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
    actions: of("eks", "AssociateAccessPolicy", "DisassociateAccessPolicy", "ListAssociatedAccessPolicies"),
  },
  "aws:eks/addon:Addon": {
    actions: [
      ...of("eks", "CreateAddon", "DeleteAddon", "DescribeAddon", "DescribeUpdate", "UpdateAddon", ...eksTags),
      // An add-on's roles become associations, made in the caller's name.
      ...of("eks", "CreatePodIdentityAssociation", "DeletePodIdentityAssociation", "DescribePodIdentityAssociation"),
      ...of("eks", "UpdatePodIdentityAssociation"),
      ...of("iam", "GetRole"),
    ],
    passesRolesTo: ["eks.amazonaws.com", "pods.eks.amazonaws.com"],
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    actions: [
      ...of("eks", "CreatePodIdentityAssociation", "DeletePodIdentityAssociation", "DescribePodIdentityAssociation"),
      ...of("eks", "UpdatePodIdentityAssociation", ...eksTags),
      ...of("iam", "GetRole"),
    ],
    passesRolesTo: ["pods.eks.amazonaws.com"],
  },
  "aws:eks/getAddonVersion:getAddonVersion": { actions: of("eks", "DescribeAddonVersions") },
  "aws:eks/getCluster:getCluster": { actions: of("eks", "DescribeCluster") },
  "aws:eks/getNodeGroup:getNodeGroup": { actions: of("eks", "DescribeNodegroup") },
  "aws:ecs/cluster:Cluster": {
    actions: of(
      "ecs",
      "CreateCluster",
      "DeleteCluster",
      "DescribeClusters",
      "UpdateCluster",
      "TagResource",
      "UntagResource",
    ),
    linkedRolesOf: ["ecs.amazonaws.com"],
  },
  "aws:ecs/service:Service": {
    actions: [
      ...of("ecs", "CreateService", "DeleteService", "DescribeServices", "ListServiceDeployments", "UpdateService"),
      ...of("ecs", "DescribeServiceDeployments", "TagResource", "UntagResource"),
    ],
    linkedRolesOf: ["ecs.amazonaws.com"],
  },
  "aws:ecs/taskDefinition:TaskDefinition": {
    actions: of(
      "ecs",
      ...[
        "DeregisterTaskDefinition",
        "DescribeTaskDefinition",
        "RegisterTaskDefinition",
        "TagResource",
        "UntagResource",
      ],
    ),
    passesRolesTo: ["ecs-tasks.amazonaws.com"],
  },
  "aws:lambda/function:Function": {
    actions: [
      ...of("lambda", "CreateFunction", "DeleteFunction", "GetFunction", "GetFunctionCodeSigningConfig", "ListTags"),
      ...of("lambda", "ListVersionsByFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration", "TagResource"),
      ...of("lambda", "GetFunctionConfiguration", "UntagResource"),
    ],
    passesRolesTo: ["lambda.amazonaws.com"],
  },
  "aws:lambda/invocation:Invocation": { actions: of("lambda", "InvokeFunction") },
  "aws:appautoscaling/target:Target": {
    actions: of(
      "application-autoscaling",
      ...["DeregisterScalableTarget", "DescribeScalableTargets", "ListTagsForResource", "RegisterScalableTarget"],
      ...["TagResource", "UntagResource"],
    ),
    linkedRolesOf: ["ecs.application-autoscaling.amazonaws.com"],
  },
  "aws:appautoscaling/policy:Policy": {
    actions: [
      ...of("application-autoscaling", "DeleteScalingPolicy", "DescribeScalingPolicies", "PutScalingPolicy"),
      // Target tracking keeps its alarms in the caller's name.
      ...of("cloudwatch", "DeleteAlarms", "DescribeAlarms", "PutMetricAlarm"),
    ],
  },
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": {
    actions: [
      ...of("servicediscovery", "CreatePrivateDnsNamespace", "DeleteNamespace", "GetNamespace", "GetOperation"),
      ...of("servicediscovery", "ListTagsForResource", "TagResource", "UntagResource", "UpdatePrivateDnsNamespace"),
      // Cloud Map makes the hosted zone in the caller's name.
      ...of("route53", "ChangeResourceRecordSets", "CreateHostedZone", "DeleteHostedZone", "GetHostedZone"),
      ...of("route53", "ListHostedZonesByName"),
      ...of("ec2", "DescribeRegions", "DescribeVpcs"),
    ],
  },
  "aws:servicediscovery/service:Service": {
    actions: of(
      "servicediscovery",
      ...["CreateService", "DeleteService", "GetOperation", "GetService", "ListTagsForResource", "TagResource"],
      ...["UntagResource", "UpdateService"],
    ),
  },
};
