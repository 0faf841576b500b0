import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseConfig } from "./config";

/** What Performance Insights keeps: a week costs nothing, advanced Database Insights asks for fifteen months. */
const INSIGHTS_DAYS = { standard: 7, advanced: 465 } as const;

/** Performance Insights, the same for the cluster and each of its instances. */
export function performanceInsights({ instanceClass, databaseInsights }: DatabaseConfig["settings"], key: aws.kms.Key) {
  // Source: Aurora user guide, "Amazon Aurora DB engine, Region, and instance class support for Performance Insights".
  if (instanceClass.startsWith("db.t3.")) return { performanceInsightsEnabled: false };
  return {
    performanceInsightsEnabled: true,
    performanceInsightsKmsKeyId: key.arn,
    performanceInsightsRetentionPeriod: INSIGHTS_DAYS[databaseInsights],
  };
}

/**
 * The writer and its readers, made after `dependsOn`. Aurora puts the first three into zones of their own, among those of
 * the subnet group. Source: RDS CreateDBCluster, AvailabilityZones.
 */
export function makeInstances(
  { names, tags, settings, upstream }: DatabaseConfig,
  cluster: aws.rds.Cluster,
  key: aws.kms.Key,
  dependsOn: pulumi.Resource[],
): void {
  const { instanceClass, monitoringInterval, protect } = settings;
  const make = (component: string, promotionTier: number, after: aws.rds.ClusterInstance[]) => {
    const identifier = names.database(component);
    return new aws.rds.ClusterInstance(
      component,
      {
        identifier,
        clusterIdentifier: cluster.id,
        engine: "aurora-mysql",
        // No version here: an instance has its cluster's, and can't be upgraded by itself.
        instanceClass,
        publiclyAccessible: false,
        promotionTier,
        autoMinorVersionUpgrade: settings.autoMinorVersionUpgrade,
        preferredMaintenanceWindow: settings.maintenanceWindow,
        applyImmediately: settings.applyImmediately,
        copyTagsToSnapshot: true,
        monitoringInterval,
        monitoringRoleArn: monitoringInterval > 0 ? upstream.iam.databaseMonitoringRoleArn : undefined,
        ...performanceInsights(settings, key),
        tags: { ...tags, Name: identifier },
      },
      { parent: cluster, protect, dependsOn: [...dependsOn, ...after] },
    );
  };
  // The first instance that is ready becomes the writer.
  const writer = make("database-0", 0, []);
  for (let index = 1; index <= settings.readers; index++) make(`database-${index}`, 1, [writer]);
}
