import { beforeAll, describe, expect, it } from "@jest/globals";
import { contract } from "@selfhosted/common";
import { exampleOutputs, type Run } from "../../support/mocks";
import { PEM, environmentOf, runService } from "./run";

const API = "pulumi-api";
const CONSOLE = "pulumi-console";
const MIGRATIONS = "pulumi-migrations";
const database = exampleOutputs("database");

describe("08-service: variables of the API", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runService(
      {},
      {
        providerConfig: { "aws:region": "eu-central-1" },
        upstream: {
          database: {
            encryptionKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd",
          },
        },
      },
    );
  });

  it("says where everything is, with the region that it really runs in (B6)", () => {
    expect(run.error).toBeUndefined();
    expect(environmentOf(run, API).plain).toEqual({
      PULUMI_ENTERPRISE: "true",
      PULUMI_API_DOMAIN: "api.pulumi.example.com",
      PULUMI_CONSOLE_DOMAIN: "app.pulumi.example.com",
      AWS_REGION: "eu-central-1",
      PULUMI_DATABASE_ENDPOINT: "db.example.com:3306",
      PULUMI_DATABASE_NAME: "pulumi",
      PULUMI_DATABASE_USER_NAME: "pulumi_api",
      PULUMI_CHECKPOINT_BLOB_STORAGE_ENDPOINT: `s3://${String(database["checkpointsBucketName"])}`,
      PULUMI_POLICY_PACK_BLOB_STORAGE_ENDPOINT: `s3://${String(database["policyPacksBucketName"])}`,
      PULUMI_ENGINE_EVENTS_BLOB_STORAGE_ENDPOINT: `s3://${String(database["eventsBucketName"])}`,
      PULUMI_SERVICE_METADATA_BLOB_STORAGE_ENDPOINT: `s3://${String(exampleOutputs("esc")["metadataBucketName"])}`,
      PULUMI_ENGINE_EVENTS_SCHEMA_V2: "true",
      PULUMI_ENGINE_EVENTS_LEGACY_WRITE: "false",
      PULUMI_KMS_KEY: "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd",
      PULUMI_SEARCH_DOMAIN: exampleOutputs("insights")["searchEndpoint"],
      PULUMI_SEARCH_USER: exampleOutputs("insights")["searchUsername"],
    });
  });

  it("takes secrets from the API's own Secret only, and logs in as a user of its own, not the owner (B14)", () => {
    const { secret } = environmentOf(run, API);
    expect(secret).toEqual({
      PULUMI_LICENSE_KEY: "Licence-Canary-1",
      PULUMI_DATABASE_USER_PASSWORD: run.one("random:index/randomPassword:RandomPassword", "api-database-user").state[
        "result"
      ],
      PULUMI_SEARCH_PASSWORD: exampleOutputs("insights")["searchPassword"],
    });
    expect(secret["PULUMI_DATABASE_USER_PASSWORD"]).not.toBe(database["databasePassword"]);
  });

  it("leaves search and environments out when they are off, and asks those stacks nothing", async () => {
    const off = await runService({ insights: "off", esc: "off" }, { upstream: { insights: false, esc: false } });
    expect(off.error).toBeUndefined();
    const { plain, secret } = environmentOf(off, API);
    const names = Object.keys({ ...plain, ...secret });
    expect(names.filter((name) => /SEARCH|METADATA/.test(name))).toEqual([]);
    expect(off.references.filter((stack) => /06|07/.test(stack))).toEqual([]);
  });

  it("takes exactly one of KMS key and local key, the local one as a file", async () => {
    const local = await runService(
      { localEncryptionKey: "0123456789abcdef0123456789abcdef" },
      { secrets: ["licenseKey", "localEncryptionKey"] },
    );
    expect(local.error).toBeUndefined();
    const { plain } = environmentOf(local, API);
    expect(plain["PULUMI_KMS_KEY"]).toBeUndefined();
    expect(plain["PULUMI_LOCAL_KEYS"]).toBe("/encryptionservice/pulumilocalkeys");
    // Both at once would leave it to us which one opens the secrets.
    const both = await runService(
      { localEncryptionKey: "0123456789abcdef0123456789abcdef", encryptionKeyArn: database["encryptionKeyArn"] },
      { secrets: ["licenseKey", "localEncryptionKey"] },
    );
    expect(both.error?.message).toContain("encryptionKeyArn is set, but this stack's settings leave");
    expect(both.resources).toEqual([]);
  });

  it("hands over the database's CA with the least TLS version, or neither", async () => {
    const { kind } = contract.database.outputs.databaseCaCertificate;
    const tls = await runService({}, { upstream: { database: { databaseCaCertificate: kind.example } } });
    for (const name of [API, MIGRATIONS]) {
      expect(environmentOf(tls, name).plain["DATABASE_CA_CERTIFICATE"]).toBe(kind.example);
      expect(environmentOf(run, name).plain["DATABASE_CA_CERTIFICATE"]).toBeUndefined();
    }
    expect(environmentOf(tls, API).plain["DATABASE_MIN_TLS_VERSION"]).toBe("1.2");
    expect(environmentOf(run, API).plain["DATABASE_MIN_TLS_VERSION"]).toBeUndefined();
  });

  it("logs in as the owner with the password of today where RDS rotates it", async () => {
    const databaseSecretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1-AbCdEf";
    const rotated = await runService(
      {},
      {
        upstream: { database: { databaseSecretArn, databasePassword: "Of-Last-Week-1" } },
        invokes: {
          "aws:secretsmanager/getSecretVersion:getSecretVersion": ({ secretId }) =>
            secretId === databaseSecretArn ? { secretString: JSON.stringify({ password: "Of-Today-1" }) } : {},
        },
      },
    );
    expect(rotated.error).toBeUndefined();
    expect(environmentOf(rotated, MIGRATIONS).secret["MYSQL_ROOT_PASSWORD"]).toBe("Of-Today-1");
    for (const { readable } of rotated.resources) expect(readable).not.toContain("Of-Today-1");
  });
});

