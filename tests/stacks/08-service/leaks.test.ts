import { describe, expect, it } from "@jest/globals";
import { exampleOutputs, type Run } from "../../support/mocks";
import { PEM, runService } from "./run";

const READ = "aws:secretsmanager/getSecretVersion:getSecretVersion";
const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:pulumi/test/extra-AbCdEf";
/** What is a secret in these runs: given ones, those of the stacks before, and what the program has made at random. */
const SECRET = /Canary-[\w-]+|Generated-[\w-]+/g;

const CANARIES = {
  licenseKey: "Canary-licence",
  agGridLicenseKey: "Canary-grid",
  smtpPassword: "Canary-smtp",
  recaptchaSecretKey: "Canary-turnstile",
  githubOauthSecret: "Canary-github",
  gitlabOauthSecret: "Canary-gitlab",
  bitbucketOauthSecret: "Canary-bitbucket",
  samlPrivateKey: "Canary-saml",
  podTlsPrivateKey: "Canary-pod-tls",
  localEncryptionKey: "Canary-local-key-0123456789abcde",
  metricsWebhookSecret: "Canary-metrics",
};

/** Everything on that has a secret. */
const FULL = {
  ...CANARIES,
  ...{ smtpServer: "smtp.example.com:587", smtpGenericSender: "a@example.com", smtpUsername: "u" },
  ...{ recaptchaSiteKey: "s", githubOauthId: "g", gitlabOauthId: "g", bitbucketOauthId: "b" },
  ...{ samlSso: true, samlCertificate: PEM, podTls: true, podTlsCertificate: PEM, apiMode: "split" },
  ...{ registry: "stack", audit: "stack", webAcl: "managed" },
  extras: { api: { secretEnvironment: { TOKEN: { secretArn: ARN } } } },
};

function run(config: Record<string, unknown>): Promise<Run> {
  return runService(
    { ...FULL, ...config },
    {
      secrets: Object.keys(CANARIES),
      upstream: {
        cluster: { kubeconfig: `${String(exampleOutputs("cluster")["kubeconfig"])}\n# Canary-kubeconfig` },
        database: { databasePassword: "Canary-owner", databaseSecretArn: ARN },
        insights: { searchPassword: "Canary-search" },
      },
      invokes: { [READ]: () => ({ secretString: JSON.stringify({ password: "Canary-rotated" }) }) },
    },
  );
}

/** What may hold secrets: encrypted in the state, and in a place that is made for them. */
const HOLDERS = [
  "kubernetes:core/v1:Secret",
  "aws:secretsmanager/secretVersion:SecretVersion",
  "pulumi:providers:kubernetes",
];

describe("08-service: with all that has a secret", () => {
  it.each<[string, Record<string, unknown>, number]>([
    ["on EKS", {}, 12],
    ["delivered by GitOps", { deliver: "gitops" }, 10],
    ["on Fargate", { platform: "fargate" }, 10],
  ])("%s nothing is readable in the state, in an object or in an output", async (_where, config, least) => {
    const { error, resources, outputs } = await run(config);
    expect(error).toBeUndefined();
    // Or this would look for what isn't there.
    const kept = resources.filter(({ type }) => HOLDERS.includes(type)).map(({ inputs }) => JSON.stringify(inputs));
    expect(new Set(kept.join().match(SECRET)).size).toBeGreaterThanOrEqual(least);
    const leaks = resources.flatMap(({ type, name, readable, inputs }) => {
      // A secret in an object's plain field is masked in the state, and readable to whoever may look at the object.
      const shown = HOLDERS.includes(type) ? "" : JSON.stringify(inputs);
      return [...(readable.match(SECRET) ?? []), ...(shown.match(SECRET) ?? [])].map((secret) => [type, name, secret]);
    });
    expect(leaks).toEqual([]);
    expect(JSON.stringify(outputs)).not.toMatch(SECRET);
  });

  it("an error tells none of them", async () => {
    const wrong = await run({ localEncryptionKey: "Canary-short", imageTag: "latest", samlSso: false });
    expect(wrong.error?.message).toContain("localEncryptionKey");
    expect(wrong.error?.message).not.toMatch(SECRET);
  });
});
