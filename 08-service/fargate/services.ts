import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Server } from "../components";
import type { ServiceConfig } from "../config";
import { serverLogs } from "./logs";
import type { Place } from "./place";
import { defineTask } from "./taskDefinitions";

/** The one that Linux tasks have, named so that AWS's next one is a change that somebody makes. */
export const PLATFORM_VERSION = "1.4.0";
/** Longest time that Fargate grants a container that was told to stop. Source: ECS ContainerDefinition, stopTimeout. */
const LONGEST_STOP_SECONDS = 120;
/** Seconds between two changes of the number of tasks: more comes soon, less takes its time. */
const COOLDOWN_SECONDS = { out: 60, in: 300 } as const;

/** What only some servers have. */
export interface ServerParts {
  readonly targetGroup: aws.lb.TargetGroup;
  readonly taskRoleArn?: string;
  readonly registry?: aws.servicediscovery.Service;
  readonly after: readonly pulumi.Resource[];
}

/**
 * A server on Fargate: task definition, service and autoscaling. A rollout starts the new tasks beside the old ones; one
 * whose tasks don't become healthy is taken back by ECS, and `pulumi up` waits for that and fails.
 */
export function makeServer(config: ServiceConfig, place: Place, server: Server, parts: ServerParts): aws.ecs.Service {
  const { settings, names, tags } = config;
  const { scaling } = server;
  const { definition } = defineTask(config, place, server, {
    logging: serverLogs(config, place, server.name),
    taskRoleArn: parts.taskRoleArn,
    container: {
      portMappings: [{ containerPort: server.port, hostPort: server.port, protocol: "tcp" }],
      // The load balancer has let go of it before.
      stopTimeout: Math.min(server.stopSeconds, LONGEST_STOP_SECONDS),
    },
  });
  const service = new aws.ecs.Service(
    server.name,
    {
      name: server.name,
      cluster: place.cluster.arn,
      taskDefinition: definition.arn,
      launchType: "FARGATE",
      platformVersion: PLATFORM_VERSION,
      desiredCount: server.replicas,
      networkConfiguration: {
        subnets: [...place.subnetIds],
        securityGroups: [place.securityGroupId],
        assignPublicIp: false,
      },
      loadBalancers: [
        { targetGroupArn: parts.targetGroup.arn, containerName: server.name, containerPort: server.port },
      ],
      serviceRegistries: parts.registry && { registryArn: parts.registry.arn },
      healthCheckGracePeriodSeconds: server.startSeconds,
      // No task goes before another one serves.
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      availabilityZoneRebalancing: "ENABLED",
      enableExecuteCommand: settings.taskExec,
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      waitForSteadyState: true,
      // Who interrupts `pulumi up` gets the version back that ran before.
      sigintRollback: true,
      tags: { ...tags, Name: names.of(server.name) },
    },
    {
      dependsOn: [...parts.after],
      // The autoscaler's own, while there is one.
      ignoreChanges: scaling ? ["desiredCount"] : [],
      customTimeouts: { create: "20m", update: "30m" },
    },
  );
  if (scaling) {
    const target = new aws.appautoscaling.Target(server.name, {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: pulumi.interpolate`service/${place.cluster.name}/${service.name}`,
      minCapacity: server.replicas,
      maxCapacity: scaling.most,
      tags,
    });
    new aws.appautoscaling.Policy(server.name, {
      name: names.of(server.name),
      policyType: "TargetTrackingScaling",
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
        targetValue: scaling.busyPercent,
        scaleOutCooldown: COOLDOWN_SECONDS.out,
        scaleInCooldown: COOLDOWN_SECONDS.in,
      },
    });
  }
  return service;
}
