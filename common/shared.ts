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
} as const;

/**
 * Components of the KMS aliases, for `names.keyAlias(…)`: 01 grants on keys by these aliases.
 * `app` encrypts the service's secrets (05), `data` the database and its buckets (05), `esc` the metadata bucket (07).
 */
export const keyAliases = { app: "app", data: "data", esc: "esc" } as const;

/** Namespace of the service's pods: Pod Identity (08) binds roles to service accounts of this namespace. */
export const serviceNamespace = "pulumi-service";

/** Service accounts of the service's pods. */
export const serviceAccounts = {
  api: "pulumi-api",
  console: "pulumi-console",
  migrations: "pulumi-migrations",
} as const;

/**
 * Label and taint (effect NoSchedule) of the node group kept for the service: 03 sets them, 08 selects and tolerates
 * them, `pulumi-selfhosted/workload=service`.
 */
export const serviceNodes = { key: "pulumi-selfhosted/workload", value: "service" } as const;

/** TCP ports on which the containers listen; the load balancer reaches nodes and tasks on these and no other. */
export const ports = { api: 8080, console: 3000 } as const;

/** HTTP paths that answer 200 when a component is up. Source: Pulumi's self-hosting docs, API and console pages. */
export const healthPaths = { api: "/api/status", console: "/" } as const;
