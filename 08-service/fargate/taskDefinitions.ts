import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import { SCRATCH_MIB, type Component } from "../components";
import type { ServiceConfig } from "../config";
import { taskImage } from "../images";
import { writeFiles } from "./files";
import type { Logging } from "./logs";
import { keepSecrets } from "./secrets";
import type { Place } from "./place";
import { taskSize } from "./sizes";

/** A component's task definition, and the version of the secrets that it names. */
export interface Task {
  readonly definition: aws.ecs.TaskDefinition;
  readonly secretsVersion: pulumi.Output<string>;
}

/** What only some components have. */
export interface TaskParts {
  readonly logging: Logging;
  /** Role of the task itself; without one its containers get no AWS credentials at all. */
  readonly taskRoleArn?: string;
  readonly container?: Readonly<Record<string, unknown>>;
}

const architectures = { x86_64: "X86_64", arm64: "ARM64" } as const;

/**
 * One component as a task of Fargate's: it runs as nobody in particular, on a read-only root, without capabilities. It
 * writes to `/tmp` alone, which lies in its memory: a bind mount would belong to root.
 * Source: https://aws.amazon.com/about-aws/whats-new/2026/01/amazon-ecs-tmpfs-mounts-aws-fargate-managed-instances/
 */
export function defineTask(config: ServiceConfig, place: Place, component: Component, parts: TaskParts): Task {
  const { settings, upstream, names, tags } = config;
  const secrets = keepSecrets(config, place, component);
  const size = asked(taskSize(component.resources), `a size of Fargate's for ${component.name}`);
  const { configuration: logConfiguration, sidecars } = parts.logging;
  const files = writeFiles(config, component, secrets.files, logConfiguration);
  const container = {
    name: component.name,
    ...taskImage(settings, component.image),
    essential: true,
    // What Kubernetes calls command; ECS's own would only be arguments to the image's entry point.
    entryPoint: component.command,
    user: `${component.userId}:${component.userId}`,
    // The agent behind `aws ecs execute-command` writes into the container.
    readonlyRootFilesystem: !settings.taskExec,
    environment: Object.entries(component.environment.plain).map(([name, value]) => ({ name, value })),
    secrets: secrets.variables,
    linuxParameters: {
      capabilities: { drop: ["ALL"] },
      // Reaps what the agent leaves behind.
      initProcessEnabled: settings.taskExec,
      tmpfs: [{ containerPath: "/tmp", size: SCRATCH_MIB, mountOptions: ["nosuid", "nodev"] }],
    },
    logConfiguration,
    ...files.container,
    ...parts.container,
  };
  const definition = new aws.ecs.TaskDefinition(component.name, {
    family: names.of(component.name),
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: String(size.cpu),
    memory: String(size.memory),
    runtimePlatform: {
      operatingSystemFamily: "LINUX",
      cpuArchitecture: architectures[settings.taskArchitecture],
    },
    executionRoleArn: asked(upstream.iam.taskExecutionRoleArn, "the execution role"),
    taskRoleArn: parts.taskRoleArn,
    containerDefinitions: pulumi.jsonStringify([container, ...files.writers, ...sidecars]),
    volumes: files.volumes,
    tags: { ...tags, Name: names.of(component.name) },
  });
  return { definition, secretsVersion: secrets.version };
}
