import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { InsightsConfig } from "./config";

/** The only user of the domain's internal database. */
export const ADMIN = "admin";

/** Password of the administrator: OpenSearch asks for upper and lower case, a digit and a special character. */
export function makePassword(): random.RandomPassword {
  return new random.RandomPassword("admin", {
    length: 32,
    special: true,
    overrideSpecial: "_-",
    minLower: 1,
    minUpper: 1,
    minNumeric: 1,
    minSpecial: 1,
  });
}

/** Keeps the domain's login in Secrets Manager too, for people who look into the index. */
export function keepPassword(
  { names, tags }: InsightsConfig,
  key: aws.kms.Key,
  { result }: random.RandomPassword,
): pulumi.Output<string> {
  const name = names.secret("search");
  const secret = new aws.secretsmanager.Secret("search", {
    name,
    description: "Login of the administrator of Pulumi's search domain",
    kmsKeyId: key.arn,
    // Search can be thrown away and made again, its index is rebuilt: a secret that waits for its deletion would keep
    // its name and stand in the way.
    recoveryWindowInDays: 0,
    tags: { ...tags, Name: name },
  });
  const password = pulumi.secret(result);
  new aws.secretsmanager.SecretVersion(
    "search",
    { secretId: secret.id, secretString: pulumi.secret(pulumi.jsonStringify({ username: ADMIN, password })) },
    { parent: secret },
  );
  return password;
}
