import type { Registered } from "../support/mocks";

const here = (service: string, path: string) => `arn:aws:${service}:us-east-1:123456789012:${path}`;

/** How what a program names itself is called in AWS: the action that makes it, and its ARN from an input. */
const named: Readonly<Record<string, readonly [action: string, input: string, arn: (name: string) => string]>> = {
  "aws:acm/certificate:Certificate": ["acm:RequestCertificate", "domainName", () => here("acm", "certificate/1")],
  "aws:backup/vault:Vault": ["backup:CreateBackupVault", "name", (name) => here("backup", `backup-vault:${name}`)],
  "aws:cloudwatch/eventRule:EventRule": ["events:PutRule", "name", (name) => here("events", `rule/${name}`)],
  "aws:cloudwatch/logGroup:LogGroup": ["logs:CreateLogGroup", "name", (name) => here("logs", `log-group:${name}`)],
  "aws:dynamodb/table:Table": ["dynamodb:CreateTable", "name", (name) => here("dynamodb", `table/${name}`)],
  "aws:ecs/cluster:Cluster": ["ecs:CreateCluster", "name", (name) => here("ecs", `cluster/${name}`)],
  "aws:ecs/service:Service": ["ecs:CreateService", "name", (name) => here("ecs", `service/pulumi-test/${name}`)],
  "aws:eks/cluster:Cluster": ["eks:CreateCluster", "name", (name) => here("eks", `cluster/${name}`)],
  "aws:iam/role:Role": ["iam:CreateRole", "name", (name) => `arn:aws:iam::123456789012:role/${name}`],
  "aws:kms/alias:Alias": ["kms:CreateAlias", "name", (name) => here("kms", name)],
  "aws:lambda/function:Function": ["lambda:CreateFunction", "name", (name) => here("lambda", `function:${name}`)],
  "aws:lb/loadBalancer:LoadBalancer": [
    "elasticloadbalancing:CreateLoadBalancer",
    "name",
    (name) => here("elasticloadbalancing", `loadbalancer/app/${name}/1`),
  ],
  "aws:lb/targetGroup:TargetGroup": [
    "elasticloadbalancing:CreateTargetGroup",
    "name",
    (name) => here("elasticloadbalancing", `targetgroup/${name}/1`),
  ],
  "aws:opensearch/domain:Domain": ["es:CreateDomain", "domainName", (name) => here("es", `domain/${name}`)],
  "aws:rds/cluster:Cluster": ["rds:CreateDBCluster", "clusterIdentifier", (name) => here("rds", `cluster:${name}`)],
  "aws:rds/clusterInstance:ClusterInstance": [
    "rds:CreateDBInstance",
    "identifier",
    (name) => here("rds", `db:${name}`),
  ],
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": [
    "rds:CreateDBClusterParameterGroup",
    "name",
    (name) => here("rds", `cluster-pg:${name}`),
  ],
  "aws:rds/subnetGroup:SubnetGroup": ["rds:CreateDBSubnetGroup", "name", (name) => here("rds", `subgrp:${name}`)],
  "aws:s3/bucket:Bucket": ["s3:CreateBucket", "bucket", (name) => `arn:aws:s3:::${name}`],
  "aws:secretsmanager/secret:Secret": [
    "secretsmanager:CreateSecret",
    "name",
    (name) => here("secretsmanager", `secret:${name}-AbCdEf`),
  ],
  "aws:sqs/queue:Queue": ["sqs:CreateQueue", "name", (name) => here("sqs", name)],
  "aws:wafv2/webAcl:WebAcl": ["wafv2:CreateWebACL", "name", (name) => here("wafv2", `regional/webacl/${name}/1`)],
};

/** What must be allowed on what, by name, so that these resources can be made. */
export function neededByName(resources: readonly Registered[]): { action: string; arn: string }[] {
  return resources.flatMap(({ type, inputs }) => {
    const [action, input, arn] = named[type] ?? [];
    const name = input === undefined ? undefined : inputs[input];
    return action !== undefined && arn !== undefined && typeof name === "string" ? [{ action, arn: arn(name) }] : [];
  });
}

const ours = {
  PARTITION: "aws",
  REGION: "us-east-1",
  ACCOUNT: "123456789012",
  PREFIX: "pulumi-test",
  BASE: "pulumi",
  INSTALLATION: "test",
  DNS_ACCOUNT: "210987654321",
  DNS_ROLE: "dns",
};

/** The longest that each can be. */
const longest: typeof ours = {
  ...ours,
  PARTITION: "aws-us-gov",
  REGION: "ap-southeast-1",
  PREFIX: `${"b".repeat(16)}-${"i".repeat(32)}`,
  BASE: "b".repeat(16),
  INSTALLATION: "i".repeat(32),
  DNS_ROLE: "r".repeat(64),
};

/** A text of a policy with the placeholders filled in, by the tests' installation or with the longest values there are. */
export function filledIn(text: string, by: "ours" | "longest" = "ours"): string {
  const values: Readonly<Record<string, string>> = by === "ours" ? ours : longest;
  return text.replace(/__([A-Z_]+?)__/g, (whole, key: string) => values[key] ?? whole);
}
