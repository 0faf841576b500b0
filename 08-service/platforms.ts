import {
  asked,
  checkGivenKey,
  checkPodRoles,
  checkRoleTrust,
  checkVpc,
  serviceTrust,
  type Problems,
  type Setting,
} from "@selfhosted/common";
import { warnOfShutDoor } from "@selfhosted/common/clusterAccess";
import type { ResolvedConfig } from "./config";
import { taskSize } from "./fargate/sizes";
import { settings as known } from "./settings";

/** Keys that only one platform heeds; set on the other one they would be ignored without a word. */
const ONLY = {
  eks: ["imagePullSecretName", "priorityClassName", "deliver", "gitopsDirectory", "gitopsSecretStore", "blueGreen"],
  fargate: [
    ...(["taskArchitecture", "taskKeyArn", "taskLogRetentionDays", "containerInsights", "taskExec"] as const),
    ...(["logDriver", "logOptions", "logSecretOptions", "logRouterImage", "registryCredentialsArn"] as const),
  ],
} as const;

/** What is meant when a key of the other platform is set. */
const INSTEAD: Readonly<Partial<Record<keyof typeof known, string>>> = {
  imagePullSecretName: "give registryCredentialsArn, a secret of Secrets Manager",
  blueGreen: "on Fargate there is no cluster to move away from",
  registryCredentialsArn: "give imagePullSecretName, a Secret of the namespace",
};

/** Whether EKS can run what is asked for. */
export async function checkEks(config: ResolvedConfig, problems: Problems): Promise<void> {
  refuseKeysOf("fargate", config, problems);
  const { iam, cluster, clusterServices } = config.upstream;
  const version = asked(clusterServices, "the cluster's services").loadBalancerControllerVersion;
  if (/^v?[01]\./.test(version)) {
    problems.add(`the load balancer controller is ${version}, which knows no TargetGroupBinding; install 2.4 or newer`);
  } else if (config.settings.blueGreen && /^v?2\.[0-9]\./.test(version)) {
    // Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/use_cases/multi_cluster
    problems.add(
      `blueGreen needs load balancer controllers that share a target group, 2.10 or newer, and this one is ${version}; ` +
        `upgrade it, or run \`pulumi config rm blueGreen\` and move with an interruption`,
    );
  }
  const { clusterName, kubeconfig } = asked(cluster, "the cluster");
  await Promise.all([
    checkPodRoles(iam, clusterName, config.caller, problems),
    config.settings.deliver === "gitops" ? undefined : warnOfShutDoor(kubeconfig),
  ]);
}

/** Whether Fargate can run what is asked for. */
export async function checkFargate(config: ResolvedConfig, problems: Problems): Promise<void> {
  refuseKeysOf("eks", config, problems);
  const { settings, upstream } = config;
  for (const [component, resources] of Object.entries(settings.resources)) {
    const { cpu, memory } = resources;
    const size = taskSize(resources);
    const [units, needed] = [size?.cpu ?? 16384, size?.memory ?? 122880];
    if (needed !== memory || Math.round((units / 1024) * 1000) !== cpu) {
      problems.add(
        `resources.${component}: Fargate has no task of ${cpu} thousandths of a core and ${memory} MiB; ` +
          `the next size is { cpu: ${Math.round((units / 1024) * 1000)}, memory: ${needed} }`,
      );
    }
  }
  const options = Object.keys({ ...settings.logOptions, ...settings.logSecretOptions });
  if (settings.logDriver === "awslogs" && options.length > 0) {
    problems.add(
      `logOptions and logSecretOptions (${options.join()}) mean nothing with awslogs; set logDriver, or remove them`,
    );
  }
  if (settings.logDriver !== "awslogs" && options.length === 0) {
    problems.add(`logDriver ${settings.logDriver} without logOptions says not where to; set them`);
  }
  refuseUnreadable(config, problems);
  const tasks = serviceTrust("ecs-tasks.amazonaws.com");
  const { taskExecutionRoleArn, apiTaskRoleArn, migrationsTaskRoleArn, taskRunnerRoleArn } = upstream.iam;
  const roles = { taskExecutionRoleArn, apiTaskRoleArn, migrationsTaskRoleArn };
  await Promise.all([
    ...Object.entries(roles).map(([key, arn]) => checkRoleTrust(key, asked(arn, key), tasks, problems)),
    checkRoleTrust(
      "taskRunnerRoleArn",
      asked(taskRunnerRoleArn, "taskRunnerRoleArn"),
      serviceTrust("lambda.amazonaws.com"),
      problems,
    ),
    settings.taskKeyArn && checkGivenKey("taskKeyArn", settings.taskKeyArn, problems),
    // The console finds the API's tasks by a name in the VPC's private zone, and would come up without.
    checkVpc(asked(upstream.networking.vpcId, "the VPC"), problems),
  ]);
}

/** The execution role of 01-iam reads secrets of this installation's names alone; a task that needs another never starts. */
function refuseUnreadable({ settings, upstream, names }: ResolvedConfig, problems: Problems): void {
  if (!upstream.iam.taskExecutionRoleArn?.endsWith(`/${names.role("task-execution")}`)) return;
  const extras = Object.entries(settings.extras).flatMap(([component, { secretEnvironment }]) =>
    Object.entries(secretEnvironment ?? {}).map(([name, source]) => [`extras.${component}.${name}`, source] as const),
  );
  const sources = [
    ...Object.entries(settings.secretSources).map(([key, one]) => [`secretSources.${key}`, one] as const),
    ...extras,
  ];
  const arns = [
    ...sources.map(([where, source]) => [where, "secretArn" in source ? source.secretArn : undefined] as const),
    ...Object.entries(settings.logSecretOptions).map(([name, arn]) => [`logSecretOptions.${name}`, arn] as const),
    ["registryCredentialsArn", settings.registryCredentialsArn] as const,
  ];
  const prefix = names.secret("");
  for (const [where, arn] of arns) {
    if (arn === undefined || arn.split(":")[6]?.startsWith(prefix)) continue;
    problems.add(
      `${where}: 01-iam lets the tasks' execution role read secrets named ${prefix}… alone, and ${arn} isn't; name it so, or give a role of your own that may (taskExecutionRoleArn)`,
    );
  }
}

function refuseKeysOf(other: keyof typeof ONLY, { settings }: ResolvedConfig, problems: Problems): void {
  for (const key of ONLY[other]) {
    const setting: Setting = known[key];
    const usual = [setting.default, setting.small].map((value) => JSON.stringify(value));
    if (usual.includes(JSON.stringify(settings[key]))) continue;
    const instead = INSTEAD[key];
    problems.add(
      `${key} means nothing on ${settings.platform}${instead === undefined ? "" : `: ${instead}`}; run \`pulumi config rm ${key}\``,
    );
  }
}
