import type * as aws from "@pulumi/aws";
import { shared, stateBucket } from "@selfhosted/common";
import type { DatabaseConfig } from "./config";

/**
 * Buckets of checkpoints, policy packs and engine events, each made unless given, and the registry's where asked for;
 * returns their names.
 */
export function makeBuckets({ names, caller, tags, settings, given }: DatabaseConfig, dataKey: () => aws.kms.Key) {
  const { protect, forceDestroy, noncurrentDays, accessLogsBucketName } = settings;
  const make = (component: string) =>
    stateBucket(component, {
      bucketName: names.bucket(component),
      encryptionKeyArn: dataKey().arn,
      caller,
      tags,
      protect,
      forceDestroy,
      noncurrentDays,
      accessLogsBucketName,
    }).bucket;
  const makeRegistry = (component: string) => (settings.registryBuckets ? make(component) : undefined);
  return {
    checkpointsBucketName: given.checkpointsBucketName ?? make(shared.buckets.checkpoints),
    policyPacksBucketName: given.policyPacksBucketName ?? make(shared.buckets.policyPacks),
    eventsBucketName: given.eventsBucketName ?? make(shared.buckets.events),
    registryPublicBucketName: given.registryPublicBucketName ?? makeRegistry(shared.buckets.registryPublic),
    registryPrivateBucketName: given.registryPrivateBucketName ?? makeRegistry(shared.buckets.registryPrivate),
  };
}
