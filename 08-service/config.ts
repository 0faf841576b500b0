import * as pulumi from "@pulumi/pulumi";
import {
  Problems,
  checkGivenBucket,
  contract,
  defineConfig,
  findZone,
  previousOutputs,
  previousResources,
  readConfig,
  type Zone,
} from "@selfhosted/common";
import { ownVariables } from "./environment";
import { gatherExtras, type ResolvedExtras } from "./extras";
import { refuseFatalChanges, settledBy, type Before, type Settled } from "./living";
import { gatherSecrets, lookUp, type Secrets } from "./secretSources";
import { checkEks, checkFargate } from "./platforms";
import { settings } from "./settings";
import { checkDigests, planSchema, type Resources } from "./upgrades";

/** Everything this stack reads; Pulumi.EXAMPLE.yaml documents it key by key. */
export const spec = defineConfig("service", {
  settings,
  needs: {
    iam: {
      groups: [
        { when: ({ platform }) => platform === "eks", outputs: ["apiRoleArn", "podCredentials"] },
        {
          when: ({ platform }) => platform === "fargate",
          outputs: ["taskExecutionRoleArn", "apiTaskRoleArn", "migrationsTaskRoleArn", "taskRunnerRoleArn"],
        },
      ],
    },
    networking: {
      groups: [
        { when: () => true, outputs: ["workloadSecurityGroupId"] },
        { when: ({ scheme }) => scheme === "internet-facing", outputs: ["vpcId", "publicSubnetIds"] },
        {
          when: ({ scheme, platform }) => scheme === "internal" || platform === "fargate",
          outputs: ["vpcId", "privateSubnetIds"],
        },
      ],
    },
    cluster: { when: ({ platform }) => platform === "eks", outputs: ["clusterName", "kubeconfig"] },
    clusterServices: { when: ({ platform }) => platform === "eks", outputs: ["loadBalancerControllerVersion"] },
    database: {
      groups: [
        {
          when: () => true,
          outputs: [
            ...(["databaseEndpoint", "databasePort", "databaseName", "databaseUsername", "databasePassword"] as const),
            ...(["databaseCaCertificate", "databaseSecretArn"] as const),
            ...(["checkpointsBucketName", "policyPacksBucketName", "eventsBucketName"] as const),
          ],
        },
        {
          when: ({ localEncryptionKey, secretSources }) =>
            localEncryptionKey === undefined && secretSources.localEncryptionKey === undefined,
          outputs: ["encryptionKeyArn"],
          exclusive: true,
        },
        {
          when: ({ registry }) => registry === "stack",
          outputs: ["registryPublicBucketName", "registryPrivateBucketName"],
        },
        { when: ({ audit }) => audit === "stack", outputs: ["auditTableName"] },
      ],
    },
    insights: {
      when: ({ insights }) => insights === "stack",
      outputs: ["searchEndpoint", "searchUsername", "searchPassword"],
    },
    esc: { when: ({ esc }) => esc === "stack", outputs: ["metadataBucketName"] },
  },
  adopts: false,
});

/** The keys and the stacks before, as they were read. */
export type ResolvedConfig = Awaited<ReturnType<typeof readConfig<"service", typeof spec.settings, typeof spec.needs>>>;

/** Everything the rest of this stack works from. */
export interface ServiceConfig extends ResolvedConfig {
  readonly apiDomain: string;
  readonly consoleDomain: string;
  readonly settled: Settled;
  /** What serves so far. */
  readonly before: Before;
  /** Whether the migrations of this version run. */
  readonly migrates: boolean;
  /** Every secret that this stack's own keys give or place. */
  readonly secrets: Secrets;
  readonly extras: ResolvedExtras;
  /** Where the certificate's proof is written; undefined when a certificate was given. */
  readonly zone: Zone | undefined;
}

const checkPlatform = { eks: checkEks, fargate: checkFargate } as const;

/** Keys that are given together or not at all; the first names the group in errors. */
const TOGETHER = [
  ["apiDatabaseUsername", "apiDatabasePassword"],
  ["samlCertificate", "samlPrivateKey"],
  ["podTlsCertificate", "podTlsPrivateKey"],
  ["smtpServer", "smtpGenericSender"],
  ["smtpUsername", "smtpPassword"],
  ["recaptchaSiteKey", "recaptchaSecretKey"],
  ["githubOauthId", "githubOauthSecret"],
  ["gitlabOauthId", "gitlabOauthSecret"],
  ["bitbucketOauthId", "bitbucketOauthSecret"],
] as const;