describe("08-service: switches", () => {
  const ON = {
    apiDisableEmailLogin: true,
    apiDisableEmailSignup: true,
    consoleHideEmailLogin: true,
    consoleHideEmailSignup: true,
    samlSso: true,
    disableEscSsrfProtection: true,
    deprecatedMetrics: true,
  };

  it("reach the container that heeds them (B3)", async () => {
    const run = await runService(ON);
    expect(environmentOf(run, API).plain).toMatchObject({
      PULUMI_DISABLE_EMAIL_LOGIN: "true",
      PULUMI_DISABLE_EMAIL_SIGNUP: "true",
      PULUMI_DISABLE_ESC_SSRF_PROTECTION: "true",
      PULUMI_ENABLE_DEPRECATED_METRICS: "true",
    });
    expect(environmentOf(run, CONSOLE).plain).toMatchObject({
      PULUMI_HIDE_EMAIL_LOGIN: "true",
      PULUMI_HIDE_EMAIL_SIGNUP: "true",
      SAML_SSO_ENABLED: "true",
    });
  });

  it("are left out while they are off, for any value may mean yes (B4)", async () => {
    const run = await runService(Object.fromEntries(Object.keys(ON).map((key) => [key, false])));
    const names = [API, CONSOLE].flatMap((name) => Object.keys(environmentOf(run, name).plain));
    expect(names.filter((name) => /DISABLE|HIDE|SAML|DEPRECATED/.test(name))).toEqual([]);
  });
});

