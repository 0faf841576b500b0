import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Run } from "../../support/mocks";
import { runService, variablesOf } from "./run";

/**
 * Every variable that Pulumi's self-hosting docs and the vendor's installers name for the three containers. Set: by which
 * keys of this stack it is on. Left out: why; each of these can be given by `extras`.
 */
const ON = {
  ...{ samlSso: true, podTls: true, disableEscSsrfProtection: true, deprecatedMetrics: true },
  ...{ apiDisableEmailLogin: true, apiDisableEmailSignup: true },
  ...{ consoleHideEmailLogin: true, consoleHideEmailSignup: true, apiMode: "split", registry: "stack", audit: "stack" },
  ...{ smtpServer: "smtp.example.com:587", smtpUsername: "u", smtpPassword: "p", smtpGenericSender: "a@example.com" },
  ...{ recaptchaSiteKey: "s", recaptchaSecretKey: "k", agGridLicenseKey: "g", metricsWebhookSecret: "m" },
  ...{ githubOauthEndpoint: "https://github.example.com", githubOauthId: "i", githubOauthSecret: "s" },
  ...{ gitlabOauthEndpoint: "https://gitlab.example.com", gitlabOauthId: "i", gitlabOauthSecret: "s" },
  ...{ bitbucketOauthId: "i", bitbucketOauthSecret: "s", otelEndpoint: "http://otel.monitoring:4317" },
};

