import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type * as aws from "@pulumi/aws";
import { shared, type PodRole } from "@selfhosted/common";
import type { Server } from "../components";
import type { ServiceConfig } from "../config";
import { labels, selectorLabels, type Place } from "./namespace";
import { makePod, spread } from "./pod";

/** Seconds a going pod goes on serving, until the load balancer has stopped sending to it. */
const LEAVING_SECONDS = 10;
/** Seconds between two looks at a pod that is starting. */
const START_PERIOD_SECONDS = 5;

/** Port of a server's Service in the cluster. */
const SERVICE_PORT = 80;

/** Address at which the namespace's pods reach a server. */
export function addressOf(name: string): string {
  return `http://${name}.${shared.serviceNamespace}:${SERVICE_PORT}`;
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
  const metadata = { name, namespace: place.namespace, labels: labels(name) };
  const selector = { matchLabels: selectorLabels(name) };
  const service = new k8s.core.v1.Service(
    name,
    {
      // It is there before its pods, so there is nothing to wait for.
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        type: "ClusterIP",
        selector: selectorLabels(name),
        ports: [{ name: "http", port: SERVICE_PORT, targetPort: "http", protocol: "TCP" }],
      },
    },
    place.after(),
  );
  const binding = new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "elbv2.k8s.aws/v1beta1",
      kind: "TargetGroupBinding",
      metadata: { ...metadata },
      // Without `networking` the controller leaves security groups alone: 08-service makes the rules.
      spec: { serviceRef: { name, port: SERVICE_PORT }, targetGroupARN: targetGroup.arn, targetType: "ip" },
    },
    place.after([service]),
  );
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
      metadata,
      spec: {
        // The autoscaler's own field, while there is one: whoever else sets it takes pods away from it, or is refused. It
        // raises a new Deployment's single pod to its least number at once.
        replicas: scaling ? undefined : server.replicas,
        revisionHistoryLimit: 5,
        // No pod goes before another one serves.
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
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
  new k8s.policy.v1.PodDisruptionBudget(
    name,
    // One at a time: also with a single replica a node can be drained.
    { metadata, spec: { maxUnavailable: 1, selector, unhealthyPodEvictionPolicy: "AlwaysAllow" } },
    place.after(),
  );
  if (scaling) {
    new k8s.autoscaling.v2.HorizontalPodAutoscaler(
      name,
      {
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
          minReplicas: server.replicas,
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
  return deployment;
}

/** Started, ready and alive are judged by the same request, with growing patience. */
function probes({ healthPath, startSeconds }: Server) {
  const httpGet = { path: healthPath, port: "http" };
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
