import {
  Problems,
  bucketSettings,
  checkBucketSettings,
  checkGivenBucket,
  checkRoleTrust,
  contract,
  defineConfig,
  kinds,
  readConfig,
  serviceTrust,
  setting,
} from "@selfhosted/common";

/** Everything this stack reads; Pulumi.EXAMPLE.yaml documents it key by key. */
export const spec = defineConfig("esc", {
  settings: {
    protect: setting.defaulted(kinds.boolean(), true, "whether a destroy is refused"),
    ...bucketSettings,
  },
  needs: {
    networking: { groups: [{ when: (settings) => settings.bucketsFromVpcOnly, outputs: ["vpcId"] }] },
    iam: {
      groups: [
        { when: (settings) => settings.bucketsFromVpcOnly, outputs: ["backupRoleArn"] },
        { when: (settings) => settings.replicaRegion !== undefined, outputs: ["replicationRoleArn"] },
      ],
    },
  },
});

/** What the rest of this stack works from. */
export type EscConfig = Awaited<ReturnType<typeof readConfig<"esc", typeof spec.settings, typeof spec.needs>>>;

/** Everything this stack reads; a given bucket is looked up, so that a wrong name stops the run here. */
export async function readEscConfig(): Promise<EscConfig> {
  const config = await readConfig(spec);
  const { settings, given, caller, upstream } = config;
  const problems = new Problems();
  const { metadataBucketName } = given;
  const { replicationRoleArn } = upstream.iam;
  await Promise.all([
    metadataBucketName && checkGivenBucket("metadataBucketName", metadataBucketName, caller, problems),
    checkBucketSettings(settings, caller, upstream.networking.vpcId, problems),
    replicationRoleArn &&
      checkRoleTrust("replicationRoleArn", replicationRoleArn, serviceTrust("s3.amazonaws.com"), problems),
  ]);
  problems.throwIfAny(contract.esc.project);
  return config;
}
