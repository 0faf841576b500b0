import type * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import type { ResolvedConfig, ServiceConfig } from "./config";
import type { ExtraComponent } from "./extras";
import type { PodTls } from "./podTls";
import type { SamlPair } from "./saml";
import { byPlace, type Secret, type SecretSource } from "./secretSources";

/** Variables of one container. Each platform decides where secret ones are kept; none is ever written in the clear. */
export interface Environment {
  readonly plain: Readonly<Record<string, pulumi.Input<string>>>;
  readonly secret: Readonly<Record<string, pulumi.Input<string>>>;
  /** Secret ones whose value is kept elsewhere: the platform fetches it when it starts a container. */
  readonly kept: Readonly<Record<string, SecretSource>>;
}

/** What the variables are made of; the pods' login, the SAML pair and the like come beside it. */
type EnvironmentConfig = ResolvedConfig &
  Pick<ServiceConfig, "apiDomain" | "consoleDomain" | "secrets"> &
  Partial<Pick<ServiceConfig, "extras">>;

/** Every variable that this stack knows of a container, those that are off as undefined. */
interface Variables {
  readonly plain: Readonly<Record<string, pulumi.Input<string> | undefined>>;
  readonly secret: Readonly<Record<string, Secret | undefined>>;
}

/** Login of the API at the database. */
export interface DatabaseLogin {
  readonly username: string;
  readonly password: Secret;
}

/** Where the local encryption key is mounted, if that is used. */
export const LOCAL_KEY_PATH = "/encryptionservice/pulumilocalkeys";
/** Where the console finds the certificate that the API serves with, if the containers speak TLS. */
export const POD_CA_PATH = "/pulumi-tls/ca.pem";
const LEAST_POD_TLS = "1.2";

/** What a container's variables are made of, besides the configuration. */
export interface ApiParts {
  readonly login: DatabaseLogin;
  readonly saml: SamlPair | undefined;
  readonly tls: PodTls | undefined;
  /** What this container does of the API's work; undefined: everything. */
  readonly mode?: "API" | "JOBS";
}

/** The API's variables. Names and meanings: Pulumi's self-hosting docs, API page. */
export function apiEnvironment(config: EnvironmentConfig, parts: ApiParts): Environment {
  return environmentOf(apiVariables(config, parts), config, "api");
}

