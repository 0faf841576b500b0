import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { DatabaseConfig } from "./config";

/** Password of the user that owns the schema: 32 letters, digits, `_` and `-`, which no shell, URL or driver mangles. */
export function makePassword({ settings }: DatabaseConfig): pulumi.Output<string> {
  const rotation = settings.databasePasswordRotation;
  // Not protected, or it could never be replaced, which is what a rotation is. The database that has it is protected, and
  // a destroy comes to what another resource depends on only after that one.
  const password = new random.RandomPassword("master", {
    length: 32,
    special: true,
    overrideSpecial: "_-",
    minLower: 2,
    minUpper: 2,
    minNumeric: 2,
    keepers: rotation === 1 ? undefined : { rotation: String(rotation) },
  });
  return pulumi.secret(password.result);
}

/** The password that RDS made and rotates, as it is now, and the secret in which RDS keeps it. */
export function managedPassword(cluster: aws.rds.Cluster) {
  const secretArn = cluster.masterUserSecrets.apply(([secret]) => secret?.secretArn ?? "");
  const password = secretArn.apply(async (secretId) => {
    try {
      const { secretString } = await aws.secretsmanager.getSecretVersion({ secretId }, { parent: cluster });
      return (JSON.parse(secretString) as { password: string }).password;
    } catch (error) {
      // A preview of the change to a managed password looks before RDS has made the secret.
      if (pulumi.runtime.isDryRun()) return "";
      throw error;
    }
  });
  return { secretArn, password: pulumi.secret(password) };
}

/**
 * Keeps the login in Secrets Manager too, in the form that RDS's own tools read, for people in an emergency.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
 */
export function keepCredentials(
  { names, tags, settings }: DatabaseConfig,
  key: aws.kms.Key,
  login: Readonly<Record<string, pulumi.Input<string | number> | undefined>>,
): aws.secretsmanager.SecretVersion {
  const name = names.secret("database");
  const secret = new aws.secretsmanager.Secret(
    "database",
    {
      name,
      description: "Login of the user that owns the service's schema",
      kmsKeyId: key.arn,
      // Protected, it can be called back for 30 days. With the protection lifted it goes at once, for a secret that
      // waits for its deletion keeps its name, and the stack couldn't come up again.
      recoveryWindowInDays: settings.protect ? 30 : 0,
      tags: { ...tags, Name: name },
    },
    { protect: settings.protect },
  );
  return new aws.secretsmanager.SecretVersion(
    "database",
    { secretId: secret.id, secretString: pulumi.secret(pulumi.jsonStringify({ engine: "mysql", ...login })) },
    // Replaced with every password, so not protected, and so no child of the secret, from which the engine would have it
    // inherit that; the protected instances depend on it (see aurora.ts).
    { aliases: [{ parent: secret }] },
  );
}
