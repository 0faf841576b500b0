import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { asked, encryptionKey, logsMayUseKey, shared } from "@selfhosted/common";
import type { ServiceConfig } from "../config";

/** Where the service's tasks run. */
export interface Place {
  readonly cluster: aws.ecs.Cluster;
  /** Encrypts the tasks' secrets and logs. */
  readonly keyArn: pulumi.Input<string>;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
}

/** The ECS cluster, which costs nothing by itself, and the key of all that the tasks keep. */
export function makePlace(config: ServiceConfig): Place {
  const { names, tags, settings, upstream } = config;
  const name = names.cluster();
  const keyArn = settings.taskKeyArn ?? makeKey(config).arn;
  const cluster = new aws.ecs.Cluster("service", {
    name,
    settings: [{ name: "containerInsights", value: settings.containerInsights }],
    configuration: settings.taskExec
      ? { executeCommandConfiguration: { kmsKeyId: keyArn, logging: "DEFAULT" } }
      : undefined,
    tags: { ...tags, Name: name },
  });
  return {
    cluster,
    keyArn,
    subnetIds: asked(upstream.networking.privateSubnetIds, "the tasks' subnets"),
    securityGroupId: asked(upstream.networking.workloadSecurityGroupId, "the workload security group"),
  };
}

/** It encrypts only what the next `pulumi up` could write again, so nothing is lost with it and nothing protects it. */
function makeKey({ names, tags, caller }: ServiceConfig): aws.kms.Key {
  return encryptionKey("tasks", {
    alias: names.keyAlias(shared.keyAliases.tasks),
    description: "Secrets and logs of Pulumi's Fargate tasks",
    caller,
    tags,
    protect: false,
    // The execution role's policy (01-iam) lets it decrypt with keys of this installation's aliases.
    delegates: "everything",
    statements: [logsMayUseKey(caller, names.logGroup(""))],
  });
}
