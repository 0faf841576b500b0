import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import type { OneShot } from "../components";
import type { ServiceConfig } from "../config";
import { STREAM_PREFIX, cloudWatchLogs } from "./logs";
import type { Place } from "./place";
import { TIMEOUT_SECONDS } from "./runner";
import { PLATFORM_VERSION } from "./services";
import { defineTask } from "./taskDefinitions";
import { RESERVE, type Progress, type TaskRequest } from "./taskRunner";

/**
 * Runs a component to its end, once for each image, command and set of plain variables, and (if it asks for that) each
 * set of secrets. What depends on it waits until it has succeeded.
 *
 * ECS has no resource for that, and the look-up that runs a task (`aws.ecs.getTaskExecution`) neither waits nor asks for
 * the exit code, and runs in previews too (hashicorp/terraform-provider-aws#29783). The AWS CLI, or an SDK in this program,
 * would use the operator's credentials and not the provider's. A Lambda function that the provider invokes is a resource
 * like any other: it runs when its input changes and never in a preview; when the function throws, nothing is made, what
 * depends on it is left alone, and the next `pulumi up` tries again. Source: hashicorp/terraform-provider-aws,
 * internal/service/lambda/invocation.go.
 */
export function runOnce(
  config: ServiceConfig,
  place: Place,
  runner: aws.lambda.Function,
  component: OneShot,
  after: readonly pulumi.Resource[],
): aws.lambda.Invocation {
  // Never through the log router: whoever asks why a migration failed must find its log where the error says.
  const configuration = cloudWatchLogs(config, place, component.name);
  const task = defineTask(config, place, component, {
    logging: { configuration, sidecars: [] },
    taskRoleArn: asked(config.upstream.iam.migrationsTaskRoleArn, "the one-shot tasks' role"),
  });
  const request: { [K in keyof Omit<TaskRequest, "before" | "isLast">]: pulumi.Input<TaskRequest[K]> } = {
    family: task.definition.family,
    container: component.name,
    run: runOf(component, task.secretsVersion),
    deadlineSeconds: component.deadlineSeconds,
    logGroup: config.names.logGroup(component.name),
    logStreamPrefix: STREAM_PREFIX,
    cluster: place.cluster.name,
    platformVersion: PLATFORM_VERSION,
    subnets: place.subnetIds,
    securityGroups: [place.securityGroupId],
  };
  const invoke = (name: string, isLast: boolean, before?: aws.lambda.Invocation): aws.lambda.Invocation =>
    new aws.lambda.Invocation(
      name,
      {
        functionName: runner.name,
        input: pulumi.jsonStringify({ ...request, isLast, before: before?.result.apply(progressIn) }),
      },
      {
        // It runs the family's newest revision, so that must be there.
        dependsOn: [task.definition, ...after],
        customTimeouts: { create: `${TIMEOUT_SECONDS + 60}s` },
      },
    );
  // A quarter of an hour is all that Lambda grants one invocation; the next one goes on waiting, or returns at once.
  const count = Math.ceil(component.deadlineSeconds / (TIMEOUT_SECONDS - RESERVE / 1000));
  let last = invoke(component.name, count === 1);
  for (let number = 2; number <= count; number++) {
    last = invoke(`${component.name}-${number}`, number === count, last);
  }
  return last;
}

/** How far an invocation came, of its result. */
const progressIn = (result: string) => JSON.parse(result) as Progress;

/** Another name is another run; the revision isn't part of it, or a larger task would migrate again. */
function runOf(
  { image, command, environment, run, repeatsForSecrets }: OneShot,
  secretsVersion: pulumi.Output<string>,
) {
  return pulumi.all([secretsVersion, pulumi.output(environment.plain)]).apply(([secrets, plain]) => {
    const what = [image, command, plain, run, repeatsForSecrets ? secrets : ""];
    return `pulumi-${createHash("sha256").update(JSON.stringify(what)).digest("hex").slice(0, 24)}`;
  });
}
