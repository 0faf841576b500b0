import type * as pulumi from "@pulumi/pulumi";
import {
  choice,
  informative,
  member,
  output,
  possible,
  role,
  type OutputSpec,
  type StackSpec,
} from "./contractEntries";
import * as kinds from "./kinds";
import type { SecretKind, ValueOf } from "./kinds";

export type { OutputSpec, StackSpec };

/**
 * The contract between the stacks: every value that one hands to another, and nothing else. Producers are checked
 * against it by the compiler (`program`), consumers ask by name (`readConfig`), and EXAMPLE files, `byo`
 * and the tests read it. The order is the order of deployment.
 */
export const contract = {
  iam: {
    folder: "01-iam",
    project: "selfhosted-01-iam",
    about: "every IAM role and policy of the installation",
    outputs: {
      clusterRoleArn: role("role of the EKS control plane"),
      nodeRoleArn: role("role of the EC2 nodes"),
      databaseMonitoringRoleArn: role("role of RDS enhanced monitoring"),
      flowLogsRoleArn: role("role with which the VPC writes flow logs to CloudWatch"),
      loadBalancerControllerRoleArn: role("role of the AWS Load Balancer Controller's pods"),
      vpcCniRoleArn: role("role of the VPC CNI add-on's pods"),
      ebsCsiRoleArn: role("role of the EBS CSI driver's pods"),
      clusterAutoscalerRoleArn: role("role of the cluster-autoscaler's pods"),
      karpenterControllerRoleArn: role("role of Karpenter's controller pods"),
      externalSecretsRoleArn: role("role of the External Secrets Operator's pods"),
      logShipperRoleArn: role("role of the log shipper's pods"),
      backupRoleArn: role("role with which AWS Backup copies and restores"),
      apiRoleArn: role("role of the service's API pods: state buckets and the encryption key"),
      migrationsRoleArn: role("role of the migrations pods"),
      taskExecutionRoleArn: role("execution role of the Fargate tasks: images, secrets, logs"),
      apiTaskRoleArn: role("role of the API's Fargate task: state buckets and the encryption key"),
      migrationsTaskRoleArn: role("role of the Fargate tasks that run once; it has no rights"),
      taskRunnerRoleArn: role("role of the Lambda function that runs those tasks to their end"),
      externalDnsRoleArn: role("role of external-dns's pods: records in hosted zones"),
      veleroRoleArn: role("role of Velero's pods: its bucket and snapshots of the cluster's volumes"),
      telemetryRoleArn: role(
        "role of the OpenTelemetry collector's pods: logs, metrics and traces of this installation",
      ),
      replicationRoleArn: role("role with which S3 copies the state buckets to another region"),
      podCredentials: choice(
        kinds.oneOf("PodIdentity", "IRSA"),
        "PodIdentity",
        "how pods get their roles: by EKS Pod Identity associations, or by annotations of service accounts (IRSA)",
      ),
      baseName: informative(kinds.string("pulumi", 16), "prefix of the names on which the roles have rights"),
      installation: informative(kinds.string("prod", 32), "installation in the names on which the roles have rights"),
      region: informative(kinds.string("us-east-1", 32), "region in the names on which the roles have rights"),
    },
  },
  networking: {
    folder: "02-networking",
    project: "selfhosted-02-networking",
    about: "VPC, subnets, NAT, endpoints, flow logs, the workload security group",
    outputs: {
      vpcId: member("network", kinds.id("vpc"), "the VPC"),
      publicSubnetIds: member("network", kinds.subnetIds(), "subnets with a route to an internet gateway"),
      privateSubnetIds: member("network", kinds.subnetIds(), "subnets of nodes, pods and tasks, with a way out"),
      isolatedSubnetIds: member("network", kinds.subnetIds(), "subnets of the database and search, with no way out"),
      workloadSecurityGroupId: output(
        kinds.id("sg"),
        "security group that nodes and tasks carry; the database and search admit it and nothing else",
      ),
    },
  },
  cluster: {
    folder: "03-cluster",
    project: "selfhosted-03-cluster",
    about: "EKS control plane, node groups, access entries",
    outputs: {
      clusterName: member("cluster", kinds.string("my-cluster", 100), "name of the EKS cluster"),
      clusterVersion: member("cluster", kinds.kubernetesVersion(), "Kubernetes version of the cluster"),
      kubeconfig: member("cluster", kinds.kubeconfig(), "kubeconfig that signs in with `aws eks get-token`"),
      autoMode: choice(
        kinds.boolean(),
        false,
        "whether EKS runs nodes, volumes and load balancing by itself (EKS Auto Mode)",
      ),
      color: choice(
        kinds.oneOf("blue", "green"),
        "blue",
        "which of two clusters of one installation this is, so that names don't collide",
      ),
    },
  },
  clusterServices: {
    folder: "04-cluster-services",
    project: "selfhosted-04-cluster-services",
    about: "EKS add-ons, load balancer controller, storage class, optional services",
    outputs: {
      loadBalancerControllerVersion: output(
        kinds.version("2.13.0"),
        "version of the AWS Load Balancer Controller in the cluster, which binds pods to target groups",
      ),
      storageClassName: output(kinds.string("gp3", 253), "default StorageClass, encrypted gp3"),
      delivery: informative(
        kinds.oneOf("apply", "handover", "gitops"),
        "who brings the Kubernetes objects to the cluster: Pulumi, or a GitOps tool",
      ),
    },
  },
  database: {
    folder: "05-database",
    project: "selfhosted-05-database",
    about: "the system of record: Aurora MySQL, state buckets, the encryption key",
    outputs: {
      databaseEndpoint: member("database", kinds.hostName("db.example.com"), "host name of the writer"),
      databasePort: member("database", kinds.port(), "port of the database"),
      databaseName: member("database", kinds.string("pulumi", 64), "schema of the service"),
      databaseUsername: member(
        "database",
        kinds.string("pulumi", 32),
        "user that owns the schema; migrations log in as it",
      ),
      databasePassword: member(
        "database",
        kinds.secret("password of databaseUsername", 8),
        "password of databaseUsername",
      ),
      databaseCaCertificate: choice(
        kinds.certificates(),
        "",
        "certificates of the authority that the database's own is signed by; with them every login uses TLS",
      ),
      databaseSecretArn: choice(
        kinds.secretArnOrNone(),
        "",
        "secret in which RDS keeps and rotates databasePassword, if it does",
      ),
      checkpointsBucketName: output(kinds.bucketName(), "bucket of stack checkpoints"),
      policyPacksBucketName: output(kinds.bucketName(), "bucket of policy packs"),
      eventsBucketName: output(kinds.bucketName(), "bucket of engine events"),
      registryPublicBucketName: possible(
        "registryBuckets",
        kinds.bucketName(),
        "bucket of the registry's public packages",
      ),
      registryPrivateBucketName: possible(
        "registryBuckets",
        kinds.bucketName(),
        "bucket of the registry's private packages",
      ),
      auditTableName: possible("auditTable", kinds.tableName(), "DynamoDB table of audit logs"),
      encryptionKeyArn: output(kinds.keyArn(), "KMS key that encrypts the service's secrets (PULUMI_KMS_KEY)"),
      encryptionKeyOrigin: informative(kinds.oneOf("made", "given"), "whether 05-database made that key"),
    },
  },
  insights: {
    folder: "06-insights",
    project: "selfhosted-06-insights",
    about: "search: an OpenSearch domain (optional by licence)",
    outputs: {
      searchEndpoint: member("search", kinds.httpsUrl("https://search.example.com:443"), "address of OpenSearch"),
      searchUsername: member("search", kinds.string("admin", 64), "user of OpenSearch"),
      searchPassword: member("search", kinds.secret("password of searchUsername", 8), "password of searchUsername"),
    },
  },
  esc: {
    folder: "07-esc",
    project: "selfhosted-07-esc",
    about: "environments, secrets and configuration storage (optional by licence)",
    outputs: {
      metadataBucketName: output(kinds.bucketName(), "bucket of ESC, OIDC trust, Deployments and large configuration"),
    },
  },
  service: {
    folder: "08-service",
    project: "selfhosted-08-service",
    about: "API, console, migrations, load balancer, certificate",
    outputs: {
      apiDomain: member("loadBalancer", kinds.hostName("api.pulumi.example.com"), "public host name of the API"),
      consoleDomain: member(
        "loadBalancer",
        kinds.hostName("app.pulumi.example.com"),
        "public host name of the console",
      ),
      loadBalancerDnsName: member("loadBalancer", kinds.hostName(), "DNS name of the load balancer"),
      loadBalancerZoneId: member(
        "loadBalancer",
        kinds.zoneId("Z35SXDOTRQ7X7K"),
        "hosted zone of the load balancer's DNS name, for alias records",
      ),
      apiUrl: informative(kinds.httpsUrl("https://api.pulumi.example.com"), "where `pulumi login` goes"),
      consoleUrl: informative(kinds.httpsUrl("https://app.pulumi.example.com"), "where people sign in"),
      dnsRecords: informative(
        kinds.list(kinds.string("api.pulumi.example.com  ALIAS/CNAME  my-alb.us-east-1.elb.amazonaws.com")),
        "the records to create by hand when 09-dns is skipped",
      ),
      version: informative(kinds.string("3.44.0", 128), "version of API, console and migrations"),
      schema: informative(
        kinds.string("3.44.0", 150),
        "version whose migrations ran last; after the way back to an older one that is a newer one than version",
      ),
      verify: informative(kinds.string("npm run verify -- --stack prod"), "command that proves the service"),
      encryption: informative(
        kinds.string("KMS key arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd"),
        "what encrypts the users' secrets; it can't be changed on a living installation",
      ),
      engineEvents: informative(
        kinds.string("schema V2"),
        "how engine events are written; it can't be changed on a living installation",
      ),
      delivery: informative(
        kinds.oneOf("apply", "handover", "gitops"),
        "who brings the Kubernetes objects to the cluster: Pulumi, or a GitOps tool",
      ),
    },
  },
  dns: {
    folder: "09-dns",
    project: "selfhosted-09-dns",
    about: "public names, possibly in another AWS account",
    outputs: {
      apiRecordName: informative(kinds.hostName("api.pulumi.example.com"), "name that points at the API"),
      consoleRecordName: informative(kinds.hostName("app.pulumi.example.com"), "name that points at the console"),
      targets: informative(
        kinds.list(kinds.hostName("my-alb-1234567890.us-east-1.elb.amazonaws.com"), 1, 2),
        "load balancers that the names may lead to: this region's, and the one that takes over",
      ),
      healthChecks: informative(
        kinds.list(kinds.string("01234567-89ab-4cde-8f01-23456789abcd", 64), 0, 1),
        "id of Route 53's health check, for alarms, if there is one",
      ),
      verify: informative(kinds.string("npm run verify -- --stack prod"), "command that proves the service"),
    },
  },
} as const satisfies Record<string, StackSpec>;

