import type { IamConfig } from "../config";
import { allow, document, type Document, type Statement } from "./document";
import { scopeOf } from "./scope";

/** Tag with which the controller marks what it made; it may change and delete nothing else. */
const clusterTag = "elbv2.k8s.aws/cluster";

const describe = {
  ec2: [
    "AccountAttributes",
    "Addresses",
    "AvailabilityZones",
    "CoipPools",
    "Instances",
    "InternetGateways",
    "IpamPools",
    "NetworkInterfaces",
    "RouteTables",
    "SecurityGroups",
    "Subnets",
    "Tags",
    "VpcPeeringConnections",
    "Vpcs",
  ],
  elasticloadbalancing: [
    "CapacityReservation",
    "ListenerAttributes",
    "ListenerCertificates",
    "Listeners",
    "LoadBalancerAttributes",
    "LoadBalancers",
    "Rules",
    "SSLPolicies",
    "Tags",
    "TargetGroupAttributes",
    "TargetGroups",
    "TargetHealth",
    "TrustStores",
  ],
};

/**
 * Version of the controller whose own policy was read for this one, on 2026-11-21. 04-cluster-services installs it, which a
 * test holds together: another minor version means reading docs/install/iam_policy.json of its release again.
 */
export const controllerVersion = "3.5";

/**
 * Rights of the AWS Load Balancer Controller: the actions of its project's policy, which has had no fewer since 2.13, on
 * narrower resources where AWS knows any.
 * Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/installation/ (IAM permissions)
 */
export function loadBalancerControllerPolicy(config: IamConfig): Document<Statement> {
  const { arn, globalArn, networkArns } = scopeOf(config);
  const elb = (...actions: string[]) => actions.map((action) => `elasticloadbalancing:${action}`);
  const made = { Null: { [`aws:ResourceTag/${clusterTag}`]: "false" } };
  const making = { Null: { [`aws:RequestTag/${clusterTag}`]: "false" } };
  const retagging = {
    Null: { [`aws:RequestTag/${clusterTag}`]: "true", [`aws:ResourceTag/${clusterTag}`]: "false" },
  };
  const listeners = ["net", "app"].map((kind) => `listener/${kind}/*/*/*`);
  const rules = ["net", "app"].map((kind) => `listener-rule/${kind}/*/*/*`);
  const balancers = ["net", "app"].map((kind) => `loadbalancer/${kind}/*/*`);
  const targets = ["targetgroup/*/*"];
  const inElb = (paths: string[]) => paths.map((path) => arn("elasticloadbalancing", path));
  const securityGroups = arn("ec2", "security-group/*");
  return document(
    allow(
      "UseServiceLinkedRole",
      "iam:CreateServiceLinkedRole",
      globalArn("iam", "role/aws-service-role/elasticloadbalancing.amazonaws.com/*"),
      { StringEquals: { "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com" } },
    ),
    // Look-ups that know no narrower resource.
    allow(
      "Look",
      [
        ...describe.ec2.map((what) => `ec2:Describe${what}`),
        ...describe.elasticloadbalancing.map((what) => `elasticloadbalancing:Describe${what}`),
        "acm:ListCertificates",
        "iam:ListServerCertificates",
        // By load balancer, before it is known whether there is a protection.
        "shield:DescribeProtection",
        "shield:GetSubscriptionState",
      ],
      "*",
    ),
    allow(
      "LookAtParts",
      [
        "acm:DescribeCertificate",
        "cognito-idp:DescribeUserPoolClient",
        "ec2:GetCoipPoolUsage",
        "ec2:GetSecurityGroupsForVpc",
        "iam:GetServerCertificate",
      ],
      [
        arn("acm", "certificate/*"),
        arn("cognito-idp", "userpool/*"),
        arn("ec2", "coip-pool/*"),
        ...networkArns("vpc"),
        globalArn("iam", "server-certificate/*"),
      ],
    ),
    // Both know no narrower resource.
    allow("Protect", ["elasticloadbalancing:SetWebAcl", "shield:CreateProtection"], "*"),
    allow("EndProtection", "shield:DeleteProtection", globalArn("shield", "protection/*")),
    allow(
      "UseFirewalls",
      ["waf-regional", "wafv2"].flatMap((firewall) =>
        ["AssociateWebACL", "DisassociateWebACL", "GetWebACL", "GetWebACLForResource"].map(
          (action) => `${firewall}:${action}`,
        ),
      ),
      [
        arn("elasticloadbalancing", "loadbalancer/app/*/*"),
        arn("waf-regional", "webacl/*"),
        arn("wafv2", "regional/webacl/*/*"),
      ],
    ),
    allow(
      "OpenSecurityGroups",
      ["ec2:AuthorizeSecurityGroupIngress", "ec2:CreateSecurityGroup", "ec2:RevokeSecurityGroupIngress"],
      [securityGroups, arn("ec2", "security-group-rule/*"), ...networkArns("vpc")],
    ),
    allow("TagNewSecurityGroups", "ec2:CreateTags", securityGroups, {
      StringEquals: { "ec2:CreateAction": "CreateSecurityGroup" },
      ...making,
    }),
    allow("TagOwnSecurityGroups", ["ec2:CreateTags", "ec2:DeleteTags"], securityGroups, retagging),
    allow("DeleteOwnSecurityGroups", "ec2:DeleteSecurityGroup", securityGroups, made),
    allow("Create", elb("CreateLoadBalancer", "CreateTargetGroup"), inElb([...balancers, ...targets]), making),
    allow(
      "Listen",
      elb("CreateListener", "CreateRule", "DeleteListener", "DeleteRule"),
      inElb([...balancers, ...listeners, ...rules]),
    ),
    allow("TagOwn", elb("AddTags", "RemoveTags"), inElb([...balancers, ...targets]), retagging),
    allow("TagListeners", elb("AddTags", "RemoveTags"), inElb([...listeners, ...rules])),
    allow("TagNew", elb("AddTags"), inElb([...balancers, ...targets]), {
      StringEquals: { "elasticloadbalancing:CreateAction": ["CreateLoadBalancer", "CreateTargetGroup"] },
      ...making,
    }),
    allow(
      "ChangeOwn",
      elb(
        "DeleteLoadBalancer",
        "DeleteTargetGroup",
        "ModifyCapacityReservation",
        "ModifyIpPools",
        "ModifyListenerAttributes",
        "ModifyLoadBalancerAttributes",
        "ModifyTargetGroup",
        "ModifyTargetGroupAttributes",
        "SetIpAddressType",
        "SetSecurityGroups",
        "SetSubnets",
      ),
      inElb([...balancers, ...targets, ...listeners]),
      made,
    ),
    // Without a tag condition: 08-service makes the target groups and the controller puts pods into them.
    allow("RegisterPods", elb("DeregisterTargets", "RegisterTargets"), inElb(targets)),
    allow(
      "ChangeListeners",
      elb("AddListenerCertificates", "ModifyListener", "ModifyRule", "RemoveListenerCertificates", "SetRulePriorities"),
      inElb([...listeners, ...rules]),
    ),
  );
}
