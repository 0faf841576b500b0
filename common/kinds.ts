import { z } from "zod";
import { parseArn } from "./arn";
import { parseCidr } from "./cidr";

export { parseArn, type Arn } from "./arn";
export { overlap, parseCidr, type Range } from "./cidr";

/**
 * What a value is: the id of a VPC, the ARN of a role, a list of subnets, a secret. The contract, every stack's
 * settings, the EXAMPLE files and the tests read the same kinds, so a value is checked the same way wherever it enters.
 */
export interface Kind<T> {
  /** How the value is written, for errors and documentation: `vpc-0123456789abcdef0`. */
  readonly form: string;
  /** Judges a parsed value; its messages say what is wrong, never what was given (it may be a secret). */
  readonly schema: z.ZodType<T>;
  /** How configuration text becomes a value: as it stands, or as JSON (numbers, booleans, lists, objects). */
  readonly written: "text" | "json";
  /** A value of this kind that passes, for tests and documentation. */
  readonly example: T;
  /** Secret values are only ever handled as secret `Output`s. */
  readonly secret: boolean;
  /** Set when the value is one ARN or a list of them: where it must live, checked against the caller's account. */
  readonly arn?: { readonly account: "own" | "any"; readonly region: "own" | "none" | "any" };
}

/** A kind whose values are secret, so that the compiler knows it too. */
export interface SecretKind extends Kind<string> {
  readonly secret: true;
}

/** The TypeScript type of a kind's values. */
export type ValueOf<Q> = Q extends Kind<infer T> ? T : never;

const AWS_ID = /^[0-9a-f]{8}(?:[0-9a-f]{9})?$/;

function text(form: string, pattern: RegExp, wrong: string, example: string = form): Kind<string> {
  return { form, schema: z.string().regex(pattern, wrong), written: "text", example, secret: false };
}

/** A free, non-empty text of at most `max` characters. */
export function string(form = "text", max = 1024): Kind<string> {
  const schema = z.string().min(1, "must not be empty").max(max, `must have at most ${max} characters`);
  return { form, schema, written: "text", example: form, secret: false };
}

/** Text that must match a pattern; `wrong` says what is asked, in words. */
export function matching(pattern: RegExp, wrong: string, example: string): Kind<string> {
  return text(example, pattern, wrong);
}

/** One of a few words. */
export function oneOf<const V extends readonly [string, ...string[]]>(...values: V): Kind<V[number]> {
  const schema = z.enum(values, { error: `must be ${values.join(" or ")}` });
  return { form: values.join(" | "), schema, written: "text", example: values[0], secret: false };
}

/** A whole number between two bounds, both included. */
export function integer(minimum: number, maximum: number): Kind<number> {
  const wrong = `must be a whole number from ${minimum} to ${maximum}`;
  const schema = z.number(wrong).int(wrong).min(minimum, wrong).max(maximum, wrong);
  return { form: `${minimum}–${maximum}`, schema, written: "json", example: minimum, secret: false };
}

/** One of a few numbers. */
export function oneOfNumbers(...values: readonly [number, ...number[]]): Kind<number> {
  const wrong = `must be one of ${values.join(", ")}`;
  const schema = z.number(wrong).refine((value) => values.includes(value), wrong);
  return { form: values.join(" | "), schema, written: "json", example: values[0], secret: false };
}

/**
 * Days that CloudWatch keeps a log group's events, in the steps it takes.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
export function logRetentionDays(): Kind<number> {
  return oneOfNumbers(
    ...([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const),
    ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
  );
}

/** A number between two bounds, both included. */
export function number(minimum: number, maximum: number): Kind<number> {
  const wrong = `must be a number from ${minimum} to ${maximum}`;
  const schema = z.number(wrong).min(minimum, wrong).max(maximum, wrong);
  return { form: `${minimum}–${maximum}`, schema, written: "json", example: minimum, secret: false };
}

/** `true` or `false`. */
export function boolean(): Kind<boolean> {
  return {
    form: "true | false",
    schema: z.boolean("must be true or false"),
    written: "json",
    example: true,
    secret: false,
  };
}

/** A list of at least `minimum` and at most `maximum` different values of one kind. */
export function list<T>(item: Kind<T>, minimum = 0, maximum = 100): Kind<T[]> {
  const schema = z
    .array(item.schema, `must be a list, each item like ${item.form}`)
    .min(minimum, `must have at least ${minimum} ${minimum === 1 ? "item" : "items"}`)
    .max(maximum, `must have at most ${maximum} items`)
    .refine((items) => new Set(items.map((one) => JSON.stringify(one))).size === items.length, "names an item twice");
  const example = Array.from({ length: Math.max(minimum, 1) }, (_, index) => nth(item.example, index));
  return { form: `["${item.form}", …]`, schema, written: "json", example, secret: item.secret, arn: item.arn };
}

/** An object whose keys the operator chooses and whose values are all of one kind. */
export function record<T>(value: Kind<T>, example: Record<string, T>): Kind<Record<string, T>> {
  const schema = z.record(z.string().min(1), value.schema, `must be an object, each value like ${value.form}`);
  return { form: `{ key: ${value.form} }`, schema, written: "json", example, secret: value.secret };
}

