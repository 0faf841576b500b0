import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { kinds, reasonOf, type Problems } from "@selfhosted/common";
import { z } from "zod";

/** Where a secret is kept that isn't in this stack's configuration. */
export type SecretSource = ManagedSecret | ClusterSecret;

/** A secret of Secrets Manager, or one key of it when it holds a JSON object. */
export interface ManagedSecret {
  readonly secretArn: string;
  readonly jsonKey?: string;
}

/** One key of a Kubernetes Secret of the service's namespace, which somebody else makes. */
export interface ClusterSecret {
  readonly secretName: string;
  readonly key: string;
}

/** A secret that a container gets: its value, or where the platform finds it. */
export type Secret = { readonly value: pulumi.Input<string> } | { readonly kept: SecretSource };

/** Secrets whose values are known, and those that are kept elsewhere. */
export function byPlace(secrets: Readonly<Record<string, Secret>>) {
  const values: Record<string, pulumi.Input<string>> = {};
  const kept: Record<string, SecretSource> = {};
  for (const [name, secret] of Object.entries(secrets)) {
    if ("value" in secret) values[name] = secret.value;
    else kept[name] = secret.kept;
  }
  return { values, kept };
}

/** Who reads a secret of Secrets Manager: this program, Fargate's agent, or the External Secrets Operator. */
export type Reader = "program" | "agent" | "operator";

/** Settings that hold a secret, each of which may be kept elsewhere instead. */
const secretKeys = [
  "licenseKey",
  "agGridLicenseKey",
  "samlPrivateKey",
  "podTlsPrivateKey",
  "githubOauthSecret",
  "gitlabOauthSecret",
  "bitbucketOauthSecret",
  "localEncryptionKey",
  "apiDatabasePassword",
  "smtpPassword",
  "recaptchaSecretKey",
  "metricsWebhookSecret",
] as const;

/** One of the keys whose value is a secret of the service. */
export type SecretKey = (typeof secretKeys)[number];
/** Those that are set or kept elsewhere. */
export type Secrets = Readonly<Partial<Record<SecretKey, Secret>>>;
/** The key `secretSources`: where each that is kept elsewhere is kept. */
export type SecretSources = Readonly<Partial<Record<SecretKey, SecretSource>>>;

const { schema: arn, example: secretArn } = kinds.secretArn();

/** Judges where one secret is kept. */
export const secretSource: z.ZodType<SecretSource> = z.union(
  [
    z.strictObject({ secretArn: arn, jsonKey: z.string().min(1).max(255).optional() }),
    z.strictObject({
      secretName: z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/),
      key: z.string().regex(/^[\w.-]{1,253}$/),
    }),
  ],
  `must be { secretArn: ${secretArn} }, also with jsonKey, or { secretName: a Secret of the namespace, key: … }`,
);

/** Kind of `secretSources`. */
export function secretSourcesKind() {
  return kinds.structure<SecretSources>(
    z.partialRecord(z.enum(secretKeys), secretSource, {
      error: (issue) => ("keys" in issue ? `must be one of ${secretKeys.join(", ")}` : undefined),
    }),
    { licenseKey: { secretArn } },
  );
}

/** Every secret setting with its value or its place; a problem for each that has both. */
export async function gatherSecrets(
  settings: Readonly<Partial<Record<SecretKey, pulumi.Output<string>>>>,
  sources: SecretSources,
  reader: Reader,
  problems: Problems,
): Promise<Secrets> {
  const entries = await Promise.all(
    secretKeys.map(async (key): Promise<[SecretKey, Secret | undefined]> => {
      const [value, source] = [settings[key], sources[key]];
      if (value && source) {
        problems.add(`${key} is set, and secretSources says where it is kept; run \`pulumi config rm ${key}\``);
      }
      if (source) return [key, await lookUp(`secretSources.${key}`, source, reader, problems)];
      return [key, value && { value }];
    }),
  );
  return Object.fromEntries(entries.filter(([, secret]) => secret !== undefined));
}

/**
 * What a source stands for. Read by the program, the value lies encrypted in the state like any other secret, a change
 * is seen by the next `pulumi up`, and pods roll with it; read by the platform, it is never in the state.
 */
export async function lookUp(where: string, source: SecretSource, reader: Reader, problems: Problems): Promise<Secret> {
  if (!("secretArn" in source)) {
    if (reader === "agent") problems.add(`${where}: Fargate knows no Kubernetes Secrets; give secretArn`);
    return { kept: source };
  }
  if (reader !== "program") return { kept: source };
  const { secretArn: secretId, jsonKey } = source;
  try {
    const { secretString } = await aws.secretsmanager.getSecretVersion({ secretId });
    const value = jsonKey === undefined ? secretString : member(secretString, jsonKey);
    if (value !== undefined && value !== "") return { value: pulumi.secret(value) };
    problems.add(
      `${where}: ${secretId} holds no ${jsonKey === undefined ? "text" : `JSON object with the text ${jsonKey}`}; run \`aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string …\`, or mend jsonKey`,
    );
  } catch (error) {
    problems.add(
      `${where}: ${secretId} can't be read (${reasonOf(error)}); check the ARN and this account's rights on it and its key`,
    );
  }
  return { kept: source };
}

function member(text: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(text) as Record<string, unknown> | null)?.[key];
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
