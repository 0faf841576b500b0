import type * as aws from "@pulumi/aws";
import { asked, program } from "@selfhosted/common";
import { makeAuditTable } from "./auditTable";
import { makeDatabase } from "./aurora";
import { makeBackupPlan } from "./backupPlan";
import { makeBuckets } from "./buckets";
import { readDatabaseConfig } from "./config";
import { makeDataKey, makeEncryptionKey } from "./keys";

export = program("database", async () => {
  const config = await readDatabaseConfig();
  const { given, settings } = config;
  let made: aws.kms.Key | undefined;
  // Made when the first part needs it: with database and buckets all given, there is nothing to encrypt here.
  const dataKey = () => (made ??= makeDataKey(config));
  const buckets = makeBuckets(config, dataKey);
  const database = given.database ? undefined : makeDatabase(config, dataKey());
  if (settings.backupPlan) {
    makeBackupPlan(config, dataKey(), {
      clusterArn: database?.clusterArn,
      bucketNames: Object.values(buckets).filter((name) => name !== undefined),
    });
  }
  return {
    encryptionKeyArn: given.encryptionKeyArn ?? makeEncryptionKey(config),
    encryptionKeyOrigin: given.encryptionKeyArn === undefined ? ("made" as const) : ("given" as const),
    ...buckets,
    auditTableName: given.auditTableName ?? (settings.auditTable ? makeAuditTable(config, dataKey()) : undefined),
    ...(database?.login ?? asked(given.database, "the database")),
  };
});
