import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as aws from "@pulumi/aws";
import type { StackName } from "@selfhosted/common";
import { exampleOutputs, runStack, type Registered, type RunOptions } from "../support/mocks";
import { clusterLookup, everything } from "../stacks/04-cluster-services/everything";
import { REQUIRED } from "../stacks/08-service/run";
import { tokensOf } from "./policy";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd";

/** A role that trusts the service accounts of any cluster. */
const trustingRole: NonNullable<RunOptions["invokes"]> = {
  "aws:iam/getRole:getRole": ({ name }) => ({
    arn: `arn:aws:iam::123456789012:role/${String(name)}`,
    assumeRolePolicy: JSON.stringify({
      Statement: {
        Effect: "Allow",
        Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/issuer" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringLike: { "issuer:sub": "*" } },
      },
    }),
  }),
};

const WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/name/01234567-89ab-4cde-8f01-23456789abcd";

const refused = () => {
  throw new Error("not found");
};

/** A database that RDS knows as a lone instance. */
const theirDatabase: NonNullable<RunOptions["invokes"]> = {
  "aws:dynamodb/getTable:getTable": (inputs) => ({
    ...inputs,
    hashKey: "org_id",
    rangeKey: "timestamp_id",
    globalSecondaryIndexes: [{ name: "org_user", hashKey: "org_user_id", rangeKey: "timestamp_id" }],
  }),
  "aws:rds/getCluster:getCluster": refused,
  "aws:rds/getInstance:getInstance": () => ({
    engine: "mysql",
    engineVersion: "8.0.42",
    address: "db.example.com",
    port: exampleOutputs("database")["databasePort"],
    vpcSecurityGroups: ["sg-0123456789abcdef1"],
  }),
  "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": () => ({ ids: ["sgr-0123456789abcdef0"] }),
  "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": () => ({
    isEgress: false,
    ipProtocol: "-1",
    referencedSecurityGroupId: "sg-0123456789abcdef0",
  }),
};

function pick(values: Record<string, unknown>, pattern: RegExp): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => pattern.test(key)));
}

