import * as pulumi from "@pulumi/pulumi";
import type { Component } from "../components";
import type { ServiceConfig } from "../config";
import { keepInSecretsManager } from "../managedSecret";
import type { SecretSource } from "../secretSources";
import type { Place } from "./place";

/** One variable whose value Fargate's agent fetches when it starts the task. */
export interface SecretVariable {
  readonly name: string;
  readonly valueFrom: pulumi.Output<string>;
}

/** A component's secret variables, kept outside its task definition. */
export interface TaskSecrets {
  readonly variables: readonly SecretVariable[];
  /** Changes with any value; tells nothing about it. */
  readonly version: pulumi.Output<string>;
}

/**
 * Keeps a component's secret variables in one secret of Secrets Manager, a JSON object. The task definition names its
 * version: another value is another version, so another task definition, so another rollout; and going back to the old
 * definition goes back to the old values. The execution role may read secrets of this installation's names (01-iam).
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
export function keepSecrets(config: ServiceConfig, place: Place, component: Component): TaskSecrets {
  const values = component.environment.secret;
  const elsewhere = Object.entries(component.environment.kept).map(([name, source]) => ({
    name,
    valueFrom: placeOf(source),
  }));
  if (Object.keys(values).length === 0) return { variables: elsewhere, version: pulumi.output("") };
  const { secret, version } = keepInSecretsManager(config, component.name, values, place.keyArn);
  const { versionId } = version;
  return {
    variables: [
      ...Object.keys(values).map((name) => ({
        name,
        valueFrom: pulumi.interpolate`${secret.arn}:${name}::${versionId}`,
      })),
      ...elsewhere,
    ],
    version: versionId,
  };
}

/** What somebody else keeps in Secrets Manager, as a task definition names it: its newest version at every start. */
function placeOf(source: SecretSource): pulumi.Output<string> {
  if (!("secretArn" in source)) throw new Error("a Kubernetes Secret on Fargate; this stack's config.ts is wrong");
  const { secretArn, jsonKey } = source;
  return pulumi.output(jsonKey === undefined ? secretArn : `${secretArn}:${jsonKey}::`);
}