/** A structured value (an object or a list of objects) judged by its own zod schema. */
export function structure<T>(schema: z.ZodType<T>, example: T, form = "an object, see Pulumi.EXAMPLE.yaml"): Kind<T> {
  return { form, schema, written: "json", example, secret: false };
}

/** Text that stays secret: read as a secret, shown as `[secret]`, refused when it is stored in the clear. */
export function secret(form = "a secret text", minimum = 1, example = "Example-Secret-1"): SecretKind {
  const schema = z
    .string()
    .min(minimum, minimum === 1 ? "must not be empty" : `must have at least ${minimum} characters`);
  return { form, schema, written: "text", example, secret: true };
}

/**
 * An id with AWS's prefix and 8 or 17 hexadecimal digits.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
 */
export function id(prefix: "vpc" | "subnet" | "sg" | "vpce" | "rtb"): Kind<string> {
  const schema = z
    .string()
    .refine((value) => value.startsWith(`${prefix}-`) && AWS_ID.test(value.slice(prefix.length + 1)), {
      message: `must be an id like ${prefix}-0123456789abcdef0`,
    });
  const example = `${prefix}-0123456789abcdef0`;
  return { form: example, schema, written: "text", example, secret: false };
}

/** A subnet list that AWS would take: at least two, since load balancers, EKS and RDS ask for two zones. */
export function subnetIds(): Kind<string[]> {
  return list(id("subnet"), 2, 16);
}

function arn(
  service: string,
  resource: RegExp,
  example: string,
  where: NonNullable<Kind<string>["arn"]>,
): Kind<string> {
  const schema = z.string().refine(
    (value) => {
      const parts = parseArn(value);
      return parts?.service === service && resource.test(parts.resource);
    },
    { message: `must be an ARN like ${example}` },
  );
  return { form: example, schema, written: "text", example, secret: false, arn: where };
}

/** ARN of an IAM role of this account: a role of another account can't be passed to a service (iam:PassRole). */
export function roleArn(): Kind<string> {
  const where = { account: "own", region: "none" } as const;
  return arn("iam", /^role\/[\w+=,.@/-]{1,512}$/, "arn:aws:iam::123456789012:role/name", where);
}

/** ARN of an IAM role of any account, for a provider to assume. */
export function foreignRoleArn(): Kind<string> {
  return { ...roleArn(), arn: { account: "any", region: "none" } };
}

/** Id of a Route 53 hosted zone. */
export function zoneId(example = "Z0123456789ABCDEFGHIJ"): Kind<string> {
  return matching(/^Z[A-Z0-9]{1,31}$/, `must be a Route 53 hosted zone id like ${example}`, example);
}

/** ARN of an IAM OpenID Connect provider of this account: `…:oidc-provider/<issuer without https://>`. */
export function oidcProviderArn(): Kind<string> {
  const example =
    "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
  return arn("iam", /^oidc-provider\/[a-z0-9.-]+(?:\/[\w.-]+)*$/, example, { account: "own", region: "none" });
}

/** ARN of an IAM policy, the customer's or AWS's own. */
export function policyArn(): Kind<string> {
  const where = { account: "any", region: "none" } as const;
  return arn("iam", /^policy\/[\w+=,.@/-]{1,512}$/, "arn:aws:iam::123456789012:policy/name", where);
}

/** ARN of any IAM principal of any account: a user, a role or an account root. */
export function principalArn(): Kind<string> {
  const where = { account: "any", region: "none" } as const;
  return arn("iam", /^(?:user|role|root)(?:\/.*)?$/, "arn:aws:iam::123456789012:role/admin", where);
}

/** ARN of a KMS key (not of an alias) in this region; another account may own it. */
export function keyArn(): Kind<string> {
  const example = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd";
  return arn("kms", /^key\/(?:mrk-[0-9a-f]{32}|[0-9a-f-]{36})$/, example, { account: "any", region: "own" });
}

/** ARN of a backup vault of any account and region: a copy is kept elsewhere. */
export function backupVaultArn(): Kind<string> {
  const example = "arn:aws:backup:us-west-2:123456789012:backup-vault:vault";
  return arn("backup", /^backup-vault:[\w-]{2,50}$/, example, { account: "any", region: "any" });
}

/** ARN of a regional AWS WAF web ACL, of this account and region: a load balancer takes no other. */
export function webAclArn(): Kind<string> {
  const example = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/name/01234567-89ab-4cde-8f01-23456789abcd";
  return arn("wafv2", /^regional\/webacl\/[\w-]{1,128}\/[0-9a-f-]{36}$/, example, { account: "own", region: "own" });
}

/** ARN of an ACM certificate: a load balancer takes only one of its own account and region. */
export function certificateArn(): Kind<string> {
  const example = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-4cde-8f01-23456789abcd";
  return arn("acm", /^certificate\/[0-9a-f-]{36}$/, example, { account: "own", region: "own" });
}

