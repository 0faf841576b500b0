import { Problems, checkGivenBucket, contract, defineConfig, kinds, readConfig, setting } from "@selfhosted/common";

export const spec = defineConfig("esc", {
  settings: {
    protect: setting.defaulted(kinds.boolean(), true, "whether a destroy is refused"),
    forceDestroy: setting.defaulted(kinds.boolean(), false, "whether a destroy deletes the bucket's objects too"),
    accessLogsBucketName: setting.optional(kinds.bucketName(), "bucket that gets the bucket's access logs"),
    noncurrentDays: setting.defaulted(kinds.integer(1, 3650), 30, "days that an overwritten object is kept"),
  },
});

export type EscConfig = Awaited<ReturnType<typeof readConfig<"esc", typeof spec.settings, typeof spec.needs>>>;

/** Everything this stack reads; a given bucket is looked up, so that a wrong name stops the run here. */
export async function readEscConfig(): Promise<EscConfig> {
  const config = await readConfig(spec);
  const problems = new Problems();
  const given = config.given.metadataBucketName;
  if (given !== undefined) await checkGivenBucket("metadataBucketName", given, config.caller, problems);
  const logs = config.settings.accessLogsBucketName;
  if (logs !== undefined) await checkGivenBucket("accessLogsBucketName", logs, config.caller, problems);
  problems.throwIfAny(contract.esc.project);
  return config;
}