/** Keys that mean nothing without another. */
const NEEDING = [
  ["samlCertificate", "samlSso"],
  ["podTlsCertificate", "podTls"],
  ["githubOauthEndpoint", "githubOauthId"],
  ["gitlabOauthEndpoint", "gitlabOauthId"],
  ["smtpUsername", "smtpServer"],
] as const;

/** Reads everything, checks what must hold between keys, and finds the zone, before anything is made. */
export async function readServiceConfig(): Promise<ServiceConfig> {
  const problems = new Problems();
  const config = await withCurrentPassword(await readConfig(spec), problems);
  const { settings } = config;
  const apiDomain = `api.${settings.domain}`;
  const consoleDomain = `app.${settings.domain}`;
  const reader = settings.platform === "fargate" ? "agent" : settings.deliver === "gitops" ? "operator" : "program";
  const secrets = await gatherSecrets(settings, settings.secretSources, reader, problems);
  const own = ownVariables({ ...config, apiDomain, consoleDomain, secrets });
  const extras = await gatherExtras(settings.extras, own, reader, problems);
  const isGiven = (key: (typeof TOGETHER)[number][number]) => settings[key] !== undefined || key in secrets;
  for (const pair of TOGETHER) {
    const [present, absent] = [pair.filter(isGiven), pair.filter((key) => !isGiven(key))];
    if (present.length > 0 && absent.length > 0) {
      problems.add(
        `${present.join()} is set without ${absent.join()}; set both, or run \`pulumi config rm ${present.join()}\``,
      );
    }
  }
  for (const [key, needed] of NEEDING) {
    if (settings[key] && !settings[needed]) {
      problems.add(`${key} means nothing without ${needed}; set it, or run \`pulumi config rm ${key}\``);
    }
  }
  if (settings.webAcl === "managed" && settings.webAclArn !== undefined) {
    problems.add(
      "webAcl managed makes a web ACL, and webAclArn gives one; run `pulumi config rm webAclArn`, or webAcl",
    );
  }
  if (settings.webAcl === "off" && settings.webAclRateLimit !== undefined) {
    problems.add("webAclRateLimit is a rule of webAcl managed; set that, or run `pulumi config rm webAclRateLimit`");
  }
  const [before, resources]: [Before, Resources] = await Promise.all([previousOutputs(), previousResources()]);
  const { schema, migrates } = planSchema(config, before, resources);
  const settled = await settledBy(config, secrets, schema);
  await Promise.all([
    refuseFatalChanges(before, settled, config, migrates, problems),
    settings.accessLogsBucketName &&
      checkGivenBucket("accessLogsBucketName", settings.accessLogsBucketName, config.caller, problems),
    checkPlatform[settings.platform](config, problems),
  ]);
  checkDigests(config, resources, problems);
  const zone = await certificateZone(settings, [apiDomain, consoleDomain], problems);
  problems.throwIfAny(contract.service.project);
  return { ...config, apiDomain, consoleDomain, settled, before, migrates, secrets, extras, zone };
}

/** Where RDS rotates the owner's password, what 05-database published the last time may be old: it is read anew. */
async function withCurrentPassword(config: ResolvedConfig, problems: Problems): Promise<ResolvedConfig> {
  const { database } = config.upstream;
  if (!database.databaseSecretArn) return config;
  const source = { secretArn: database.databaseSecretArn, jsonKey: "password" };
  const secret = await lookUp("databaseSecretArn", source, "program", problems);
  if (!("value" in secret)) return config;
  const databasePassword = pulumi.secret(secret.value);
  return { ...config, upstream: { ...config.upstream, database: { ...database, databasePassword } } };
}

async function certificateZone(
  settings: ResolvedConfig["settings"],
  hostNames: string[],
  problems: Problems,
): Promise<Zone | undefined> {
  const given = (["zoneName", "zoneId", "zoneRoleArn"] as const).filter((key) => settings[key] !== undefined);
  if (settings.certificateArn === undefined) {
    if (given.length > 0) return findZone(settings, hostNames, false, problems);
    problems.add(
      "neither certificateArn nor a zone to make a certificate in is set; run `pulumi config set zoneName example.com`, or `pulumi config set certificateArn arn:aws:acm:…`",
    );
  } else if (given.length > 0) {
    problems.add(
      `certificateArn is set, so ${given.join(", ")} would be ignored; run ${given.map((key) => `\`pulumi config rm ${key}\``).join(" and ")}`,
    );
  }
  return undefined;
}