/** Ways to run each stack that together make every resource and every look-up it can make. */
const variants: Readonly<Record<StackName, readonly RunOptions[]>> = {
  iam: [
    {},
    {
      config: {
        permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary",
        oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF",
        nodeRoleArn: "arn:aws:iam::123456789012:role/node",
      },
    },
  ],
  networking: [
    {
      config: { podCidrBlock: "100.64.0.0/16", interfaceEndpoints: ["ec2", "sts"], flowLogsKeyArn: KEY },
      computed: {
        "awsx:ec2:Vpc": () => ({
          privateSubnetIds: ["subnet-a", "subnet-b"],
          routeTableAssociations: ["a", "b"].map((zone) => ({
            subnetId: `subnet-${zone}`,
            routeTableId: `rtb-${zone}`,
          })),
        }),
      },
    },
    {
      config: {
        vpcId: "vpc-0123456789abcdef0",
        publicSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        privateSubnetIds: ["subnet-0123456789abcdef4", "subnet-0123456789abcdef5"],
        isolatedSubnetIds: ["subnet-0123456789abcdef4", "subnet-0123456789abcdef5"],
        workloadSecurityGroupId: "sg-0123456789abcdef0",
      },
      invokes: {
        "aws:ec2/getSubnet:getSubnet": (inputs) => ({
          ...inputs,
          vpcId: "vpc-0123456789abcdef0",
          availabilityZone: `us-east-1${/[04]$/.test(String(inputs["id"])) ? "a" : "b"}`,
          availableIpAddressCount: 250,
        }),
        "aws:ec2/getSecurityGroup:getSecurityGroup": (inputs) => ({ ...inputs, vpcId: "vpc-0123456789abcdef0" }),
        "aws:ec2/getVpcEndpoint:getVpcEndpoint": (inputs) => inputs,
      },
    },
  ],
  cluster: [
    {},
    {
      config: {
        serviceCidr: "172.20.0.0/16",
        clusterKeyArn: KEY,
        admins: ["arn:aws:iam::123456789012:role/admins"],
        viewers: ["arn:aws:iam::123456789012:role/viewers"],
        privateAccessCidrs: ["10.0.0.0/16"],
      },
    },
    {
      config: {
        clusterName: "my-cluster",
        clusterVersion: "1.35",
        kubeconfig: exampleOutputs("cluster")["kubeconfig"],
      },
      invokes: {
        "aws:eks/getCluster:getCluster": (inputs) => ({
          ...inputs,
          version: "1.35",
          status: "ACTIVE",
          computeConfigs: [],
        }),
      },
    },
    {
      // A group whose bounds change.
      config: { generalMaxSize: 8 },
      invokes: {
        "pulumi:pulumi:readStackResourceOutputs": () => {
          const outputs = { clusterName: "a", nodeGroupName: "b", scalingConfig: { minSize: 2, maxSize: 5 } };
          return { outputs: { "aws:eks/nodeGroup:NodeGroup::general": { outputs } } };
        },
        "aws:eks/getNodeGroup:getNodeGroup": () => ({ scalingConfigs: [{ desiredSize: 2 }] }),
      },
    },
  ],
  clusterServices: [
    { config: everything, invokes: clusterLookup },
    { config: { autoscaling: "karpenter" }, invokes: clusterLookup },
    { upstream: { iam: { podCredentials: "IRSA" } }, invokes: { ...clusterLookup, ...trustingRole } },
  ],
  database: [
    {
      config: {
        backupPlan: true,
        backupCopyRegion: "us-west-2",
        replicaRegion: "us-west-2",
        multiRegionKey: true,
        accessLogsBucketName: "my-access-logs",
        registryBuckets: true,
        auditTable: true,
        manageDatabasePassword: true,
      },
      computed: { "aws:rds/cluster:Cluster": () => ({ masterUserSecrets: [{ secretArn: "arn:secret" }] }) },
      invokes: {
        "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({ secretString: '{"password":"Managed-1"}' }),
      },
    },
    { config: { restoreFromSnapshot: "last-good" } },
    {
      config: {
        ...pick(exampleOutputs("database"), /^database(?!Ca|Secret)|^auditTable|^checkpoints/),
        databaseIdentifier: "theirs",
      },
      invokes: theirDatabase,
    },
  ],
  insights: [{}],
  esc: [{ config: { replicaRegion: "us-west-2", accessLogsBucketName: "my-access-logs" } }],
  service: [
    { config: { ...REQUIRED, webAclArn: WEB_ACL, accessLogsBucketName: "my-access-logs" } },
    {
      config: {
        ...REQUIRED,
        licenseKey: "",
        secretSources: {
          licenseKey: { secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:licence-AbCdEf" },
        },
        webAcl: "managed",
      },
      invokes: {
        "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({ secretString: "licence" }),
      },
    },
    { config: { ...REQUIRED, zoneRoleArn: "arn:aws:iam::210987654321:role/dns" } },
    { config: { ...REQUIRED, deliver: "gitops", podTls: true, apiMode: "split" } },
    {
      config: { ...REQUIRED, imageTag: "3.45.0" },
      upstream: {
        service: { version: "3.44.0" },
        database: { databaseEndpoint: "pulumi-test-database.cluster-abc123.us-east-1.rds.amazonaws.com" },
      },
      invokes: {
        "aws:rds/getClusterSnapshot:getClusterSnapshot": () => ({ snapshotCreateTime: new Date().toISOString() }),
      },
    },
    { config: { ...REQUIRED, platform: "fargate" }, upstream: { cluster: false, clusterServices: false } },
  ],
  dns: [
    { config: { zoneName: "example.com", healthCheck: true, zoneRoleArn: "arn:aws:iam::210987654321:role/dns" } },
    {
      config: {
        zoneName: "example.com",
        secondaryLoadBalancerDnsName: "my-alb-1234567890.us-west-2.elb.amazonaws.com",
        healthCheck: true,
      },
    },
  ],
};

interface Asked {
  readonly tokens: readonly string[];
  readonly resources: readonly Registered[];
  /** What variants ended with that should not have. */
  readonly errors: readonly string[];
}

const asked = new Map<StackName, Promise<Asked>>();
let last: Promise<unknown> = Promise.resolve();

/** What a folder asks of AWS, all variants together; run once, and one stack after the other: they share one runtime. */
export function askedBy(stack: StackName): Promise<Asked> {
  const result = asked.get(stack) ?? last.then(() => runVariants(stack));
  asked.set(stack, result);
  last = result;
  return result;
}

async function runVariants(stack: StackName): Promise<Asked> {
  const tokens = new Set<string>();
  const errors: string[] = [];
  const resources: Registered[] = [];
  for (const options of variants[stack]) {
    const run = await runStack(stack, options);
    if (run.error) errors.push(`${JSON.stringify(options.config)}: ${run.error.message}`);
    resources.push(...run.resources);
    for (const token of tokensOf(run.resources, run.invokes)) tokens.add(token);
  }
  return { tokens: [...tokens].sort(), resources, errors };
}

/** Tokens of the types and look-ups that the sources of one folder name. */
export function namedIn(folder: string): string[] {
  const root = path.resolve(__dirname, "../..", folder);
  const text = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
    .map((file) => readFileSync(path.join(root, file), "utf8"))
    .join("\n");
  const types = [...text.matchAll(/new aws\.(\w+)\.(\w+)\(/g)].map(([, module = "", name = ""]) =>
    typeToken(module, name),
  );
  const lookUps = [...text.matchAll(/aws\.(?:(\w+)\.)?get([A-Z]\w+?)(?:Output)?\(/g)].map(
    ([, module = "index", name = ""]) => `aws:${module}/get${name}:get${name}`,
  );
  return [...new Set([...types, ...lookUps])].sort();
}

function typeToken(module: string, name: string): string {
  const modules = aws as unknown as Record<string, Record<string, { __pulumiType: string }>>;
  const found = modules[module]?.[name];
  if (!found) throw new Error(`@pulumi/aws has no ${module}.${name}`);
  return found.__pulumiType;
}
