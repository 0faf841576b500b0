import { createHash } from "node:crypto";
import { colored } from "./shared";

/** What every name and tag of one installation is made of. */
export interface Installation {
  /** Prefix of every name: `baseName`, 2–16 lowercase letters, digits and hyphens. */
  readonly baseName: string;
  /** Which installation, normally the Pulumi stack's name (`prod`); the same in all nine stacks. */
  readonly installation: string;
  readonly account: string;
  readonly region: string;
}

const HASH_LENGTH = 6;

/**
 * Joins parts to a physical name of at most `maximum` characters. A longer one is cut and ends in six characters of
 * its hash, so that two long names never become the same and a name never changes from one run to the next.
 */
export function physicalName(parts: readonly string[], maximum: number): string {
  const whole = parts
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/-{2,}/g, "-");
  if (whole.length <= maximum) return whole.replace(/-$/, "");
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, HASH_LENGTH);
  return `${whole.slice(0, maximum - HASH_LENGTH - 1).replace(/-$/, "")}-${hash}`;
}

/** Physical names by AWS's length limits; what one stack names, another can name without asking it. */
export interface Names {
  /** Any name without a special limit, e.g. a tag or a security group (255). */
  of(component: string): string;
  /** IAM role, 64. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
  role(component: string): string;
  /** S3 bucket, 63 and unique in the world, so it carries account and region. Source: S3 bucket naming rules. */
  bucket(component: string): string;
  /** KMS alias, `alias/…`, 256. Source: KMS CreateAlias. */
  keyAlias(component: string): string;
  /** Application load balancer, 32. Source: Elastic Load Balancing CreateLoadBalancer. */
  loadBalancer(component: string): string;
  /** Target group, 32. Source: Elastic Load Balancing CreateTargetGroup. */
  targetGroup(component: string): string;
  /** RDS cluster, instance, subnet and parameter group, 63. Source: RDS CreateDBCluster. */
  database(component: string): string;
  /** AWS Backup vault, plan and selection, 50. Source: AWS Backup CreateBackupVault. */
  vault(component: string): string;
  /** OpenSearch domain, 28. Source: OpenSearch Service CreateDomain. */
  searchDomain(component: string): string;
  /** Lambda function, 64. Source: Lambda CreateFunction. */
  function(component: string): string;
  /** EKS cluster, 100: the installation's own, or its second one while it moves. Source: EKS CreateCluster. */
  cluster(color?: "blue" | "green"): string;
  /** CloudWatch log group below `/pulumi-selfhosted/`, 512. Source: CloudWatch Logs CreateLogGroup. */
  logGroup(component: string): string;
  /** CloudWatch namespace of the installation's own metrics, 255. Source: CloudWatch PutMetricData. */
  metricNamespace(): string;
  /** Secrets Manager secret below the installation, 512. */
  secret(component: string): string;
}

/** The names of one installation. */
export function namesOf({ baseName, installation, account, region }: Installation): Names {
  const of = (component: string, maximum = 255) => physicalName([baseName, installation, component], maximum);
  return {
    of: (component) => of(component),
    role: (component) => of(component, 64),
    bucket: (component) => physicalName([baseName, installation, component, account, region], 63),
    keyAlias: (component) => `alias/${of(component, 250)}`,
    loadBalancer: (component) => of(component, 32),
    targetGroup: (component) => of(component, 32),
    database: (component) => of(component, 63),
    vault: (component) => of(component, 50),
    searchDomain: (component) => of(component, 28),
    function: (component) => of(component, 64),
    cluster: (color = "blue") => physicalName([baseName, colored(installation, color)], 100),
    logGroup: (component) => `/pulumi-selfhosted/${baseName}/${installation}/${component}`,
    metricNamespace: () => `pulumi-selfhosted/${baseName}/${installation}`,
    secret: (component) => `${baseName}/${installation}/${component}`,
  };
}

/** Tags on everything an installation makes; `Name` is added where AWS shows one. The customer's own tags win. */
export function tagsOf(
  { baseName, installation }: Installation,
  project: string,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    "pulumi-selfhosted:installation": `${baseName}-${installation}`,
    "pulumi-selfhosted:project": project,
    ...own,
  };
}
