import type * as pulumi from "@pulumi/pulumi";
import { doorsOf, encryptionKey, replicationOf, shared, stateBucket } from "@selfhosted/common";
import type { EscConfig } from "./config";

/** The bucket of ESC, OIDC trust, Deployments and large configuration, with a key of its own; returns its name. */
export function makeMetadataBucket(config: EscConfig): pulumi.Output<string> {
  const { names, tags, caller, settings, upstream } = config;
  const { protect, forceDestroy, noncurrentDays, accessLogsBucketName } = settings;
  const { backupRoleArn, replicationRoleArn } = upstream.iam;
  const key = encryptionKey("metadata", {
    alias: names.keyAlias(shared.keyAliases.esc),
    description: "Pulumi: the metadata bucket (ESC, OIDC trust, Deployments)",
    // The roles of 01-iam are granted it by its alias.
    delegates: "everything",
    caller,
    tags,
    protect,
  });
  const replication = replicationOf(config, replicationRoleArn, names.keyAlias(shared.keyAliases.escReplica));
  return stateBucket("metadata", {
    bucketName: names.bucket(shared.buckets.metadata),
    encryptionKey: key,
    caller,
    tags: { ...tags, ...shared.backupTag(names) },
    protect,
    forceDestroy,
    noncurrentDays,
    accessLogsBucketName,
    doors: doorsOf(settings, upstream.networking.vpcId, [backupRoleArn, replicationRoleArn]),
    replication: replication?.(shared.buckets.metadata),
  }).bucket;
}