/**
 * Name of an S3 bucket.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function bucketName(): Kind<string> {
  const wrong =
    "must be a bucket name: 3–63 lowercase letters, digits, dots and hyphens, a letter or digit at both ends";
  return text("my-bucket", /^(?!.*\.\.)(?!xn--)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, wrong);
}

/**
 * Name of a DynamoDB table.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function tableName(): Kind<string> {
  return text("my-table", /^[\w.-]{3,255}$/, "must be a table's name: 3–255 letters, digits, dots, hyphens and _");
}

/** An AWS region. */
export function region(): Kind<string> {
  return matching(/^[a-z]{2,4}(-[a-z]+)+-\d$/, "must be a region like us-west-2", "us-west-2");
}

/** Certificates in PEM, one or several one after the other; empty means none. */
export function certificates(): Kind<string> {
  const wrong = "must be the text of PEM certificates (-----BEGIN CERTIFICATE-----…), not a path to them";
  const one = String.raw`-----BEGIN CERTIFICATE-----[\s\w+/=]+-----END CERTIFICATE-----\s*`;
  return {
    ...text("-----BEGIN CERTIFICATE-----…", new RegExp(`^(?:${one})*$`), wrong),
    example: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
  };
}

/** ARN of a Secrets Manager secret of this account and region; empty means none. */
export function secretArnOrNone(): Kind<string> {
  const example = "arn:aws:secretsmanager:us-east-1:123456789012:secret:name-AbCdEf";
  const kind = arn("secretsmanager", /^secret:[\w/+=.@!-]{1,519}$/, example, { account: "own", region: "own" });
  return { ...kind, schema: z.union([z.literal(""), kind.schema]) };
}

/** ARN of a Secrets Manager secret of this account and region. */
export function secretArn(): Kind<string> {
  const example = "arn:aws:secretsmanager:us-east-1:123456789012:secret:name-AbCdEf";
  return arn("secretsmanager", /^secret:[\w/+=.@!-]{1,519}$/, example, { account: "own", region: "own" });
}

/** An IPv4 range in CIDR notation whose prefix length lies between two bounds, host bits zero. */
export function cidrBlock(shortest = 0, longest = 32): Kind<string> {
  const wrong = `must be an IPv4 range like 10.0.0.0/16, /${shortest} to /${longest}, with no bits set behind the prefix`;
  const schema = z.string().refine((value) => {
    const range = parseCidr(value);
    return range !== undefined && range.prefix >= shortest && range.prefix <= longest && range.address === range.first;
  }, wrong);
  return { form: "10.0.0.0/16", schema, written: "text", example: "10.0.0.0/16", secret: false };
}

/** A DNS host name of at least two labels, without a trailing dot. Source: RFC 1035 §2.3.4 (63 a label, 253 in all). */
export function hostName(example = "app.example.com"): Kind<string> {
  const label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
  return text(example, new RegExp(`^(?=.{4,253}$)(?:${label}\\.)+${label}$`), `must be a host name like ${example}`);
}

/** A TCP port. */
export function port(): Kind<number> {
  return { ...integer(1, 65535), example: 3306 };
}

/** An `https://` address without a path. */
export function httpsUrl(example = "https://app.example.com"): Kind<string> {
  return text(example, /^https:\/\/[a-zA-Z0-9.-]+(?::\d{2,5})?$/, `must be an address like ${example}`);
}

/** A full version, major.minor.patch. */
export function version(example = "1.2.3"): Kind<string> {
  return text(example, /^v?\d+\.\d+\.\d+(?:[-+].+)?$/, `must be a version like ${example}`);
}

/** A Kubernetes version as EKS takes it, major.minor; upstream's "1.30.3" is refused (its defect B8). */
export function kubernetesVersion(example = "1.35"): Kind<string> {
  return text(example, /^1\.\d{2}$/, `must be major.minor like ${example}; EKS takes no patch version`);
}

/** The minor number of a Kubernetes version: `1.35` → 35. */
export function minorVersion(version: string): number {
  return Number(version.split(".")[1]);
}

/** A kubeconfig that opens the cluster: JSON (which is YAML too) with clusters, users and a current context. */
export function kubeconfig(): SecretKind {
  const schema = z
    .string()
    .refine(
      (value) => /["']?clusters["']?\s*:/.test(value) && /["']?users["']?\s*:/.test(value),
      "must be a whole kubeconfig (clusters, users, contexts), not a path to one",
    );
  const example = JSON.stringify({ apiVersion: "v1", kind: "Config", clusters: [], users: [], contexts: [] });
  return { form: "contents of a kubeconfig", schema, written: "text", example, secret: true };
}

/** Key and value tags. Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export function tags(): Kind<Record<string, string>> {
  const schema = z.record(
    z
      .string()
      .min(1)
      .max(128)
      .regex(/^(?!aws:)/i, "a tag key must not begin with aws:"),
    z.string("a tag's value must be text; put numbers and true/false in quotes").max(256),
    "must be an object of tag keys and values",
  );
  return { form: "{ key: value }", schema, written: "json", example: { team: "platform" }, secret: false };
}

function nth<T>(value: T, index: number): T {
  return typeof value === "string" && index > 0 ? (value.replace(/.$/, String(index % 10)) as T) : value;
}