/** The contract's table, as code sees it. */
export type Contract = typeof contract;
/** `iam`, `networking`, `cluster`, `clusterServices`, `database`, `insights`, `esc`, `service`, `dns`. */
export type StackName = keyof Contract;
/** Names of one stack's outputs. */
export type OutputName<S extends StackName> = keyof Contract[S]["outputs"] & string;
/** Names of the outputs that other stacks read and that can be brought. */
export type BringableName<S extends StackName> = {
  [K in OutputName<S>]: Contract[S]["outputs"][K] extends { readonly informative: true } ? never : K;
}[OutputName<S>];

/** Names of the outputs of parts that the producer makes only when a setting of its own asks for them. */
export type PossibleName<S extends StackName> = {
  [K in OutputName<S>]: Contract[S]["outputs"][K] extends { readonly madeWith: string } ? K : never;
}[OutputName<S>];

/** Names of the outputs that a stack can adopt when they are given in its own folder. */
export type AdoptableName<S extends StackName> = {
  [K in BringableName<S>]: Contract[S]["outputs"][K] extends { readonly default: unknown } ? never : K;
}[BringableName<S>];

/** Kind of one output. */
export type OutputKind<S extends StackName, K extends OutputName<S>> = Contract[S]["outputs"][K] extends {
  readonly kind: infer Q;
}
  ? Q
  : never;

/** What a consumer gets of one output: a secret as a secret `Output`, everything else as the plain value. */
export type OutputValue<S extends StackName, K extends OutputName<S>> =
  OutputKind<S, K> extends SecretKind ? pulumi.Output<string> : ValueOf<OutputKind<S, K>>;

/** All stacks, in the order of deployment. */
export const stackNames = Object.keys(contract) as StackName[];

/** One output's entry, by names known only at run time; `undefined` when the stack has no such output. */
export function outputSpec(stack: StackName, name: string): OutputSpec | undefined {
  const outputs: Readonly<Record<string, OutputSpec>> = contract[stack].outputs;
  return outputs[name];
}

/** Entries of the outputs that a stack publishes instead of making anything, when they are given in its own folder. */
export function adoptable(stack: StackName): [string, OutputSpec][] {
  return outputSpecs(stack).filter(([, spec]) => !spec.informative && spec.default === undefined);
}

/** Entries of one stack's outputs, in the table's order. */
export function outputSpecs(stack: StackName): [string, OutputSpec][] {
  const outputs: Readonly<Record<string, OutputSpec>> = contract[stack].outputs;
  return Object.entries(outputs);
}
