import type * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import type { ServiceConfig } from "./config";
import type { SamlPair } from "./saml";

/** Variables of one container. Each platform decides where secret ones are kept; none is ever written in the clear. */
export interface Environment {
  readonly plain: Readonly<Record<string, pulumi.Input<string>>>;
  readonly secret: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Login of the API at the database. */
export interface DatabaseLogin {
  readonly username: string;
  readonly password: pulumi.Output<string>;
}

/** Where the local encryption key is mounted, if that is used. */
export const LOCAL_KEY_PATH = "/encryptionservice/pulumilocalkeys";

/** The API's variables. Names and meanings: Pulumi's self-hosting docs, API page. */
export function apiEnvironment(
  { settings, upstream, caller, apiDomain, consoleDomain }: ServiceConfig,
  login: DatabaseLogin,
  saml: SamlPair | undefined,
): Environment {
  const { database, insights, esc } = upstream;
  return {
    plain: present({
      PULUMI_ENTERPRISE: "true",
      PULUMI_API_DOMAIN: apiDomain,
      PULUMI_CONSOLE_DOMAIN: consoleDomain,
      // The region of the KMS key and the buckets: another one breaks encryption.
      AWS_REGION: caller.region,
      PULUMI_DATABASE_ENDPOINT: databaseAddress(upstream),
      PULUMI_DATABASE_NAME: asked(database.databaseName, "the database"),
      PULUMI_DATABASE_USER_NAME: login.username,
      DATABASE_CA_CERTIFICATE: settings.databaseCaCertificate,
      DATABASE_MIN_TLS_VERSION: settings.databaseCaCertificate && settings.databaseMinTlsVersion,
      PULUMI_CHECKPOINT_BLOB_STORAGE_ENDPOINT: bucketUrl(
        asked(database.checkpointsBucketName, "the checkpoints bucket"),
      ),
      PULUMI_POLICY_PACK_BLOB_STORAGE_ENDPOINT: bucketUrl(asked(database.policyPacksBucketName, "the policy bucket")),
      PULUMI_ENGINE_EVENTS_BLOB_STORAGE_ENDPOINT: bucketUrl(asked(database.eventsBucketName, "the events bucket")),
      PULUMI_SERVICE_METADATA_BLOB_STORAGE_ENDPOINT: esc && bucketUrl(esc.metadataBucketName),
      PULUMI_ENGINE_EVENTS_SCHEMA_V2: String(settings.engineEventsSchemaV2),
      PULUMI_ENGINE_EVENTS_LEGACY_WRITE: String(settings.engineEventsLegacyWrite),
      PULUMI_KMS_KEY: database.encryptionKeyArn,
      PULUMI_LOCAL_KEYS: settings.localEncryptionKey && LOCAL_KEY_PATH,
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
      OTEL_EXPORTER_OTLP_ENDPOINT: settings.otelEndpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: settings.otelEndpoint && settings.otelProtocol,
      PULUMI_ENABLE_DEPRECATED_METRICS: flag(settings.deprecatedMetrics),
    }),
    secret: present({
      PULUMI_LICENSE_KEY: settings.licenseKey,
      PULUMI_DATABASE_USER_PASSWORD: login.password,
      PULUMI_SEARCH_PASSWORD: insights?.searchPassword,
      SMTP_PASSWORD: settings.smtpPassword,
      RECAPTCHA_SECRET_KEY: settings.recaptchaSecretKey,
      GITLAB_OAUTH_SECRET: settings.gitlabOauthSecret,
      SAML_CERTIFICATE_PRIVATE_KEY: saml?.privateKey,
      METRICS_WEBHOOK_SECRET: settings.metricsWebhookSecret,
    }),
  };
}

/** The console's variables; `apiInternalUrl` is where its server side finds the API without leaving the network. */
export function consoleEnvironment(
  { settings, caller, apiDomain, consoleDomain }: ServiceConfig,
  apiInternalUrl: string,
): Environment {
  return {
    plain: present({
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
    }),
    secret: present({
      AG_GRID_LICENSE_KEY: settings.agGridLicenseKey,
      GITHUB_OAUTH_SECRET: settings.githubOauthSecret,
      GITLAB_OAUTH_SECRET: settings.gitlabOauthSecret,
      BITBUCKET_OAUTH_SECRET: settings.bitbucketOauthSecret,
    }),
  };
}

/** The migrations' variables: they log in as the user that owns the schema. */
export function migrationsEnvironment({ settings, upstream }: ServiceConfig): Environment {
  const { database } = upstream;
  return {
    plain: present({
      PULUMI_DATABASE_ENDPOINT: databaseAddress(upstream),
      PULUMI_DATABASE_NAME: asked(database.databaseName, "the database"),
      PULUMI_DATABASE_PING_ENDPOINT: asked(database.databaseEndpoint, "the database"),
      MYSQL_PORT: String(asked(database.databasePort, "the database")),
      MYSQL_ROOT_USERNAME: asked(database.databaseUsername, "the database"),
      RUN_MIGRATIONS_EXTERNALLY: "true",
      // The API has a user of its own; the first migration would make another one, without a password.
      SKIP_CREATE_DB_USER: "true",
      DATABASE_CA_CERTIFICATE: settings.databaseCaCertificate,
    }),
    secret: { MYSQL_ROOT_PASSWORD: asked(database.databasePassword, "the database") },
  };
}

/** Variables of the Job that makes the API's database user, see `databaseUser.ts`. */
export function databaseUserEnvironment({ settings, upstream }: ServiceConfig, login: DatabaseLogin): Environment {
  const { database } = upstream;
  return {
    plain: present({
      DATABASE_HOST: asked(database.databaseEndpoint, "the database"),
      DATABASE_PORT: String(asked(database.databasePort, "the database")),
      DATABASE_NAME: asked(database.databaseName, "the database"),
      DATABASE_OWNER: asked(database.databaseUsername, "the database"),
      DATABASE_CA_CERTIFICATE: settings.databaseCaCertificate,
      API_USERNAME: login.username,
    }),
    // The mysql client reads its password from MYSQL_PWD, where no process list shows it.
    secret: { MYSQL_PWD: asked(database.databasePassword, "the database"), API_PASSWORD: login.password },
  };
}

function databaseAddress({ database }: ServiceConfig["upstream"]): string {
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
