import type * as aws from "@pulumi/aws";
import { program } from "@selfhosted/common";
import { makeDatabase } from "./aurora";
import { makeBuckets } from "./buckets";
import { readDatabaseConfig } from "./config";
import { makeDataKey, makeEncryptionKey } from "./keys";

export = program("database", async () => {
  const config = await readDatabaseConfig();
  let made: aws.kms.Key | undefined;
  // Made when the first part needs it: with database and buckets all given, there is nothing to encrypt here.
  const dataKey = () => (made ??= makeDataKey(config));
  return {
    encryptionKeyArn: config.given.encryptionKeyArn ?? makeEncryptionKey(config),
    encryptionKeyOrigin: config.given.encryptionKeyArn === undefined ? ("made" as const) : ("given" as const),
    ...makeBuckets(config, dataKey),
    ...(config.given.database ?? makeDatabase(config, dataKey())),
  };
});
