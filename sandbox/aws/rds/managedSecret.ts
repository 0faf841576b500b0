import { createHash } from "node:crypto";
import { arn, digest, uuid } from "../naming";
import type { CreateContext } from "../record";
import { flag, text } from "../values";

/**
 * The secret that RDS makes for a cluster whose password it manages, with its first version.
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html
 */
export function managedSecretArn(context: CreateContext & { readonly id: string }): string {
  const { id } = context;
  return arn(context, "secretsmanager", `secret:rds!cluster-${digest(id, 8)}-${digest(id, 6, "lower")}`);
}

/** Puts that secret into the account, or takes it away again when the cluster's password is its own. */
export function settleManagedSecret(context: CreateContext & { readonly id: string }): void {
  const { world, inputs, id, region } = context;
  const secretArn = managedSecretArn(context);
  const version = `${secretArn}|${uuid(secretArn)}`;
  const [secretType, versionType] = [
    "aws:secretsmanager/secret:Secret",
    "aws:secretsmanager/secretVersion:SecretVersion",
  ] as const;
  if (flag(inputs.manageMasterUserPassword) !== true) {
    world.remove(versionType, version);
    world.remove(secretType, secretArn);
    return;
  }
  if (world.get(secretType, secretArn)) return;
  const common = { region, name: id, createdAt: new Date().toISOString(), ownedBy: id };
  const password = createHash("sha256").update(`${secretArn}/password`).digest("base64url").slice(0, 28);
  world.put({
    ...common,
    type: secretType,
    id: secretArn,
    properties: {
      arn: secretArn,
      name:
        secretArn
          .split(":")
          .at(-1)
          ?.replace(/-[^-]*$/, "") ?? "",
      kmsKeyId: text(inputs.masterUserSecretKmsKeyId) ?? "",
      ownedByService: true,
    },
  });
  world.put({
    ...common,
    type: versionType,
    id: version,
    properties: {
      arn: secretArn,
      secretId: secretArn,
      secretString: JSON.stringify({ username: text(inputs.masterUsername) ?? "", password }),
      versionStages: ["AWSCURRENT"],
    },
  });
}
