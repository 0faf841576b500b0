import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Server, Worker } from "../components";
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

/** What a worker has besides what its description says. */
export interface WorkerParts {
  readonly taskRoleArn?: string;
  readonly after: readonly pulumi.Resource[];
}

/** The same of a server. */
export interface ServerParts extends WorkerParts {
  readonly targetGroup: aws.lb.TargetGroup;
  readonly registry?: aws.servicediscovery.Service;
}

/** What of an ECS service only a server has. */
type Serving = Pick<aws.ecs.ServiceArgs, "loadBalancers" | "serviceRegistries" | "healthCheckGracePeriodSeconds">;

/** A server on Fargate: an ECS service behind the load balancer, and its autoscaling. */
export function makeServer(config: ServiceConfig, place: Place, server: Server, parts: ServerParts): aws.ecs.Service {
  const { name, port, scaling } = server;
  const service = makeService(config, place, server, parts, {
    loadBalancers: [{ targetGroupArn: parts.targetGroup.arn, containerName: name, containerPort: port }],
    serviceRegistries: parts.registry && { registryArn: parts.registry.arn },
    healthCheckGracePeriodSeconds: server.startSeconds,
  });
  if (scaling) {
    const target = new aws.appautoscaling.Target(name, {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: pulumi.interpolate`service/${place.cluster.name}/${service.name}`,
      minCapacity: server.replicas,
      maxCapacity: scaling.most,
      tags: config.tags,
    });
    new aws.appautoscaling.Policy(name, {
      name: config.names.of(name),
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

/** Work that nobody asks for from outside: an ECS service that nothing sends requests to. */
export function makeWorker(config: ServiceConfig, place: Place, worker: Worker, parts: WorkerParts): aws.ecs.Service {
  return makeService(config, place, worker, parts, {});
}

/**
 * Task definition and ECS service. A rollout starts the new tasks beside the old ones; one whose tasks don't become
 * healthy is taken back by ECS, and `pulumi up` waits for that and fails.
 */
function makeService(
  config: ServiceConfig,
  place: Place,
  worker: Worker | Server,
  { taskRoleArn, after }: WorkerParts,
  serving: Serving,
): aws.ecs.Service {
  const { settings, names, tags } = config;
  const { name, replicas, stopSeconds } = worker;
  const { definition } = defineTask(config, place, worker, {
    logging: serverLogs(config, place, name),
    taskRoleArn,
    container: {
      portMappings:
        "port" in worker ? [{ containerPort: worker.port, hostPort: worker.port, protocol: "tcp" }] : undefined,
      // The load balancer has let go of it before.
      stopTimeout: Math.min(stopSeconds, LONGEST_STOP_SECONDS),
    },
  });
  return new aws.ecs.Service(
    name,
    {
      name,
      cluster: place.cluster.arn,
      taskDefinition: definition.arn,
      launchType: "FARGATE",
      platformVersion: PLATFORM_VERSION,
      desiredCount: replicas,
      networkConfiguration: {
        subnets: [...place.subnetIds],
        securityGroups: [place.securityGroupId],
        assignPublicIp: false,
      },
      ...serving,
      // No task goes before another one serves.
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      availabilityZoneRebalancing: "ENABLED",
      // ECS refuses it where the tasks have no role.
      enableExecuteCommand: settings.taskExec && taskRoleArn !== undefined,
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      waitForSteadyState: true,
      // Who interrupts `pulumi up` gets the version back that ran before.
      sigintRollback: true,
      tags: { ...tags, Name: names.of(name) },
    },
    {
      dependsOn: [...after],
      // The autoscaler's own, while there is one.
      ignoreChanges: "scaling" in worker && worker.scaling ? ["desiredCount"] : [],
      customTimeouts: { create: "20m", update: "30m" },
    },
  );
}
