import { Problems, contract, defineConfig, previousOutputs, readConfig } from "@selfhosted/common";
import { checkGiven } from "./given";
import { refuseContradictions } from "./contradictions";
import { refuseOtherKey } from "./living";
import { settings } from "./settings";

/** Everything this stack reads; Pulumi.EXAMPLE.yaml documents it key by key. */
export const spec = defineConfig("database", {
  settings,
  needs: {
    networking: {
      groups: [
        {
          when: (_settings, given) => !given.has("databaseEndpoint"),
          outputs: ["vpcId", "isolatedSubnetIds", "workloadSecurityGroupId"],
        },
        { when: (settings) => settings.bucketsFromVpcOnly, outputs: ["vpcId"] },
        { when: (settings) => settings.databaseIdentifier !== undefined, outputs: ["workloadSecurityGroupId"] },
      ],
    },
    iam: {
      groups: [
        {
          when: (settings, given) => settings.monitoringInterval > 0 && !given.has("databaseEndpoint"),
          outputs: ["databaseMonitoringRoleArn"],
        },
        { when: (settings) => settings.backupPlan || settings.bucketsFromVpcOnly, outputs: ["backupRoleArn"] },
        { when: (settings) => settings.replicaRegion !== undefined, outputs: ["replicationRoleArn"] },
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

/** What the rest of this stack works from. */
export type DatabaseConfig = Awaited<
  ReturnType<typeof readConfig<"database", typeof spec.settings, typeof spec.needs>>
>;

/** Everything this stack reads; what was given is looked up, so that a wrong id stops the run before anything is made. */
export async function readDatabaseConfig(): Promise<DatabaseConfig> {
  const config = await readConfig(spec);
  const problems = new Problems();
  refuseContradictions(config, problems);
  const before = await previousOutputs();
  refuseOtherKey(config, before, problems);
  await checkGiven(config, before, problems);
  problems.throwIfAny(contract.database.project);
  return config;
}
