import type * as aws from "@pulumi/aws";
import type { Component } from "../components";
import type { ServiceConfig } from "../config";
import { helperImage, taskImage } from "../images";
import type { LogConfiguration } from "./logs";
import type { SecretVariable } from "./secrets";

/** A component's files in its task definition. */
export interface TaskFiles {
  readonly volumes: aws.types.input.ecs.TaskDefinitionVolume[];
  /** Runs before the component's container, and ends. */
  readonly writers: readonly Readonly<Record<string, unknown>>[];
  /** What the component's own container says of them. */
  readonly container: Readonly<Record<string, unknown>>;
}

const WRITER = "files";

/** Variable in which the writer gets a file's content. */
export function variableOf(path: string): string {
  return `FILE${path.replaceAll(/\W+/g, "_").toUpperCase()}`;
}

/**
 * Fargate mounts no secret as a file: a container of the same task writes them, each to a volume of the task's own disk,
 * which AWS encrypts and which ends with the task. Such a volume belongs to root; so the writer is root, without any
 * capability, and the component reads.
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
 */
export function writeFiles(
  { settings }: ServiceConfig,
  { files = {} }: Component,
  contents: readonly SecretVariable[],
  logConfiguration: LogConfiguration,
): TaskFiles {
  const paths = Object.keys(files);
  if (paths.length === 0) return { volumes: [], writers: [], container: {} };
  const directories = [...new Set(paths.map((path) => path.slice(0, path.lastIndexOf("/"))))];
  const volumes = directories.map((directory) => ({ name: variableOf(directory), directory }));
  const mountPoints = (readOnly: boolean) =>
    volumes.map(({ name, directory }) => ({ sourceVolume: name, containerPath: directory, readOnly }));
  const script = ["set -eu", "umask 0222", ...paths.map((path) => `printf %s "$${variableOf(path)}" > ${path}`)];
  const writer = {
    name: WRITER,
    ...taskImage(settings, helperImage(settings, "databaseClient")),
    essential: false,
    entryPoint: ["/bin/sh", "-c", script.join("\n")],
    user: "0:0",
    readonlyRootFilesystem: true,
    secrets: contents,
    linuxParameters: { capabilities: { drop: ["ALL"] } },
    mountPoints: mountPoints(false),
    logConfiguration,
  };
  return {
    volumes: volumes.map(({ name }) => ({ name })),
    writers: [writer],
    container: {
      mountPoints: mountPoints(true),
      dependsOn: [{ containerName: WRITER, condition: "SUCCESS" }],
    },
  };
}
