import type * as aws from "@pulumi/aws";
import { doorsOf, replicationOf, shared, stateBucket } from "@selfhosted/common";
import type { DatabaseConfig } from "./config";

/**
 * Buckets of checkpoints, policy packs and engine events, each made unless given, and the registry's where asked for;
 * returns their names.
 */
export function makeBuckets(config: DatabaseConfig, dataKey: () => aws.kms.Key) {
  const { names, caller, tags, settings, given, upstream } = config;
  const { protect, forceDestroy, noncurrentDays, accessLogsBucketName } = settings;
  const { backupRoleArn, replicationRoleArn } = upstream.iam;
  let replication: ReturnType<typeof replicationOf>;
  const make = (component: string, doors?: ReturnType<typeof doorsOf>) => {
    // With the first bucket, for with all of them given there is nothing to copy.
    replication ??= replicationOf(config, replicationRoleArn, names.keyAlias(shared.keyAliases.replica));
    return stateBucket(component, {
      bucketName: names.bucket(component),
      encryptionKey: dataKey(),
      caller,
      tags: { ...tags, ...shared.backupTag(names) },
      protect,
      forceDestroy,
      noncurrentDays,
      accessLogsBucketName,
      doors,
      replication: replication?.(component),
    }).bucket;
  };
  // Policy packs and packages are fetched and sent by the clients themselves, by addresses that the service signs.
  const serviceOnly = doorsOf(settings, upstream.networking.vpcId, [backupRoleArn, replicationRoleArn]);
  const makeRegistry = (component: string) => (settings.registryBuckets ? make(component) : undefined);
  return {
    checkpointsBucketName: given.checkpointsBucketName ?? make(shared.buckets.checkpoints, serviceOnly),
    policyPacksBucketName: given.policyPacksBucketName ?? make(shared.buckets.policyPacks),
    eventsBucketName: given.eventsBucketName ?? make(shared.buckets.events, serviceOnly),
    registryPublicBucketName: given.registryPublicBucketName ?? makeRegistry(shared.buckets.registryPublic),
    registryPrivateBucketName: given.registryPrivateBucketName ?? makeRegistry(shared.buckets.registryPrivate),
  };
}
