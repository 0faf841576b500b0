import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { ServiceConfig } from "../config";
import { helperImage, taskImage } from "../images";
import type { Place } from "./place";

/** Where a container's output goes, as a task definition says it. */
export interface LogConfiguration {
  readonly logDriver: string;
  readonly options?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly secretOptions?: readonly { readonly name: string; readonly valueFrom: string }[];
}

/** How a component's containers log, and what must stand beside them for it. */
export interface Logging {
  readonly configuration: LogConfiguration;
  readonly sidecars: readonly Readonly<Record<string, unknown>>[];
}

/** Prefix of every log stream, before the container's name and the task's id. */
export const STREAM_PREFIX = "task";

/** Logs to CloudWatch, in a group of this component's own. */
export function cloudWatchLogs(config: ServiceConfig, place: Place, component: string): LogConfiguration {
  return {
    logDriver: "awslogs",
    options: {
      "awslogs-group": logGroup(config, place, component).name,
      "awslogs-region": config.caller.region,
      "awslogs-stream-prefix": STREAM_PREFIX,
      // A server that can't write its log goes on serving, and loses lines once 25 MB wait.
      mode: "non-blocking",
      "max-buffer-size": "25m",
    },
  };
}

/** Logs as `logDriver` asks: to CloudWatch, to Splunk, or through a FireLens router that runs in the same task. */
export function serverLogs(config: ServiceConfig, place: Place, component: string): Logging {
  const { logDriver, logOptions, logSecretOptions } = config.settings;
  if (logDriver === "awslogs") return { configuration: cloudWatchLogs(config, place, component), sidecars: [] };
  const configuration = {
    logDriver,
    options: logOptions,
    secretOptions: Object.entries(logSecretOptions).map(([name, valueFrom]) => ({ name, valueFrom })),
  };
  if (logDriver === "splunk") return { configuration, sidecars: [] };
  const router = {
    name: "log-router",
    ...taskImage(config.settings, helperImage(config.settings, "logRouter")),
    essential: true,
    firelensConfiguration: { type: "fluentbit" },
    memoryReservation: 50,
    // What the router itself has to say.
    logConfiguration: cloudWatchLogs(config, place, component),
  };
  return { configuration, sidecars: [router] };
}

/** A log group of this installation, encrypted, kept for `taskLogRetentionDays`. */
export function logGroup({ names, tags, settings }: ServiceConfig, place: Place, component: string) {
  const name = names.logGroup(component);
  return new aws.cloudwatch.LogGroup(component, {
    name,
    retentionInDays: settings.taskLogRetentionDays,
    kmsKeyId: place.keyArn,
    tags: { ...tags, Name: name },
  });
}
