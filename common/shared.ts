import type { OutputName } from "./contract";
import type { Names } from "./names";

/**
 * Words on which two stacks must agree without handing them over: parts of names, namespaces, labels, ports. What one
 * stack makes under such a word, another grants rights on or selects by it.
 */

/** Components of the state buckets' names, for `names.bucket(…)`: 01 grants on them, 05 and 07 make them. */
export const buckets = {
  checkpoints: "checkpoints",
  policyPacks: "policy-packs",
  events: "events",
  metadata: "metadata",
  registryPublic: "registry-public",
  registryPrivate: "registry-private",
} as const;

/**
 * Component of the name of a state bucket's copy in another region, for `names.bucket(…)`: `replicaOf("checkpoints")`.
 * The name carries the region of the original, so 01 can grant on it without knowing where the copy is.
 */
export const replicaOf = (component: string) => `${component}-replica`;

/** Component of the name of Velero's bucket, for `names.bucket(…)`: 01 grants on it, 04 makes it. */
export const clusterBackupsBucket = "cluster-backups";

/** Tag of what 05's backup plan keeps: it selects by the tag, so what any stack makes under it is kept too. */
export const backupTag = (names: Names) => ({ "pulumi-selfhosted:backup": names.vault("data") });

/** Component of the audit table's name, for `names.of(…)`: 01 grants on it, 05 makes it. */
export const auditTable = "audit-logs";

/**
 * Components of the KMS aliases, for `names.keyAlias(…)`: 01 grants on keys by these aliases.
 * `app` encrypts the service's secrets (05), `data` the database and its buckets (05), `esc` the metadata bucket (07),
 * `tasks` the secrets, logs and shells of Fargate's tasks (08), `replica` and `escReplica` the copies of the buckets in
 * another region (05 and 07, aliases of that region).
 */
export const keyAliases = {
  app: "app",
  data: "data",
  esc: "esc",
  tasks: "tasks",
  replica: "replica",
  escReplica: "esc-replica",
} as const;

/** Namespace of the service's pods: Pod Identity (08) binds roles to service accounts of this namespace. */
export const serviceNamespace = "pulumi-service";

/** Namespace of search that runs in the cluster (06); 04 keeps teams out of it. */
export const searchNamespace = "pulumi-search";

/** Service accounts of the service's pods. */
export const serviceAccounts = {
  api: "pulumi-api",
  console: "pulumi-console",
  migrations: "pulumi-migrations",
} as const;

/** Name of the API's background jobs where they have pods of their own. */
export const apiJobs = "pulumi-api-jobs";

/** A service account of pods that have a role. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Service accounts of the pods that have roles, by 01-iam's outputs. 03, 04 and 08 hand the roles to them; with IRSA
 * 01's roles trust them by these names and no others.
 */
export const podServiceAccounts = {
  loadBalancerControllerRoleArn: { namespace: "kube-system", name: "aws-load-balancer-controller" },
  vpcCniRoleArn: { namespace: "kube-system", name: "aws-node" },
  ebsCsiRoleArn: { namespace: "kube-system", name: "ebs-csi-controller-sa" },
  clusterAutoscalerRoleArn: { namespace: "kube-system", name: "cluster-autoscaler" },
  karpenterControllerRoleArn: { namespace: "kube-system", name: "karpenter" },
  externalSecretsRoleArn: { namespace: "external-secrets", name: "external-secrets" },
  externalDnsRoleArn: { namespace: "external-dns", name: "external-dns" },
  // The nodes' log files are read by mounting the host's directories, which no namespace with Pod Security allows.
  logShipperRoleArn: { namespace: "kube-system", name: "aws-for-fluent-bit" },
  telemetryRoleArn: { namespace: "opentelemetry", name: "opentelemetry-collector" },
  veleroRoleArn: { namespace: "velero", name: "velero" },
  apiRoleArn: { namespace: serviceNamespace, name: serviceAccounts.api },
  migrationsRoleArn: { namespace: serviceNamespace, name: serviceAccounts.migrations },
} as const satisfies Partial<Record<OutputName<"iam">, ServiceAccount>>;

/** An output of 01-iam whose role is for pods. */
export type PodRoleName = keyof typeof podServiceAccounts;

/**
 * Label and taint (effect NoSchedule) of the node group kept for the service: 03 sets them, 08 selects and tolerates
 * them, `pulumi-selfhosted/workload=service`.
 */
export const serviceNodes = { key: "pulumi-selfhosted/workload", value: "service" } as const;

/** Component that makes the API's database user; as a Fargate task it bears this name, and 01 lets it be run. */
export const databaseUser = "pulumi-database-user";

/** Lambda function that runs Fargate's one-shot tasks (08); 01 lets it write the log group of this name. */
export const taskRunner = "task-runner";

/** TCP ports on which the containers listen; the load balancer reaches nodes and tasks on these and no other. */
export const ports = { api: 8080, console: 3000 } as const;
/** The same when the containers speak TLS. Source: Pulumi's self-hosting docs, security hardening, encryption in transit. */
export const tlsPorts = { api: 8443, console: 3443 } as const;

/** HTTP paths that answer 200 when a component is up. Source: Pulumi's self-hosting docs, API and console pages. */
export const healthPaths = { api: "/api/status", console: "/" } as const;

/** The two clusters that an installation may have side by side while it moves from one to the other. */
export const colors = ["blue", "green"] as const;

/** Component of a physical name as one of the two clusters makes it: blue, the only one most of the time, adds nothing. */
export function colored(component: string, color: (typeof colors)[number]): string {
  return color === "blue" ? component : `${component}-${color}`;
}
