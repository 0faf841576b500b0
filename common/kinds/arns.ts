import { z } from "zod";
import { parseArn } from "../arn";
import type { Kind } from "./kind";

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
