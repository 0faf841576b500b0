import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type * as aws from "@pulumi/aws";
import { shared, type PodRole } from "@selfhosted/common";
import type { Server, Worker } from "../components";
import type { ServiceConfig } from "../config";
import { selectorLabels, type Place } from "./namespace";
import { makePod, spread } from "./pod";

/** Seconds a going pod goes on serving, until the load balancer has stopped sending to it. */
const LEAVING_SECONDS = 10;
/** Seconds between two looks at a pod that is starting. */
const START_PERIOD_SECONDS = 5;

/** No pod goes before another one serves. */
const ROLLOUT = {
  revisionHistoryLimit: 5,
  strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
};

/**
 * What somebody else set in a Deployment gives way: the number of pods, of kubectl or of an autoscaler that was switched off,
 * would be a conflict otherwise. Source: pulumi-kubernetes, server-side apply, handling field conflicts.
 */
const HAS_LAST_WORD = { "pulumi.com/patchForce": "true" };

/** Port of a server's Service in the cluster. */
const SERVICE_PORTS = { HTTP: 80, HTTPS: 443 } as const;

/** Address at which the namespace's pods reach a server. */
export function addressOf(name: string, protocol: Server["protocol"]): string {
  return `${protocol.toLowerCase()}://${name}.${shared.serviceNamespace}:${SERVICE_PORTS[protocol]}`;
}

/**
 * A server on EKS: Deployment, Service, the binding of its pods to the load balancer's target group, disruption budget
 * and autoscaler. The pods start only after `after`.
 */
export function makeServer(
  config: ServiceConfig,
  place: Place,
  server: Server,
  salt: pulumi.Input<string>,
  targetGroup: aws.lb.TargetGroup,
  after: readonly pulumi.Resource[],
  role?: PodRole,
): k8s.apps.v1.Deployment {
  const { name } = server;
  const selector = { matchLabels: selectorLabels(name) };
  const binding = bindPods(config, place, server, targetGroup);
  const pod = makePod(config, place, server, salt, {
    role,
    container: {
      ports: [{ name: "http", containerPort: server.port, protocol: "TCP" }],
      ...probes(server),
      lifecycle: { preStop: { sleep: { seconds: LEAVING_SECONDS } } },
    },
    pod: {
      terminationGracePeriodSeconds: LEAVING_SECONDS + server.stopSeconds,
      topologySpreadConstraints: spread(name),
    },
  });
  const { scaling } = server;
  const deployment = new k8s.apps.v1.Deployment(
    name,
    {
      metadata: place.metadata(name, name, HAS_LAST_WORD),
      spec: {
        // The autoscaler's own field, while there is one: whoever else sets it takes pods away from it, or is refused. It
        // raises a new Deployment's single pod to its least number at once.
        replicas: scaling ? undefined : server.replicas,
        ...ROLLOUT,
        selector,
        template: pod.template,
      },
    },
    {
      // A pod gets its readiness gate only when the binding is there already, and passes it only when the target group
      // is in use.
      ...place.after([...pod.dependsOn, ...after, binding]),
      customTimeouts: { create: "15m", update: "15m" },
    },
  );
  makeBudget(place, name);
  if (scaling) makeAutoscaler(place, server, scaling, deployment);
  return deployment;
}

/** The Service of a server's pods, and what binds them to the load balancer's target group. */
function bindPods(
  { settings }: ServiceConfig,
  place: Place,
  { name, protocol }: Server,
  targetGroup: aws.lb.TargetGroup,
): k8s.apiextensions.CustomResource {
  const servicePort = SERVICE_PORTS[protocol];
  const service = new k8s.core.v1.Service(
    name,
    {
      // It is there before its pods, so there is nothing to wait for.
      metadata: place.metadata(name, name, { "pulumi.com/skipAwait": "true" }),
      spec: {
        type: "ClusterIP",
        selector: selectorLabels(name),
        ports: [{ name: "http", port: servicePort, targetPort: "http", protocol: "TCP" }],
      },
    },
    place.after(),
  );
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "elbv2.k8s.aws/v1beta1",
      kind: "TargetGroupBinding",
      metadata: place.metadata(name, name),
      // Without `networking` the controller leaves security groups alone: 08-service makes the rules.
      spec: {
        serviceRef: { name, port: servicePort },
        targetGroupARN: targetGroup.arn,
        targetType: "ip",
        // Otherwise each cluster's controller would take the other one's pods out of the group.
        ...(settings.blueGreen && { multiClusterTargetGroup: true }),
      },
    },
    // Its controller refuses another target group: a binding is for one.
    { ...place.after([service]), replaceOnChanges: ["spec.targetGroupARN"] },
  );
}

/** Pods by the load on their processors. */
function makeAutoscaler(
  place: Place,
  { name, replicas }: Server,
  scaling: NonNullable<Server["scaling"]>,
  deployment: k8s.apps.v1.Deployment,
): void {
  new k8s.autoscaling.v2.HorizontalPodAutoscaler(
    name,
    {
      metadata: place.metadata(name, name),
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
        minReplicas: replicas,
        maxReplicas: scaling.most,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: scaling.busyPercent } },
          },
        ],
      },
    },
    place.after([deployment]),
  );
}

/** Work that nobody asks for from outside: a Deployment and its disruption budget. */
export function makeWorker(
  config: ServiceConfig,
  place: Place,
  worker: Worker,
  salt: pulumi.Input<string>,
  after: readonly pulumi.Resource[],
  role: PodRole & { readonly serviceAccountName: string },
): k8s.apps.v1.Deployment {
  const { name, replicas, stopSeconds } = worker;
  const selector = { matchLabels: selectorLabels(name) };
  const pod = makePod(config, place, worker, salt, {
    role,
    pod: {
      serviceAccountName: role.serviceAccountName,
      terminationGracePeriodSeconds: stopSeconds,
      topologySpreadConstraints: spread(name),
    },
  });
  makeBudget(place, name);
  return new k8s.apps.v1.Deployment(
    name,
    {
      metadata: place.metadata(name, name, HAS_LAST_WORD),
      spec: { ...ROLLOUT, replicas, selector, template: pod.template },
    },
    { ...place.after([...pod.dependsOn, ...after]), customTimeouts: { create: "15m", update: "15m" } },
  );
}

/** One at a time: also with a single replica a node can be drained. */
function makeBudget(place: Place, name: string): void {
  new k8s.policy.v1.PodDisruptionBudget(
    name,
    {
      metadata: place.metadata(name, name),
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: selectorLabels(name) },
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    },
    place.after(),
  );
}

/** Started, ready and alive are judged by the same request, with growing patience. */
function probes({ healthPath, startSeconds, protocol }: Server) {
  const httpGet = { path: healthPath, port: "http", scheme: protocol === "HTTPS" ? protocol : undefined };
  return {
    startupProbe: {
      httpGet,
      periodSeconds: START_PERIOD_SECONDS,
      failureThreshold: startSeconds / START_PERIOD_SECONDS,
      timeoutSeconds: 5,
    },
    readinessProbe: { httpGet, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5 },
    livenessProbe: { httpGet, periodSeconds: 20, failureThreshold: 6, timeoutSeconds: 5 },
  };
}
