import { kinds, setting } from "@selfhosted/common";
import { deliverySettings } from "@selfhosted/common/delivery";
import { chartRegistry, imageRegistry } from "@selfhosted/common/images";
import { team, teamExample, type Team } from "./team";

/** EKS add-ons that this stack knows; those without which no node becomes ready are 03-cluster's. */
const addonNames = ["coredns", "aws-ebs-csi-driver", "metrics-server", "snapshot-controller"] as const;

/** Optional services, one file each. */
export const serviceNames = [
  ...(["cert-manager", "external-secrets", "external-dns", "log-shipping", "log-forwarding", "telemetry"] as const),
  ...(["velero", "argocd", "falco", "clamav", "flagger"] as const),
] as const;
/** One of {@link serviceNames}. */
export type ServiceName = (typeof serviceNames)[number];

/** Add-ons, charts and images. */
const parts = {
  addons: setting.defaulted(
    kinds.list(kinds.oneOf(...addonNames)),
    ["coredns", "aws-ebs-csi-driver", "metrics-server"],
    "EKS add-ons to install",
  ),
  addonVersions: setting.defaulted(
    kinds.record(kinds.version("v1.13.1-eksbuild.1"), { coredns: "v1.13.1-eksbuild.1" }),
    {},
    "versions of add-ons, where not the newest",
  ),
  chartVersions: setting.defaulted(
    kinds.record(kinds.version("3.5.0"), { "aws-load-balancer-controller": "3.5.0" }),
    {},
    "versions of charts, where not the table's",
  ),
  chartRegistry,
  imageRegistry,
  services: setting.defaulted(kinds.list(kinds.oneOf(...serviceNames)), [], "optional services to install"),
};

/** Nodes that come and go. */
const scaling = {
  autoscaling: setting.defaulted(
    kinds.oneOf("cluster-autoscaler", "karpenter", "auto-mode", "none"),
    "cluster-autoscaler",
    "what adds and removes nodes",
  ),
  nodePools: setting.defaulted(
    kinds.list(kinds.oneOf("stateful", "stateless", "gpu"), 1),
    ["stateful", "stateless"],
    "kinds of nodes that Karpenter may make",
  ),
  nodePoolCpuLimit: setting.defaulted(
    kinds.integer(1, 100_000),
    64,
    "most processors that the nodes of one pool have together",
  ),
  nodePoolGpuLimit: setting.defaulted(
    kinds.integer(1, 10_000),
    4,
    "most GPUs that the nodes of the gpu pool have together",
  ),
  nodePoolArchitecture: setting.defaulted(
    kinds.oneOf("amd64", "arm64"),
    "amd64",
    "processor of the nodes that Karpenter makes",
  ),
};

const domain = kinds.hostName("example.com");

/** What the optional services are told. */
const services = {
  podLogRetentionDays: setting.defaulted(
    kinds.logRetentionDays(),
    30,
    "how long CloudWatch keeps the pods' logs, and what the OpenTelemetry collector writes",
  ),
  externalDnsDomains: setting.optional(kinds.list(domain, 1, 50), "domains in which external-dns writes records"),
  logForwardingEndpoint: setting.optional(
    kinds.httpsUrl("https://logs.example.com:9200"),
    "OpenSearch or Elasticsearch that gets what pods print",
  ),
  logForwardingStore: setting.defaulted(
    kinds.oneOf("opensearch", "elasticsearch"),
    "opensearch",
    "what logForwardingEndpoint is",
  ),
  logForwardingUsername: setting.optional(kinds.string("shipper", 128), "user of logForwardingEndpoint"),
  logForwardingPassword: setting.optional(kinds.secret("password of logForwardingUsername"), "its password"),
  clusterBackupsBucketName: setting.optional(kinds.bucketName(), "existing bucket for Velero's backups"),
  clusterBackupSchedule: setting.defaulted(
    kinds.matching(/^\S+(?: \S+){4}$/, "must be a cron line of five fields, in UTC", "0 3 * * *"),
    "0 3 * * *",
    "when Velero backs the cluster up",
  ),
  clusterBackupRetentionDays: setting.defaulted(kinds.integer(1, 3650), 30, "how long Velero keeps a backup"),
  clusterBackupsForceDestroy: setting.defaulted(
    kinds.boolean(),
    false,
    "whether a destroy deletes the bucket with the backups in it",
  ),
  flaggerMetricsServer: setting.optional(
    kinds.matching(/^https?:\/\/[a-zA-Z0-9.-]+(?::\d{1,5})?$/, "must be a URL", "http://prometheus.monitoring:9090"),
    "Prometheus that Flagger asks how a release is doing",
  ),
  clamavDatabaseMirror: setting.optional(
    kinds.httpsUrl("https://clamav.example.com"),
    "mirror of ClamAV's signatures, for an install without internet",
  ),
};

/** Argo CD and what it deploys. */
const gitOps = {
  ...deliverySettings,
  gitRepository: setting.optional(
    kinds.matching(
      /^(?:https:\/\/[\w.-]+(?::\d+)?\/|ssh:\/\/|[\w.-]+@[\w.-]+:)[\w./~-]+$/,
      "must be an address like https://github.com/example/clusters.git or git@github.com:example/clusters.git",
      "https://github.com/example/clusters.git",
    ),
    "Git repository that says what runs in the cluster",
  ),
  gitPath: setting.optional(kinds.string("clusters/prod", 255), "its directory for this cluster, with a kustomization"),
  gitRevision: setting.defaulted(kinds.string("main", 255), "HEAD", "its branch, tag or commit"),
  gitUsername: setting.optional(kinds.string("deploy", 255), "who reads gitRepository over HTTPS"),
  gitPassword: setting.optional(kinds.secret("token of gitUsername"), "token or password of gitUsername"),
  gitSshPrivateKey: setting.optional(kinds.secret("PEM private key"), "deploy key that reads gitRepository over SSH"),
  teams: setting.defaulted(
    kinds.structure<Team[]>(team.array().max(100), [teamExample], "a list of teams, see Pulumi.EXAMPLE.yaml"),
    [],
    "teams that deploy from repositories of their own into namespaces of their own",
  ),
  argoCdUrl: setting.optional(kinds.httpsUrl("https://argocd.example.com"), "address under which people reach Argo CD"),
  argoCdOidcIssuer: setting.optional(
    kinds.matching(/^https:\/\/[a-zA-Z0-9.-]+(?::\d{2,5})?(?:\/[\w./-]*)?$/, "must be a URL", "https://id.example.com"),
    "who signs people in to Argo CD",
  ),
  argoCdOidcClientId: setting.optional(kinds.string("argocd", 255), "Argo CD's id at argoCdOidcIssuer"),
  argoCdOidcClientSecret: setting.optional(kinds.secret("client secret"), "its secret there"),
  argoCdAdminGroups: setting.defaulted(
    kinds.list(kinds.string("platform-admins", 255)),
    [],
    "groups of argoCdOidcIssuer that administer Argo CD",
  ),
};

/** Every key of this stack but those of the stacks before. */
export const settings = { ...parts, ...scaling, ...services, ...gitOps };
