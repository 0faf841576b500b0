import * as pulumi from "@pulumi/pulumi";
import type { Component } from "../components";
import type { ServiceConfig } from "../config";
import { keepInSecretsManager } from "../managedSecret";
import { byPlace, type SecretSource } from "../secretSources";
import { variableOf } from "./files";
import type { Place } from "./place";

/** One variable whose value Fargate's agent fetches when it starts the task. */
export interface SecretVariable {
  readonly name: string;
  readonly valueFrom: pulumi.Output<string>;
}

/** A component's secret variables, kept outside its task definition. */
export interface TaskSecrets {
  readonly variables: readonly SecretVariable[];
  /** Contents of its files, for who writes them (`files.ts`). */
  readonly files: readonly SecretVariable[];
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
  const { environment, files = {} } = component;
  const contents = byPlace(
    Object.fromEntries(Object.entries(files).map(([path, secret]) => [variableOf(path), secret])),
  );
  const values = { ...environment.secret, ...contents.values };
  const written =
    Object.keys(values).length === 0 ? undefined : keepInSecretsManager(config, component.name, values, place.keyArn);
  const version = written?.version.versionId ?? pulumi.output("");
  const places: readonly SecretVariable[] = [
    ...Object.keys(values).map((name) => ({
      name,
      valueFrom: pulumi.interpolate`${written?.secret.arn}:${name}::${version}`,
    })),
    ...Object.entries({ ...environment.kept, ...contents.kept }).map(([name, source]) => ({
      name,
      valueFrom: placeOf(source),
    })),
  ];
  const isContent = ({ name }: SecretVariable) => name in contents.values || name in contents.kept;
  return { variables: places.filter((one) => !isContent(one)), files: places.filter(isContent), version };
}

/** What somebody else keeps in Secrets Manager, as a task definition names it: its newest version at every start. */
function placeOf(source: SecretSource): pulumi.Output<string> {
  if (!("secretArn" in source)) throw new Error("a Kubernetes Secret on Fargate; this stack's config.ts is wrong");
  const { secretArn, jsonKey } = source;
  return pulumi.output(jsonKey === undefined ? secretArn : `${secretArn}:${jsonKey}::`);
}
