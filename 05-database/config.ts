import {
  Problems,
  checkGivenBucket,
  checkGivenKey,
  checkRoleTrust,
  contract,
  defineConfig,
  previousOutputs,
  readConfig,
  serviceTrust,
} from "@selfhosted/common";
import { settings } from "./settings";

export const spec = defineConfig("database", {
  settings,
  needs: {
    networking: {
      when: (_settings, given) => !given.has("databaseEndpoint"),
      outputs: ["vpcId", "isolatedSubnetIds", "workloadSecurityGroupId"],
    },
    iam: {
      groups: [
        {
          when: (settings, given) => settings.monitoringInterval > 0 && !given.has("databaseEndpoint"),
          outputs: ["databaseMonitoringRoleArn"],
        },
        { when: (settings) => settings.backupPlan, outputs: ["backupRoleArn"] },
        {
          when: (settings, given) => settings.platform === "eks" && !given.has("encryptionKeyArn"),
          outputs: ["apiRoleArn"],
        },
        {
          when: (settings, given) => settings.platform === "fargate" && !given.has("encryptionKeyArn"),
          outputs: ["apiTaskRoleArn"],
        },
      ],
    },
  },
});

export type DatabaseConfig = Awaited<
  ReturnType<typeof readConfig<"database", typeof spec.settings, typeof spec.needs>>
>;

/** Everything this stack reads; what was given is looked up, so that a wrong id stops the run before anything is made. */
export async function readDatabaseConfig(): Promise<DatabaseConfig> {
  const config = await readConfig(spec);
  const { settings, given, caller } = config;
  const { databaseMonitoringRoleArn: monitoringRoleArn, backupRoleArn } = config.upstream.iam;
  const problems = new Problems();
  if (settings.serverlessMinCapacity > settings.serverlessMaxCapacity) {
    problems.add(
      "serverlessMinCapacity is greater than serverlessMaxCapacity; run `pulumi config set serverlessMinCapacity 0.5`",
    );
  }
  if (settings.restoreFromSnapshot !== undefined && settings.restoreFromCluster !== undefined) {
    problems.add("restoreFromSnapshot and restoreFromCluster are both set; run `pulumi config rm` on one of them");
  }
  if (settings.restoreToTime !== undefined && settings.restoreFromCluster === undefined) {
    problems.add("restoreToTime means nothing without restoreFromCluster; run `pulumi config rm restoreToTime`");
  }
  if (settings.backupCopyVaultArn !== undefined && !settings.backupPlan) {
    problems.add("backupCopyVaultArn means nothing without backupPlan; run `pulumi config set backupPlan true`");
  }
  const buckets = [
    ...(["checkpointsBucketName", "policyPacksBucketName", "eventsBucketName"] as const),
    ...(["registryPublicBucketName", "registryPrivateBucketName"] as const),
  ];
  const names = buckets.flatMap((key) => given[key] ?? []);
  if (new Set(names).size < names.length) {
    problems.add("two of the buckets given are one and the same; the service needs a bucket for each");
  }
  await Promise.all([
    ...buckets.map((key) => given[key] && checkGivenBucket(key, given[key], caller, problems)),
    settings.accessLogsBucketName &&
      checkGivenBucket("accessLogsBucketName", settings.accessLogsBucketName, caller, problems),
    backupRoleArn && checkRoleTrust("backupRoleArn", backupRoleArn, serviceTrust("backup.amazonaws.com"), problems),
    given.encryptionKeyArn && checkGivenKey("encryptionKeyArn", given.encryptionKeyArn, problems),
    monitoringRoleArn &&
      checkRoleTrust(
        "databaseMonitoringRoleArn",
        monitoringRoleArn,
        serviceTrust("monitoring.rds.amazonaws.com"),
        problems,
      ),
    refuseOtherKey(config, problems),
  ]);
  problems.throwIfAny(contract.database.project);
  return config;
}

/** A living installation keeps its encryption key: what one key encrypted can't be read with another. */
async function refuseOtherKey({ given }: DatabaseConfig, problems: Problems): Promise<void> {
  const { encryptionKeyArn: before, encryptionKeyOrigin: origin } = await previousOutputs();
  if (typeof before !== "string" || origin === undefined) return;
  const now = given.encryptionKeyArn;
  if (now === undefined ? origin === "made" : now === before) return;
  const remedy =
    origin === "made" ? "pulumi config rm encryptionKeyArn" : `pulumi config set encryptionKeyArn ${before}`;
  problems.add(
    `the service's secrets are encrypted with ${before}; with ${now ?? "a new key"} they could never be read again; run \`${remedy}\``,
  );
}
