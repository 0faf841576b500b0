import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { OneShot } from "../components";
import type { ServiceConfig } from "../config";
import { labels, type Place } from "./namespace";
import { makePod } from "./pod";

/** Times that a Job's pod is started again before the Job has failed. */
const RETRIES = 3;

/**
 * Runs a component to its end, once for each image and configuration: the name carries their hash, so that a change is
 * another Job and the same one is never run again. What depends on it waits until it has succeeded.
 */
export function runOnce(
  config: ServiceConfig,
  place: Place,
  component: OneShot,
  salt: pulumi.Input<string>,
  after: readonly pulumi.Resource[],
): k8s.batch.v1.Job {
  const { template, dependsOn, checksum } = makePod(config, place, component, salt, {
    pod: { restartPolicy: "Never" },
  });
  const metadata = {
    labels: { ...labels(component.name), ...component.pod?.podLabels },
    annotations: component.pod?.podAnnotations,
  };
  // All that Kubernetes lets nobody change in a Job: a GitOps tool could apply another one of the same name to none.
  const plain = pulumi.output(template.spec).apply((spec) =>
    createHash("sha256")
      .update(JSON.stringify([component.run, metadata, spec]))
      .digest("hex")
      .slice(0, 8),
  );
  const name = component.repeatsForSecrets
    ? pulumi.interpolate`${component.name}-${plain}-${checksum}`
    : pulumi.interpolate`${component.name}-${plain}`;
  return new k8s.batch.v1.Job(
    component.name,
    {
      metadata: place.metadata(name, component.name),
      spec: {
        backoffLimit: RETRIES,
        activeDeadlineSeconds: component.deadlineSeconds,
        // No time to live: a Job that vanished would be run again by the next `pulumi up --refresh`.
        template: {
          ...template,
          // Without the secrets' checksum: a new password alone must not replace a finished Job.
          metadata,
        },
      },
    },
    {
      ...place.after([...dependsOn, ...after]),
      // A Job that failed stays failed: the next `pulumi up` runs another one in its place instead of waiting for it.
      replaceOnChanges: ["*"],
      // Of the same name, so after it; also in a move to another cluster, where the one that is left has done its work.
      deleteBeforeReplace: true,
      customTimeouts: { create: `${component.deadlineSeconds + 60}s` },
    },
  );
}
