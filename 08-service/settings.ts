import { kinds, setting, zoneSettings } from "@selfhosted/common";
import { deliverySettings } from "@selfhosted/common/delivery";
import { imageRegistry, images } from "@selfhosted/common/images";
import { z } from "zod";
import { extrasKind } from "./extras";
import { secretSourcesKind } from "./secretSources";

const image = kinds.matching(
  /^[a-z0-9][\w.:/-]*(?::(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/,
  "must be an image with a tag or digest, and not the tag latest",
  images.databaseClient,
);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits");
const digestExample = `sha256:${"0123456789abcdef".repeat(4)}`;
const digests = kinds.structure(
  z.strictObject({ service: digest, console: digest, migrations: digest }, "must have service, console, migrations"),
  { service: digestExample, console: digestExample, migrations: digestExample },
);
const off = (about: string) => setting.defaulted(kinds.boolean(), false, about);

const resources = z
  .strictObject({ api: component(), console: component(), jobs: component(), migrations: component() })
  .partial()
  .readonly();
function component() {
  return z.strictObject({ cpu: z.int().min(100).max(16384), memory: z.int().min(128).max(122880) }).readonly();
}

/** Names, certificate and load balancer. */
const edge = {
  domain: setting.required(
    kinds.hostName("pulumi.example.com"),
    "the service answers at api.<domain> and app.<domain>",
  ),
  certificateArn: setting.optional(kinds.certificateArn(), "certificate for both names; made when left out"),
  ...zoneSettings,
  scheme: setting.defaulted(
    kinds.oneOf("internet-facing", "internal"),
    "internet-facing",
    "who reaches the load balancer",
  ),
  ingressCidrBlocks: setting.defaulted(
    kinds.list(kinds.cidrBlock(), 1, 50),
    ["0.0.0.0/0"],
    "IPv4 ranges that reach the load balancer",
  ),
  idleTimeout: setting.defaulted(kinds.integer(1, 4000), 120, "seconds after which an idle connection is closed"),
  webAcl: setting.defaulted(
    kinds.oneOf("off", "managed"),
    "off",
    "whether a web ACL with AWS's managed rules is made for the load balancer",
  ),
  webAclRateLimit: setting.optional(
    kinds.integer(10, 2000000000),
    "requests of one address in five minutes above which it is blocked; with webAcl managed",
  ),
  podTls: off("whether the load balancer and the console speak TLS to the pods"),
  podTlsCertificate: setting.optional(kinds.certificates(), "certificate of the pods; made when left out"),
  podTlsPrivateKey: setting.optional(kinds.secret("PEM private key"), "key of podTlsCertificate"),
  webAclArn: setting.optional(kinds.webAclArn(), "AWS WAF web ACL that judges requests"),
  accessLogsBucketName: setting.optional(kinds.bucketName(), "bucket that gets the load balancer's access logs"),
  deletionProtection: off("whether AWS refuses to delete the load balancer"),
  blueGreen: off("whether the service may run in two clusters at once, for the time of a move"),
};

/** Images and sizes. */
const workloads = {
  platform: setting.defaulted(
    kinds.oneOf("eks", "fargate"),
    "eks",
    "where the service runs: in the cluster of 03 and 04, or on ECS Fargate, which needs neither",
  ),
  ...deliverySettings,
  gitopsSecretStore: setting.defaulted(
    kinds.string("aws", 253),
    "aws",
    "ClusterSecretStore that reads Secrets Manager, with deliver gitops",
  ),
  imageTag: setting.required(
    kinds.matching(/^(?!latest$)[\w][\w.-]{0,127}$/, "must be a version's tag, not latest", "3.44.0"),
    "version of API, console and migrations",
  ),
  imageDigests: setting.optional(digests, "digests of the three images of imageTag"),
  imageRegistry,
  imagePrefix: setting.optional(
    kinds.matching(/^[a-z0-9][\w.:/-]*[\w]$/, "must be a registry and path without a slash at the end", "pulumi"),
    "what stands before /service, /console and /migrations; pulumi, in imageRegistry where there is one",
  ),
  imagePullSecretName: setting.optional(
    kinds.string("registry", 253),
    "Secret of the namespace that opens the registry",
  ),
  databaseClientImage: setting.optional(image, "image with the mysql client, for the Job that makes the API's user"),
  size: setting.byProfile(
    kinds.oneOf("small", "medium", "large"),
    { standard: "medium", small: "small" },
    "CPU and memory of API and console",
  ),
  resources: setting.defaulted(
    kinds.structure(resources, { api: { cpu: 2000, memory: 8192 } }),
    {},
    "CPU (thousandths of a core) and memory (MiB) of single components, in place of what size says",
  ),
  apiReplicas: setting.byProfile(kinds.integer(1, 100), { standard: 2, small: 1 }, "least API pods"),
  consoleReplicas: setting.byProfile(kinds.integer(1, 100), { standard: 2, small: 1 }, "least console pods"),
  apiMode: setting.defaulted(
    kinds.oneOf("full", "split"),
    "full",
    "whether the API's background jobs run in its pods or in pods of their own",
  ),
  jobsReplicas: setting.defaulted(kinds.integer(1, 100), 1, "pods of the API's background jobs, with apiMode split"),
  autoscaling: setting.defaulted(kinds.boolean(), true, "whether pods follow the load, up to four times the least"),
  priorityClassName: setting.optional(kinds.string("high", 253), "PriorityClass of the service's pods"),
  extras: setting.defaulted(extrasKind(), {}, "what a component gets besides: variables, volumes, labels"),
  podUserId: setting.defaulted(kinds.integer(1, 2147483647), 1000, "user and group id that the pods run as"),
};

/** What only Fargate has. */
const fargate = {
  taskArchitecture: setting.defaulted(kinds.oneOf("x86_64", "arm64"), "x86_64", "processor of the tasks"),
  taskKeyArn: setting.optional(kinds.keyArn(), "KMS key of the tasks' secrets and logs; made when left out"),
  taskLogRetentionDays: setting.byProfile(
    kinds.logRetentionDays(),
    { standard: 30, small: 7 },
    "how long to keep the tasks' logs",
  ),
  logDriver: setting.defaulted(
    kinds.oneOf("awslogs", "splunk", "awsfirelens"),
    "awslogs",
    "where API and console log: CloudWatch, Splunk, or anywhere through a FireLens router",
  ),
  logOptions: setting.defaulted(
    kinds.record(kinds.string("value"), { Name: "datadog" }),
    {},
    "options of the log driver, or of FireLens's output",
  ),
  logSecretOptions: setting.defaulted(
    kinds.record(kinds.secretArn(), { apikey: kinds.secretArn().example }),
    {},
    "options of the log driver that are secret, by their secret's ARN",
  ),
  logRouterImage: setting.optional(image, "image of the FireLens router"),
  registryCredentialsArn: setting.optional(kinds.secretArn(), "secret that opens the images' registry"),
  containerInsights: setting.defaulted(
    kinds.oneOf("disabled", "enabled", "enhanced"),
    "disabled",
    "CloudWatch Container Insights of the ECS cluster",
  ),
  taskExec: off("whether people with rights can open a shell in a task"),
};

/** What the licence opens, and how users sign in. */
const product = {
  secretSources: setting.defaulted(secretSourcesKind(), {}, "where secrets are kept that aren't set here"),
  licenseKey: setting.requiredUnlessIn(
    "secretSources",
    kinds.secret("the service's licence, a JWT", 1, "example-license-key"),
    "the licence",
  ),
  agGridLicenseKey: setting.optional(kinds.secret("AG Grid licence"), "licence of the console's grids"),
  registry: setting.defaulted(kinds.oneOf("stack", "off"), "off", "whether the registry of packages is on"),
  audit: setting.defaulted(kinds.oneOf("stack", "off"), "off", "whether audit logs are kept in DynamoDB"),
  insights: setting.defaulted(kinds.oneOf("stack", "off"), "stack", "whether search is on"),
  esc: setting.defaulted(kinds.oneOf("stack", "off"), "stack", "whether environments and large configuration are on"),
  samlSso: off("whether people sign in by SAML"),
  samlCertificate: setting.optional(kinds.certificates(), "service provider's certificate"),
  samlPrivateKey: setting.optional(kinds.secret("PEM private key"), "key of samlCertificate"),
  apiDisableEmailLogin: off("whether the API refuses sign-in by email"),
  apiDisableEmailSignup: off("whether the API refuses sign-up by email"),
  consoleHideEmailLogin: off("whether the console hides sign-in by email"),
  consoleHideEmailSignup: off("whether the console hides sign-up by email"),
  githubOauthEndpoint: setting.optional(kinds.httpsUrl("https://github.example.com"), "GitHub Enterprise"),
  githubOauthId: setting.optional(kinds.string("client id", 255), "GitHub OAuth application"),
  githubOauthSecret: setting.optional(kinds.secret("client secret"), "secret of githubOauthId"),
  gitlabOauthEndpoint: setting.optional(kinds.httpsUrl("https://gitlab.example.com"), "GitLab of your own"),
  gitlabOauthId: setting.optional(kinds.string("application id", 255), "GitLab OAuth application"),
  gitlabOauthSecret: setting.optional(kinds.secret("application secret"), "secret of gitlabOauthId"),
  bitbucketOauthId: setting.optional(kinds.string("key", 255), "Bitbucket OAuth consumer"),
  bitbucketOauthSecret: setting.optional(kinds.secret("consumer secret"), "secret of bitbucketOauthId"),
};

/** How the API works. */
const operation = {
  localEncryptionKey: setting.optional(
    kinds.secret("32 characters", 32, "0123456789abcdef0123456789abcdef"),
    "key that encrypts secrets in place of KMS",
  ),
  acceptChanges: setting.defaulted(
    kinds.list(kinds.oneOf("encryption", "engineEvents", "majorVersion")),
    [],
    "changes of a living installation that are meant, though dangerous",
  ),
  upgradeBackupHours: setting.defaulted(
    kinds.integer(0, 8760),
    26,
    "how old the database's newest snapshot may be when imageTag changes; 0: nobody looks",
  ),
  migrationsRun: setting.defaulted(
    kinds.integer(1, 1000000),
    1,
    "raise it to run the migrations and the database user's Job again, after another database was restored",
  ),
  engineEventsSchemaV2: setting.defaulted(kinds.boolean(), true, "schema of engine events"),
  engineEventsLegacyWrite: off("whether engine events are also written in the old schema"),
  databaseMinTlsVersion: setting.defaulted(kinds.oneOf("1.2", "1.3"), "1.2", "least TLS version to the database"),
  apiDatabasePasswordRotation: setting.defaulted(
    kinds.integer(1, 1000000),
    1,
    "raise it to give the API's made database user another password",
  ),
  apiDatabaseUsername: setting.optional(kinds.string("pulumi_api", 32), "API's database user, when it exists already"),
  apiDatabasePassword: setting.optional(kinds.secret("password of apiDatabaseUsername"), "its password"),
  smtpServer: setting.optional(
    kinds.matching(/^[a-zA-Z0-9.-]+:\d{1,5}$/, "must be host:port", "smtp.example.com:587"),
    "mail server",
  ),
  smtpUsername: setting.optional(kinds.string("user", 255), "login at the mail server"),
  smtpPassword: setting.optional(kinds.secret("password of smtpUsername"), "its password"),
  smtpGenericSender: setting.optional(
    kinds.matching(/^\S+@\S+$/, "must be an address", "pulumi@example.com"),
    "sender of mails",
  ),
  recaptchaSiteKey: setting.optional(kinds.string("site key", 255), "Cloudflare Turnstile, public half"),
  recaptchaSecretKey: setting.optional(kinds.secret("Turnstile secret key"), "Cloudflare Turnstile, secret half"),
  disableEscSsrfProtection: off("whether ESC may fetch from private addresses"),
  otelEndpoint: setting.optional(
    kinds.matching(/^https?:\/\/[a-zA-Z0-9.-]+(:\d{1,5})?(\/.*)?$/, "must be a URL", "http://otel.monitoring:4317"),
    "OpenTelemetry collector",
  ),
  otelProtocol: setting.defaulted(kinds.oneOf("grpc", "http/protobuf"), "grpc", "protocol of otelEndpoint"),
  deprecatedMetrics: off("whether the API also serves its older metrics"),
  metricsWebhookSecret: setting.optional(kinds.secret("token"), "token that opens /metrics"),
};

/** Every key of this stack but those of the stacks before. */
export const settings = { ...edge, ...workloads, ...fargate, ...product, ...operation };
