import type * as aws from "@pulumi/aws";
import { asked, guarded, program } from "@selfhosted/common";
import { makeAuditTable } from "./auditTable";
import { adoptDatabase, makeDatabase } from "./aurora";
import { makeBackupPlan } from "./backupPlan";
import { makeBuckets } from "./buckets";
import { readDatabaseConfig, type DatabaseConfig } from "./config";
import { makeDataKey, makeEncryptionKey } from "./keys";

export = program("database", async () => {
  const config = await readDatabaseConfig();
  return guarded(config.settings.protect, () => makeAll(config));
});

function makeAll(config: DatabaseConfig) {
  const { given, settings } = config;
  const encryptionKey = given.encryptionKeyArn === undefined ? makeEncryptionKey(config) : undefined;
  let made: aws.kms.Key | undefined;
  // Made when the first part needs it: with database and buckets all given, there is nothing to encrypt here.
  const dataKey = () => (made ??= makeDataKey(config, encryptionKey));
  if (settings.backupPlan) makeBackupPlan(config, dataKey());
  return {
    encryptionKeyArn: given.encryptionKeyArn ?? asked(encryptionKey, "the encryption key").arn,
    encryptionKeyOrigin: encryptionKey ? ("made" as const) : ("given" as const),
    ...makeBuckets(config, dataKey),
    auditTableName: given.auditTableName ?? (settings.auditTable ? makeAuditTable(config, dataKey()) : undefined),
    ...(given.database ? adoptDatabase(settings, given.database) : makeDatabase(config, dataKey())),
  };
}