function apiVariables(
  { settings, secrets, upstream, caller, apiDomain, consoleDomain }: EnvironmentConfig,
  { login, saml, tls, mode }: ApiParts,
): Variables {
  const { database, insights, esc } = upstream;
  return {
    plain: {
      PULUMI_ENTERPRISE: "true",
      PULUMI_API_CONTAINER_MODE: mode,
      PULUMI_API_DOMAIN: apiDomain,
      PULUMI_CONSOLE_DOMAIN: consoleDomain,
      // The region of the KMS key and the buckets: another one breaks encryption.
      AWS_REGION: caller.region,
      PULUMI_DATABASE_ENDPOINT: databaseAddress(upstream),
      PULUMI_DATABASE_NAME: asked(database.databaseName, "the database"),
      PULUMI_DATABASE_USER_NAME: login.username,
      DATABASE_CA_CERTIFICATE: authority(upstream),
      DATABASE_MIN_TLS_VERSION: authority(upstream) && settings.databaseMinTlsVersion,
      PULUMI_CHECKPOINT_BLOB_STORAGE_ENDPOINT: bucketUrl(
        asked(database.checkpointsBucketName, "the checkpoints bucket"),
      ),
      PULUMI_POLICY_PACK_BLOB_STORAGE_ENDPOINT: bucketUrl(asked(database.policyPacksBucketName, "the policy bucket")),
      PULUMI_ENGINE_EVENTS_BLOB_STORAGE_ENDPOINT: bucketUrl(asked(database.eventsBucketName, "the events bucket")),
      PULUMI_SERVICE_METADATA_BLOB_STORAGE_ENDPOINT: esc && bucketUrl(esc.metadataBucketName),
      PULUMI_ENGINE_EVENTS_SCHEMA_V2: String(settings.engineEventsSchemaV2),
      PULUMI_ENGINE_EVENTS_LEGACY_WRITE: String(settings.engineEventsLegacyWrite),
      PULUMI_KMS_KEY: database.encryptionKeyArn,
      PULUMI_LOCAL_KEYS: secrets.localEncryptionKey && LOCAL_KEY_PATH,
      PULUMI_REGISTRY_PUBLIC_BLOB_STORAGE_ENDPOINT:
        database.registryPublicBucketName && bucketUrl(database.registryPublicBucketName),
      PULUMI_REGISTRY_PRIVATE_BLOB_STORAGE_ENDPOINT:
        database.registryPrivateBucketName && bucketUrl(database.registryPrivateBucketName),
      PULUMI_AUDIT_LOGS_DYNAMO_TABLE: database.auditTableName,
      PULUMI_SEARCH_DOMAIN: insights?.searchEndpoint,
      PULUMI_SEARCH_USER: insights?.searchUsername,
      PULUMI_DISABLE_EMAIL_LOGIN: flag(settings.apiDisableEmailLogin),
      PULUMI_DISABLE_EMAIL_SIGNUP: flag(settings.apiDisableEmailSignup),
      PULUMI_DISABLE_ESC_SSRF_PROTECTION: flag(settings.disableEscSsrfProtection),
      SMTP_SERVER: settings.smtpServer,
      SMTP_USERNAME: settings.smtpUsername,
      SMTP_GENERIC_SENDER: settings.smtpGenericSender,
      GITHUB_OAUTH_ENDPOINT: settings.githubOauthEndpoint,
      GITLAB_OAUTH_ENDPOINT: settings.gitlabOauthEndpoint,
      GITLAB_OAUTH_ID: settings.gitlabOauthId,
      SAML_CERTIFICATE_PUBLIC_KEY: saml?.certificate,
      API_TLS_CERTIFICATE: tls?.certificate,
      API_MIN_TLS_VERSION: tls && LEAST_POD_TLS,
      OTEL_EXPORTER_OTLP_ENDPOINT: settings.otelEndpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: settings.otelEndpoint && settings.otelProtocol,
      PULUMI_ENABLE_DEPRECATED_METRICS: flag(settings.deprecatedMetrics),
    },
    secret: {
      PULUMI_LICENSE_KEY: secrets.licenseKey,
      PULUMI_DATABASE_USER_PASSWORD: login.password,
      PULUMI_SEARCH_PASSWORD: insights && { value: insights.searchPassword },
      SMTP_PASSWORD: secrets.smtpPassword,
      RECAPTCHA_SECRET_KEY: secrets.recaptchaSecretKey,
      GITLAB_OAUTH_SECRET: secrets.gitlabOauthSecret,
      SAML_CERTIFICATE_PRIVATE_KEY: saml?.privateKey,
      API_TLS_PRIVATE_KEY: tls?.privateKey,
      METRICS_WEBHOOK_SECRET: secrets.metricsWebhookSecret,
    },
  };
}

/** The console's variables; `apiInternalUrl` is where its server side finds the API without leaving the network. */
export function consoleEnvironment(
  config: EnvironmentConfig,
  apiInternalUrl: string,
  tls: PodTls | undefined,
): Environment {
  return environmentOf(consoleVariables(config, apiInternalUrl, tls), config, "console");
}

function consoleVariables(
  { settings, secrets, caller, apiDomain, consoleDomain }: EnvironmentConfig,
  apiInternalUrl: string,
  tls: PodTls | undefined,
): Variables {
  return {
    plain: {
      AWS_REGION: caller.region,
      PULUMI_CONSOLE_DOMAIN: consoleDomain,
      PULUMI_HOMEPAGE_DOMAIN: consoleDomain,
      PULUMI_ROOT_DOMAIN: settings.domain,
      PULUMI_API: `https://${apiDomain}`,
      PULUMI_API_INTERNAL_ENDPOINT: apiInternalUrl,
      PULUMI_HIDE_EMAIL_LOGIN: flag(settings.consoleHideEmailLogin),
      PULUMI_HIDE_EMAIL_SIGNUP: flag(settings.consoleHideEmailSignup),
      RECAPTCHA_SITE_KEY: settings.recaptchaSiteKey,
      SAML_SSO_ENABLED: flag(settings.samlSso),
      GITHUB_OAUTH_ENDPOINT: settings.githubOauthEndpoint,
      GITHUB_OAUTH_ID: settings.githubOauthId,
      GITLAB_OAUTH_ENDPOINT: settings.gitlabOauthEndpoint,
      GITLAB_OAUTH_ID: settings.gitlabOauthId,
      BITBUCKET_OAUTH_ID: settings.bitbucketOauthId,
      CONSOLE_TLS_CERTIFICATE: tls?.certificate,
      CONSOLE_MIN_TLS_VERSION: tls && LEAST_POD_TLS,
      NODE_EXTRA_CA_CERTS: tls && POD_CA_PATH,
    },
    secret: {
      AG_GRID_LICENSE_KEY: secrets.agGridLicenseKey,
      GITHUB_OAUTH_SECRET: secrets.githubOauthSecret,
      GITLAB_OAUTH_SECRET: secrets.gitlabOauthSecret,
      BITBUCKET_OAUTH_SECRET: secrets.bitbucketOauthSecret,
      CONSOLE_TLS_PRIVATE_KEY: tls?.privateKey,
    },
  };
}

