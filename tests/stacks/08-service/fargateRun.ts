import type { Run, RunOptions } from "../../support/mocks";
import { runService } from "./run";

export const TASK = "aws:ecs/taskDefinition:TaskDefinition";
export const SERVICE = "aws:ecs/service:Service";
export const SECRET = "aws:secretsmanager/secretVersion:SecretVersion";
export const SERVERS = ["pulumi-api", "pulumi-console"];
export const ONE_SHOTS = ["pulumi-database-user", "pulumi-migrations"];
export const ALL = [...SERVERS, ...ONE_SHOTS];

export type Json = Record<string, unknown>;

/** A container of a task definition, as the tests look at it. */
export interface Container extends Json {
  readonly name: string;
  readonly environment: { readonly name: string; readonly value: string }[];
  readonly secrets: { readonly name: string; readonly valueFrom: string }[];
}

/** Runs 08-service on Fargate; 03 and 04 are never deployed. */
export function runFargate(config: Json = {}, options: RunOptions = {}): Promise<Run> {
  return runService(
    { platform: "fargate", ...config },
    { ...options, upstream: { cluster: false, clusterServices: false, ...options.upstream } },
  );
}

/** The containers of a component's task, its own first. */
export function containersOf(of: Run, name: string): [Container, ...Container[]] {
  return JSON.parse(String(of.one(TASK, name).inputs["containerDefinitions"])) as [Container, ...Container[]];
}

export function inputs(of: Run, type: string, name: string): Json {
  return of.one(type, name).inputs;
}
