import type { NameRule } from "../rules";

export const CLUSTER = "aws:ecs/cluster:Cluster";
export const TASK = "aws:ecs/taskDefinition:TaskDefinition";

/** What ECS lets its names be. */
export const ecsName = (property: string): NameRule => ({ property, maxLength: 255, pattern: /^[A-Za-z0-9_-]+$/ });

/** A type's page in the Pulumi registry. */
export const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/ecs/${name}/`;
