import { of, type Grants } from "./grant";

const elb = (...names: readonly string[]) => of("elasticloadbalancing", ...names);
const elbTags = ["AddTags", "DescribeTags", "RemoveTags"];
const iam = (...names: readonly string[]) => of("iam", ...names);

/** Roles, load balancers, certificates, names, queues and events. */
export const edge: Grants = {
  "aws:iam/role:Role": {
    actions: iam(
      ...[
        "CreateRole",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DetachRolePolicy",
        "DeleteRolePolicy",
        "GetRole",
      ],
      ...["ListAttachedRolePolicies", "ListInstanceProfilesForRole", "ListRolePolicies", "PutRolePermissionsBoundary"],
      ...["RemoveRoleFromInstanceProfile", "TagRole", "UntagRole", "UpdateAssumeRolePolicy", "UpdateRole"],
      "UpdateRoleDescription",
    ),
  },
  "aws:iam/rolePolicy:RolePolicy": { actions: iam("DeleteRolePolicy", "GetRolePolicy", "PutRolePolicy") },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    actions: iam("AttachRolePolicy", "DetachRolePolicy", "ListAttachedRolePolicies"),
  },
  "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": { actions: iam("GetOpenIDConnectProvider") },
  "aws:iam/getPolicy:getPolicy": { actions: iam("GetPolicy", "GetPolicyVersion") },
  "aws:iam/getRole:getRole": { actions: iam("GetRole") },
  // A call that every principal may make.
  "aws:index/getCallerIdentity:getCallerIdentity": { actions: [] },
  "aws:lb/loadBalancer:LoadBalancer": {
    actions: [
      ...elb(
        "CreateLoadBalancer",
        "DeleteLoadBalancer",
        "DescribeCapacityReservation",
        "DescribeLoadBalancerAttributes",
      ),
      ...elb("DescribeLoadBalancers", "ModifyLoadBalancerAttributes", "SetIpAddressType", "SetSecurityGroups"),
      ...elb("SetSubnets", ...elbTags),
      ...of("ec2", "DescribeNetworkInterfaces"),
    ],
    linkedRolesOf: ["elasticloadbalancing.amazonaws.com"],
  },
  "aws:lb/targetGroup:TargetGroup": {
    actions: [
      ...elb("CreateTargetGroup", "DeleteTargetGroup", "DescribeTargetGroupAttributes", "DescribeTargetGroups"),
      ...elb("ModifyTargetGroup", "ModifyTargetGroupAttributes", ...elbTags),
    ],
  },
  "aws:lb/listener:Listener": {
    actions: [
      ...elb("CreateListener", "DeleteListener", "DescribeListenerAttributes", "DescribeListeners", "ModifyListener"),
      ...elb("ModifyListenerAttributes", ...elbTags),
    ],
  },
  "aws:lb/listenerRule:ListenerRule": {
    actions: elb("CreateRule", "DeleteRule", "DescribeRules", "ModifyRule", "SetRulePriorities", ...elbTags),
  },
  // A table of the provider's own.
  "aws:lb/getHostedZoneId:getHostedZoneId": { actions: [] },
  "aws:acm/certificate:Certificate": {
    actions: of(
      "acm",
      ...["AddTagsToCertificate", "DeleteCertificate", "DescribeCertificate", "ListTagsForCertificate"],
      ...["RemoveTagsFromCertificate", "RequestCertificate", "UpdateCertificateOptions"],
    ),
  },
  "aws:acm/certificateValidation:CertificateValidation": { actions: of("acm", "DescribeCertificate") },
  "aws:route53/record:Record": {
    actions: of("route53", "ChangeResourceRecordSets", "GetChange", "GetHostedZone", "ListResourceRecordSets"),
  },
  "aws:route53/healthCheck:HealthCheck": {
    actions: of(
      "route53",
      ...["ChangeTagsForResource", "CreateHealthCheck", "DeleteHealthCheck", "GetHealthCheck", "ListTagsForResource"],
      "UpdateHealthCheck",
    ),
  },
  "aws:route53/getZone:getZone": {
    actions: of("route53", "GetHostedZone", "ListHostedZones", "ListTagsForResource"),
  },
  "aws:wafv2/webAcl:WebAcl": {
    actions: of(
      "wafv2",
      ...["CreateWebACL", "DeleteWebACL", "GetWebACL", "ListTagsForResource", "TagResource", "UntagResource"],
      "UpdateWebACL",
    ),
  },
  "aws:wafv2/webAclAssociation:WebAclAssociation": {
    actions: [
      ...of("wafv2", "AssociateWebACL", "DisassociateWebACL", "GetWebACL", "GetWebACLForResource"),
      ...elb("SetWebAcl"),
    ],
  },
  "aws:sqs/queue:Queue": {
    actions: of(
      "sqs",
      ...["CreateQueue", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl", "ListQueueTags", "SetQueueAttributes"],
      ...["TagQueue", "UntagQueue"],
    ),
  },
  "aws:sqs/queuePolicy:QueuePolicy": { actions: of("sqs", "GetQueueAttributes", "SetQueueAttributes") },
  "aws:cloudwatch/eventRule:EventRule": {
    actions: of(
      "events",
      ...["DeleteRule", "DescribeRule", "ListTagsForResource", "PutRule", "TagResource", "UntagResource"],
    ),
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    actions: of("events", "ListTargetsByRule", "PutTargets", "RemoveTargets"),
  },
  // For a provider that takes a role on, as the one of a DNS account.
  "pulumi:providers:aws": { actions: of("sts", "AssumeRole") },
};
