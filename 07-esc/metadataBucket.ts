import type * as pulumi from "@pulumi/pulumi";
import { encryptionKey, shared, stateBucket } from "@selfhosted/common";
import type { EscConfig } from "./config";

/** The bucket of ESC, OIDC trust, Deployments and large configuration, with a key of its own; returns its name. */
export function makeMetadataBucket({ names, tags, caller, settings }: EscConfig): pulumi.Output<string> {
  const { protect, forceDestroy, noncurrentDays, accessLogsBucketName } = settings;
  const key = encryptionKey("metadata", {
    alias: names.keyAlias(shared.keyAliases.esc),
    description: "Pulumi: the metadata bucket (ESC, OIDC trust, Deployments)",
    // The roles of 01-iam are granted it by its alias.
    delegates: "everything",
    caller,
    tags,
    protect,
  });
  return stateBucket("metadata", {
    bucketName: names.bucket(shared.buckets.metadata),
    encryptionKeyArn: key.arn,
    caller,
    tags,
    protect,
    forceDestroy,
    noncurrentDays,
    accessLogsBucketName,
  }).bucket;
}
