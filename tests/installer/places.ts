/**
 * Where the installation's resources are, by the resource types of AWS's service authorization reference (`ec2 subnet`).
 * In capitals between underscores stands what differs from one installation to the next, see docs/installer-policies.md.
 * A type with no place is one that the installer has nothing to do with, though actions could act on it.
 */
const here = (service: string, path: string) => `arn:__PARTITION__:${service}:__REGION__:__ACCOUNT__:${path}`;
const global = (service: string, path: string) => `arn:__PARTITION__:${service}::__ACCOUNT__:${path}`;
const all = (service: string, ...types: string[]) =>
  Object.fromEntries(types.map((type) => [`${service} ${type}`, [here(service, `${type}/*`)]]));

const none = (service: string, ...types: string[]) =>
  Object.fromEntries(types.map((type): [string, string[]] => [`${service} ${type}`, []]));

export const places: Readonly<Record<string, readonly string[]>> = {
  ...all("acm", "certificate"),
  ...all("application-autoscaling", "scalable-target"),
  "application-autoscaling ScalableTarget": [here("application-autoscaling", "scalable-target/*")],
  "backup backupPlan": [here("backup", "backup-plan:*")],
  "backup backupVault": ["arn:__PARTITION__:backup:*:__ACCOUNT__:backup-vault:__PREFIX__*"],
  // What target tracking makes for a scaled service, and what stacks make themselves.
  "cloudwatch alarm": [
    here("cloudwatch", "alarm:TargetTracking-*__PREFIX__*"),
    here("cloudwatch", "alarm:__PREFIX__*"),
  ],
  "dynamodb table": [here("dynamodb", "table/__PREFIX__*")],
  // EC2 gives its ids itself; what deletes asks for the installation's tag, see `policyOf`.
  ...all("ec2", "elastic-ip", "instance", "internet-gateway", "launch-template", "natgateway", "network-interface"),
  ...all("ec2", "route-table", "security-group", "security-group-rule", "subnet", "volume", "vpc", "vpc-endpoint"),
  ...all("ec2", "vpc-flow-log"),
  "ec2 image": ["arn:__PARTITION__:ec2:__REGION__::image/*"],
  "ecs cluster": [here("ecs", "cluster/__PREFIX__*")],
  "ecs service": [here("ecs", "service/__PREFIX__*/*")],
  "ecs service-deployment": [here("ecs", "service-deployment/__PREFIX__*/*/*")],
  "ecs task-definition": [here("ecs", "task-definition/__PREFIX__*:*")],
  "eks access-entry": [here("eks", "access-entry/__PREFIX__*/*")],
  "eks addon": [here("eks", "addon/__PREFIX__*/*/*")],
  "eks cluster": [here("eks", "cluster/__PREFIX__*")],
  "eks nodegroup": [here("eks", "nodegroup/__PREFIX__*/*/*")],
  "eks podidentityassociation": [here("eks", "podidentityassociation/__PREFIX__*/*")],
  "elasticloadbalancing listener-rule/app": [here("elasticloadbalancing", "listener-rule/app/__PREFIX__*/*/*/*")],
  "elasticloadbalancing listener/app": [here("elasticloadbalancing", "listener/app/__PREFIX__*/*/*")],
  "elasticloadbalancing loadbalancer/app/": [here("elasticloadbalancing", "loadbalancer/app/__PREFIX__*/*")],
  "elasticloadbalancing targetgroup": [here("elasticloadbalancing", "targetgroup/__PREFIX__*/*")],
  "es domain": [here("es", "domain/__PREFIX__*")],
  "events rule-on-default-event-bus": [here("events", "rule/__PREFIX__*")],
  // Where a role may be that is about to be deleted.
  "iam instance-profile": [global("iam", "instance-profile/*")],
  "iam oidc-provider": [global("iam", "oidc-provider/*")],
  "iam policy": ["arn:__PARTITION__:iam::*:policy/*"],
  "iam role": [global("iam", "role/__PREFIX__*")],
  // In any region: copies of buckets and backups have keys where they are.
  "kms alias": ["arn:__PARTITION__:kms:*:__ACCOUNT__:alias/__PREFIX__*"],
  "kms key": ["arn:__PARTITION__:kms:*:__ACCOUNT__:key/*"],
  "lambda function": [here("lambda", "function:__PREFIX__*")],
  // Ours, and those to which EKS and RDS write, which stacks make first to give them a retention.
  "logs log-group": [
    ...["/pulumi-selfhosted/__BASE__/__INSTALLATION__/*", "/aws/*/__PREFIX__*"].map((name) =>
      here("logs", `log-group:${name}`),
    ),
  ],
  "rds cluster": [here("rds", "cluster:__PREFIX__*")],
  "rds cluster-pg": [here("rds", "cluster-pg:__PREFIX__*")],
  // A database can start from any snapshot of the account.
  "rds cluster-snapshot": [here("rds", "cluster-snapshot:*")],
  "rds db": [here("rds", "db:__PREFIX__*")],
  "rds global-cluster": [global("rds", "global-cluster:*")],
  // Every cluster belongs to AWS's default option group.
  "rds og": [here("rds", "og:default:*")],
  "rds pg": [here("rds", "pg:__PREFIX__*")],
  "rds subgrp": [here("rds", "subgrp:__PREFIX__*")],
  "route53 change": ["arn:__PARTITION__:route53:::change/*"],
  "route53 healthcheck": ["arn:__PARTITION__:route53:::healthcheck/*"],
  "route53 hostedzone": ["arn:__PARTITION__:route53:::hostedzone/*"],
  "s3 bucket": ["arn:__PARTITION__:s3:::__PREFIX__*"],
  // Ours, and the one in which RDS keeps a password that it manages.
  "secretsmanager Secret": [
    ...["__BASE__/__INSTALLATION__/*", "rds!*"].map((name) => here("secretsmanager", `secret:${name}`)),
  ],
  ...none("dynamodb", "stream"),
  ...none("elasticloadbalancing", "listener/gwy", "listener/net", "listener-rule/net", "loadbalancer"),
  ...none("elasticloadbalancing", "loadbalancer/gwy/", "loadbalancer/net/"),
  ...none("es", "application", "datasource"),
  ...all("servicediscovery", "namespace", "service"),
  "sns topic": [here("sns", "__PREFIX__*")],
  "sqs queue": [here("sqs", "__PREFIX__*")],
  "sts role": ["arn:__PARTITION__:iam::__DNS_ACCOUNT__:role/__DNS_ROLE__"],
  "wafv2 loadbalancer/app/": [here("elasticloadbalancing", "loadbalancer/app/__PREFIX__*/*")],
  "wafv2 webacl": [here("wafv2", "regional/webacl/*/*")],
};