describe("08-service: variables of the console", () => {
  it("comes up without an AG Grid licence, its variable then absent (B7)", async () => {
    const without = environmentOf(await runService(), CONSOLE);
    expect(without.secret).toEqual({});
    const withOne = environmentOf(await runService({ agGridLicenseKey: "grid" }), CONSOLE);
    expect(withOne.secret).toEqual({ AG_GRID_LICENSE_KEY: "grid" });
  });

  it("knows the API from outside and from inside", async () => {
    expect(environmentOf(await runService(), CONSOLE).plain).toEqual({
      AWS_REGION: "us-east-1",
      PULUMI_CONSOLE_DOMAIN: "app.pulumi.example.com",
      PULUMI_HOMEPAGE_DOMAIN: "app.pulumi.example.com",
      PULUMI_ROOT_DOMAIN: "pulumi.example.com",
      PULUMI_API: "https://api.pulumi.example.com",
      PULUMI_API_INTERNAL_ENDPOINT: "http://pulumi-api.pulumi-service:80",
    });
  });

  it("and the API get what each needs for sign-in by others", async () => {
    const run = await runService({
      githubOauthEndpoint: "https://github.corp.example",
      githubOauthId: "gh",
      githubOauthSecret: "gh-secret",
      gitlabOauthId: "gl",
      gitlabOauthSecret: "gl-secret",
      bitbucketOauthId: "bb",
      bitbucketOauthSecret: "bb-secret",
      recaptchaSiteKey: "site",
      recaptchaSecretKey: "turnstile",
    });
    const [api, app] = [environmentOf(run, API), environmentOf(run, CONSOLE)];
    expect(app.plain).toMatchObject({
      GITHUB_OAUTH_ID: "gh",
      GITLAB_OAUTH_ID: "gl",
      BITBUCKET_OAUTH_ID: "bb",
      RECAPTCHA_SITE_KEY: "site",
    });
    expect(app.secret).toEqual({
      GITHUB_OAUTH_SECRET: "gh-secret",
      GITLAB_OAUTH_SECRET: "gl-secret",
      BITBUCKET_OAUTH_SECRET: "bb-secret",
    });
    expect(api.plain).toMatchObject({ GITHUB_OAUTH_ENDPOINT: "https://github.corp.example", GITLAB_OAUTH_ID: "gl" });
    expect(api.secret).toMatchObject({ GITLAB_OAUTH_SECRET: "gl-secret", RECAPTCHA_SECRET_KEY: "turnstile" });
  });
});

describe("08-service: SAML", () => {
  it("makes a pair for ten years, which no later run renews by itself (B21)", async () => {
    const run = await runService({ samlSso: true });
    expect(run.one("tls:index/selfSignedCert:SelfSignedCert").inputs).toMatchObject({
      validityPeriodHours: 87600,
      earlyRenewalHours: 0,
    });
    expect(environmentOf(run, API).plain["SAML_CERTIFICATE_PUBLIC_KEY"]).toContain("BEGIN CERTIFICATE");
    expect(environmentOf(run, API).secret["SAML_CERTIFICATE_PRIVATE_KEY"]).toContain("PRIVATE KEY");
  });

  it("uses a given pair and makes none", async () => {
    const run = await runService({ samlSso: true, samlCertificate: PEM, samlPrivateKey: "our-key" });
    expect(run.resources.filter(({ type }) => type.startsWith("tls:"))).toEqual([]);
    expect(environmentOf(run, API).secret["SAML_CERTIFICATE_PRIVATE_KEY"]).toBe("our-key");
  });
});

describe("08-service: variables of the migrations", () => {
  it("log in as the owner, ping the right port, and make no user without a password (B13, B14)", async () => {
    const run = await runService({}, { upstream: { database: { databasePort: 3307 } } });
    const { plain, secret } = environmentOf(run, MIGRATIONS);
    expect(plain).toEqual({
      PULUMI_DATABASE_ENDPOINT: "db.example.com:3307",
      PULUMI_DATABASE_NAME: "pulumi",
      PULUMI_DATABASE_PING_ENDPOINT: "db.example.com",
      MYSQL_PORT: "3307",
      MYSQL_ROOT_USERNAME: "pulumi",
      RUN_MIGRATIONS_EXTERNALLY: "true",
      SKIP_CREATE_DB_USER: "true",
    });
    expect(secret).toEqual({ MYSQL_ROOT_PASSWORD: database["databasePassword"] });
  });
});