/** The migrations' variables: they log in as the user that owns the schema. */
export function migrationsEnvironment(config: EnvironmentConfig): Environment {
  return environmentOf(migrationsVariables(config), config, "migrations");
}

function migrationsVariables({ upstream }: EnvironmentConfig): Variables {
  const { database } = upstream;
  return {
    plain: {
      PULUMI_DATABASE_ENDPOINT: databaseAddress(upstream),
      PULUMI_DATABASE_NAME: asked(database.databaseName, "the database"),
      PULUMI_DATABASE_PING_ENDPOINT: asked(database.databaseEndpoint, "the database"),
      MYSQL_PORT: String(asked(database.databasePort, "the database")),
      MYSQL_ROOT_USERNAME: asked(database.databaseUsername, "the database"),
      RUN_MIGRATIONS_EXTERNALLY: "true",
      // The API has a user of its own; the first migration would make another one, without a password.
      SKIP_CREATE_DB_USER: "true",
      DATABASE_CA_CERTIFICATE: authority(upstream),
    },
    secret: { MYSQL_ROOT_PASSWORD: { value: asked(database.databasePassword, "the database") } },
  };
}

/** Names of the variables that this stack sets by keys of its own, whether or not they are on. */
export function ownVariables(config: EnvironmentConfig): Record<ExtraComponent, string[]> {
  // Where a container listens follows from podTls, and the security groups with it.
  const names = ({ plain, secret }: Variables) => ["PORT", ...Object.keys({ ...plain, ...secret })];
  return {
    api: names(
      apiVariables(config, { login: { username: "", password: { value: "" } }, saml: undefined, tls: undefined }),
    ),
    // A CA of one's own is trusted by this one variable, while this stack needs it for nothing.
    console: names(consoleVariables(config, "", undefined)).filter(
      (name) => name !== "NODE_EXTRA_CA_CERTS" || config.settings.podTls,
    ),
    migrations: names(migrationsVariables(config)),
  };
}

/** Variables of the Job that makes the API's database user, see `databaseUser.ts`. */
export function databaseUserEnvironment({ upstream }: EnvironmentConfig, login: DatabaseLogin): Environment {
  const { database } = upstream;
  return environmentOf({
    plain: {
      DATABASE_HOST: asked(database.databaseEndpoint, "the database"),
      DATABASE_PORT: String(asked(database.databasePort, "the database")),
      DATABASE_NAME: asked(database.databaseName, "the database"),
      DATABASE_OWNER: asked(database.databaseUsername, "the database"),
      DATABASE_CA_CERTIFICATE: authority(upstream),
      API_USERNAME: login.username,
    },
    // The mysql client reads its password from MYSQL_PWD, where no process list shows it.
    secret: { MYSQL_PWD: { value: asked(database.databasePassword, "the database") }, API_PASSWORD: login.password },
  });
}

/** What is on of a container's variables, and what `extras` adds to them. */
function environmentOf(
  { plain, secret }: Variables,
  config?: Partial<Pick<ServiceConfig, "extras">>,
  component?: ExtraComponent,
): Environment {
  const extras = component && config?.extras?.[component];
  const { values: secretValues, kept } = byPlace(present({ ...secret, ...extras?.secrets }));
  return { plain: { ...present(plain), ...extras?.environment }, secret: secretValues, kept };
}

/** Who signs the database's certificate; undefined when logins don't use TLS. */
function authority({ database }: ServiceConfig["upstream"]): string | undefined {
  return database.databaseCaCertificate || undefined;
}

function databaseAddress({ database }: ResolvedConfig["upstream"]): string {
  return `${asked(database.databaseEndpoint, "the database")}:${asked(database.databasePort, "the database")}`;
}

function bucketUrl(bucketName: string): string {
  return `s3://${bucketName}`;
}

/** A switch is written only when it is on: to the service any value, even "false", may mean yes. */
function flag(on: boolean): string | undefined {
  return on ? "true" : undefined;
}

function present<T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, T] => entry[1] !== undefined));
}
