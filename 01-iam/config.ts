import { defineConfig, kinds, readConfig, setting } from "@selfhosted/common";

/** Everything this stack reads; Pulumi.EXAMPLE.yaml documents it key by key. */
export const spec = defineConfig("iam", {
  settings: {
    permissionsBoundaryArn: setting.optional(kinds.policyArn(), "policy that bounds every role made here"),
    rolePath: setting.defaulted(
      kinds.matching(
        /^\/(?:[\w+=,.@-]{1,64}\/){0,7}$/,
        "must begin and end with a slash, like /platform/",
        "/platform/",
      ),
      "/",
      "IAM path of every role made here",
    ),
    nodeSessionManager: setting.defaulted(
      kinds.boolean(),
      false,
      "whether people may open a shell on nodes with Session Manager",
    ),
    taskExec: setting.defaulted(
      kinds.boolean(),
      false,
      "whether people may open a shell in the API's tasks on Fargate",
    ),
    oidcProviderArn: setting.optional(
      kinds.oidcProviderArn(),
      "the cluster's OIDC provider in IAM, for pods that get their roles by IRSA",
    ),
    autoMode: setting.defaulted(kinds.boolean(), false, "whether the cluster's roles suit EKS Auto Mode"),
    externalDnsZoneIds: setting.defaulted(
      kinds.list(kinds.zoneId()),
      [],
      "hosted zones in which external-dns may write records",
    ),
    checkpointsBucketName: setting.optional(kinds.bucketName(), "existing bucket of stack checkpoints"),
    policyPacksBucketName: setting.optional(kinds.bucketName(), "existing bucket of policy packs"),
    eventsBucketName: setting.optional(kinds.bucketName(), "existing bucket of engine events"),
    metadataBucketName: setting.optional(kinds.bucketName(), "existing bucket of ESC and large configuration"),
    registryPublicBucketName: setting.optional(kinds.bucketName(), "existing bucket of the registry's public packages"),
    registryPrivateBucketName: setting.optional(
      kinds.bucketName(),
      "existing bucket of the registry's private packages",
    ),
    auditTableName: setting.optional(kinds.tableName(), "existing DynamoDB table of audit logs"),
    bucketKeyArns: setting.defaulted(kinds.list(kinds.keyArn()), [], "KMS keys that encrypt the existing buckets"),
    encryptionKeyArn: setting.optional(kinds.keyArn(), "existing KMS key that encrypts the service's secrets"),
  },
});

/** Reads and checks the configuration; see `readConfig`. */
export const readIamConfig = () => readConfig(spec);

/** What the rest of this stack works from. */
export type IamConfig = Awaited<ReturnType<typeof readIamConfig>>;
