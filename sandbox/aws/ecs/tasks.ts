import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "../../schemas";
import { findSecret } from "../secretsmanager";
import { allowsAction } from "../roles";
import { isBlock, block, blocks, number, text } from "../values";
import type { Properties } from "../../provider/types";
import type { World, WorldObject } from "../../world";
import { CLUSTER, TASK } from "./names";
import { containersOf } from "./taskDefinitions";

/** How a task goes wrong on request: an entry of `<home>/faults.json`. */
export interface TaskFault {
  /** Beginning of a task definition's family. */
  readonly task?: string;
  /** End of an image reference: `service:3.46.0`. */
  readonly image?: string;
  readonly exitCode?: number;
  /** Why the container didn't start; without an exit code it never ran. */
  readonly reason?: string;
  /** How often somebody looks at the task before it ends; then, without the two above, it succeeds. */
  readonly looks?: number;
}

let sandboxHome: string | undefined;

/** Where faults are asked for; the daemon says so, once. */
export function useTaskFaults(home: string): void {
  sandboxHome = home;
}

function faults(): readonly TaskFault[] {
  const file = join(sandboxHome ?? "", "faults.json");
  if (sandboxHome === undefined || !existsSync(file)) return [];
  return JSON.parse(readFileSync(file, "utf8")) as TaskFault[];
}

/** How a task of this definition ends that runs to its end. */
export function endingOf(world: World, definition: WorldObject): Ending | undefined {
  const failure = failureOf(world, definition);
  if (failure || sandboxHome === undefined) return failure;
  for (const container of containersOf(definition.properties) ?? []) {
    const variables = blocks(container.environment).map(
      ({ name, value }) => [text(name) ?? "", text(value) ?? ""] as const,
    );
    const failed = migrate(sandboxHome, text(container.image) ?? "", new Map(variables));
    if (failed !== undefined) return { container: text(container.name) ?? "", exitCode: 1 };
  }
  return undefined;
}

/** How a task of this definition would end: not at all (a server that runs), or with an exit code or a reason. */
export interface Ending {
  readonly container: string;
  readonly exitCode?: number;
  readonly reason?: string;
}

/** The newest revision of a family, or the revision that an ARN or `family:revision` names. */
export function findDefinition(world: World, name: string): WorldObject | undefined {
  const all = world.list(TASK).filter(({ id, properties }) => {
    return id === name || properties.arn === name || properties.family === name;
  });
  return all.sort((a, b) => (number(b.properties.revision) ?? 0) - (number(a.properties.revision) ?? 0))[0];
}

/**
 * What keeps a task from starting or makes it fail: a log group or secret that isn't there, an execution role that may not
 * read them, or a fault that was asked for; undefined when nothing does.
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
export function failureOf(world: World, definition: WorldObject): Ending | undefined {
  const { properties } = definition;
  const execution = text(properties.executionRoleArn) ?? "";
  for (const container of containersOf(properties) ?? []) {
    const name = text(container.name) ?? "";
    const reason = unready(world, execution, container);
    if (reason !== undefined) return { container: name, reason: `ResourceInitializationError: ${reason}` };
    const fault = faults().find(
      (one) => (one.exitCode ?? one.reason) !== undefined && isFor(one, properties, container),
    );
    if (fault) return { container: name, exitCode: fault.exitCode, reason: fault.reason };
  }
  return undefined;
}

/** How often somebody looks at a task of this definition before it ends. */
export function looksAt({ properties }: WorldObject): number {
  const [container = {}] = containersOf(properties) ?? [];
  return faults().find((one) => one.looks !== undefined && isFor(one, properties, container))?.looks ?? 0;
}

function isFor({ task, image }: TaskFault, { family }: Properties, container: Properties): boolean {
  return (
    (task !== undefined && (text(family) ?? "").startsWith(task)) ||
    (image !== undefined && (text(container.image) ?? "").endsWith(image))
  );
}

function unready(world: World, executionRole: string, container: Properties): string | undefined {
  const log = block(container.logConfiguration);
  const options = block(log.options);
  const group = text(options["awslogs-group"]);
  if (group !== undefined && options["awslogs-create-group"] !== "true") {
    if (!world.get("aws:cloudwatch/logGroup:LogGroup", group)) return `log group ${group} does not exist`;
  }
  const credentials = text(block(container.repositoryCredentials).credentialsParameter);
  const named = [...blocks(container.secrets), ...blocks(log.secretOptions)].map(
    ({ valueFrom }) => text(valueFrom) ?? "",
  );
  for (const reference of [...named, ...(credentials === undefined ? [] : [credentials])]) {
    if (!reference.includes(":secretsmanager:")) continue;
    const [arn, key, , version] = partsOf(reference);
    const secret = findSecret(world, arn);
    if (!secret) return `Secrets Manager can't find the specified secret ${arn}`;
    if (!allowsAction(world, executionRole, "secretsmanager:GetSecretValue", arn)) {
      return `AccessDeniedException: ${executionRole} is not authorized to perform: secretsmanager:GetSecretValue on resource: ${arn}`;
    }
    const versions = world
      .list("aws:secretsmanager/secretVersion:SecretVersion")
      .filter(({ properties }) => properties.secretId === secret.id);
    const value = versions.filter(({ properties }) => version === "" || properties.versionId === version).at(-1);
    if (!value) return `Secrets Manager can't find the specified secret value for VersionId: ${version}`;
    if (key !== "" && !(key in members(value.properties.secretString))) {
      return `retrieved secret from Secrets Manager did not contain json key ${key}`;
    }
  }
  return undefined;
}

/** ARN, JSON key, version stage and version id: `arn:aws:secretsmanager:region:account:secret:name:key:stage:id`. */
function partsOf(reference: string): [arn: string, key: string, stage: string, version: string] {
  const parts = reference.split(":");
  const [key = "", stage = "", version = ""] = parts.slice(7);
  return [parts.slice(0, 7).join(":"), key, stage, version];
}

function members(secret: Properties[string] | undefined): Properties {
  try {
    const value = JSON.parse(text(secret) ?? "{}") as Properties[string];
    return isBlock(value) ? value : {};
  } catch {
    return {};
  }
}

/** The cluster of this name or ARN. */
export function findCluster(world: World, nameOrArn: string): WorldObject | undefined {
  return world.find(CLUSTER, ({ id, properties }) => id === nameOrArn || properties.name === nameOrArn);
}