const SET = {
  "pulumi-api": [
    ...["PULUMI_LICENSE_KEY", "PULUMI_ENTERPRISE", "PULUMI_API_DOMAIN", "PULUMI_CONSOLE_DOMAIN", "AWS_REGION"],
    ...["PULUMI_DATABASE_ENDPOINT", "PULUMI_DATABASE_NAME", "PULUMI_DATABASE_USER_NAME"],
    ...["PULUMI_DATABASE_USER_PASSWORD", "DATABASE_CA_CERTIFICATE", "DATABASE_MIN_TLS_VERSION"],
    ...["PULUMI_CHECKPOINT_BLOB_STORAGE_ENDPOINT", "PULUMI_POLICY_PACK_BLOB_STORAGE_ENDPOINT"],
    ...["PULUMI_ENGINE_EVENTS_BLOB_STORAGE_ENDPOINT", "PULUMI_SERVICE_METADATA_BLOB_STORAGE_ENDPOINT"],
    ...["PULUMI_REGISTRY_PUBLIC_BLOB_STORAGE_ENDPOINT", "PULUMI_REGISTRY_PRIVATE_BLOB_STORAGE_ENDPOINT"],
    ...["PULUMI_ENGINE_EVENTS_SCHEMA_V2", "PULUMI_ENGINE_EVENTS_LEGACY_WRITE", "PULUMI_KMS_KEY"],
    ...["PULUMI_SEARCH_DOMAIN", "PULUMI_SEARCH_USER", "PULUMI_SEARCH_PASSWORD", "PULUMI_AUDIT_LOGS_DYNAMO_TABLE"],
    ...["PULUMI_DISABLE_EMAIL_LOGIN", "PULUMI_DISABLE_EMAIL_SIGNUP", "PULUMI_DISABLE_ESC_SSRF_PROTECTION"],
    ...["SMTP_SERVER", "SMTP_USERNAME", "SMTP_PASSWORD", "SMTP_GENERIC_SENDER", "RECAPTCHA_SECRET_KEY"],
    ...["SAML_CERTIFICATE_PUBLIC_KEY", "SAML_CERTIFICATE_PRIVATE_KEY", "GITHUB_OAUTH_ENDPOINT"],
    ...["GITLAB_OAUTH_ENDPOINT", "GITLAB_OAUTH_ID", "GITLAB_OAUTH_SECRET", "PULUMI_API_CONTAINER_MODE"],
    ...["API_TLS_CERTIFICATE", "API_TLS_PRIVATE_KEY", "API_MIN_TLS_VERSION", "METRICS_WEBHOOK_SECRET"],
    ...["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "PULUMI_ENABLE_DEPRECATED_METRICS"],
  ],
  "pulumi-console": [
    ...["PULUMI_CONSOLE_DOMAIN", "PULUMI_HOMEPAGE_DOMAIN", "PULUMI_ROOT_DOMAIN", "PULUMI_API", "AWS_REGION"],
    ...["PULUMI_API_INTERNAL_ENDPOINT", "PULUMI_HIDE_EMAIL_LOGIN", "PULUMI_HIDE_EMAIL_SIGNUP", "RECAPTCHA_SITE_KEY"],
    ...["SAML_SSO_ENABLED", "AG_GRID_LICENSE_KEY", "NODE_EXTRA_CA_CERTS"],
    ...["GITHUB_OAUTH_ENDPOINT", "GITHUB_OAUTH_ID", "GITHUB_OAUTH_SECRET"],
    ...["GITLAB_OAUTH_ENDPOINT", "GITLAB_OAUTH_ID", "GITLAB_OAUTH_SECRET"],
    ...["BITBUCKET_OAUTH_ID", "BITBUCKET_OAUTH_SECRET"],
    ...["CONSOLE_TLS_CERTIFICATE", "CONSOLE_TLS_PRIVATE_KEY", "CONSOLE_MIN_TLS_VERSION"],
  ],
  "pulumi-migrations": [
    ...["PULUMI_DATABASE_ENDPOINT", "PULUMI_DATABASE_NAME", "PULUMI_DATABASE_PING_ENDPOINT", "MYSQL_PORT"],
    ...["MYSQL_ROOT_USERNAME", "MYSQL_ROOT_PASSWORD", "RUN_MIGRATIONS_EXTERNALLY", "SKIP_CREATE_DB_USER"],
    "DATABASE_CA_CERTIFICATE",
  ],
} as const;

const LEFT_OUT: Readonly<Record<keyof typeof SET, Readonly<Record<string, string>>>> = {
  "pulumi-api": {
    PULUMI_LOCAL_OBJECTS: "a directory in place of S3: pods have no disk that survives",
    PULUMI_POLICY_PACK_LOCAL_HTTP_OBJECTS: "the same",
    PULUMI_DATABASE_PING_ENDPOINT:
      "only the vendor's ECS installer gives it to the API; the docs name it for migrations",
  },
  "pulumi-console": {
    ALLOW_INVALID_CERTS: "turns the check of certificates off; NODE_EXTRA_CA_CERTS trusts one's own",
  },
  "pulumi-migrations": {
    MYSQL_ROOT_CREDENTIALS: "the same login as one JSON text",
    METADATA_LOCK_WAIT_TIMEOUT: "a tuning of the vendor's, whose default holds",
    METADATA_LOCK_RETRIES: "the same",
    MIGRATIONS_TABLE_NAME: "the same",
  },
};

describe("08-service: the vendor's variables", () => {
  const components = Object.keys(SET) as (keyof typeof SET)[];
  let run: Run;
  beforeAll(async () => {
    run = await runService(ON, {
      upstream: {
        database: { databaseCaCertificate: "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n" },
      },
    });
  });

  it.each(components)("of %s are each set by a key, and there is no other", (name) => {
    expect(run.error).toBeUndefined();
    const names = variablesOf(run, name).map((variable) => variable.name);
    expect(names.sort()).toEqual([...SET[name]].sort());
  });

  it.each(components)("of %s that are left out can be given by extras", async (name) => {
    const component = name.replace("pulumi-", "");
    const environment = Object.fromEntries(Object.keys(LEFT_OUT[name]).map((variable) => [variable, "given"]));
    const given = await runService({ extras: { [component]: { environment } } });
    expect(variablesOf(given, name)).toEqual(
      expect.arrayContaining(Object.keys(environment).map((variable) => ({ name: variable, value: "given" }))),
    );
  });
});
