import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceConfig } from "./config";

/** A secret of Secrets Manager that this stack writes. */
export interface KeptSecret {
  readonly secret: aws.secretsmanager.Secret;
  readonly version: aws.secretsmanager.SecretVersion;
}

/**
 * Keeps a component's secrets in Secrets Manager as one JSON object, under a name of this installation's: 01-iam lets
 * Fargate's agent and the External Secrets Operator read no others. Without a key AWS's own encrypts it.
 */
export function keepInSecretsManager(
  { names, tags }: ServiceConfig,
  component: string,
  values: Readonly<Record<string, pulumi.Input<string>>>,
  kmsKeyId?: pulumi.Input<string>,
): KeptSecret {
  const secret = new aws.secretsmanager.Secret(component, {
    name: names.secret(component),
    description: `Variables of ${component}, written by Pulumi`,
    kmsKeyId,
    // Every value comes from the configuration or another stack; a window would only keep the name taken.
    recoveryWindowInDays: 0,
    tags,
  });
  const version = new aws.secretsmanager.SecretVersion(component, {
    secretId: secret.arn,
    secretString: pulumi.secret(pulumi.jsonStringify(values)),
  });
  return { secret, version };
}
