import type * as pulumi from "@pulumi/pulumi";
import { asked, shared } from "@selfhosted/common";
import type { Service } from "../components";
import type { ServiceConfig } from "../config";
import type { Edge } from "../loadBalancer";
import { addressOf, makeDiscoverable } from "./discovery";
import { logGroup } from "./logs";
import { runOnce } from "./oneShots";
import { makePlace } from "./place";
import { makeRunner } from "./runner";
import { makeServer, makeWorker } from "./services";

/** Where the console's server side reaches the API. */
export function apiAddress(config: ServiceConfig): string {
  return addressOf(config);
}

/**
 * The service on ECS Fargate, in the order in which it can come up: the API's database user, then the migrations, then
 * the servers. A migration that fails stops here and leaves the running version alone.
 * @returns what is there once this version serves.
 */
export function run(config: ServiceConfig, service: Service, edge: Edge): pulumi.Resource[] {
  const place = makePlace(config);
  const runner = makeRunner(config, place);
  const databaseUser = service.databaseUser ? [runOnce(config, place, runner, service.databaseUser, [])] : [];
  const migrations = service.migrations ? [runOnce(config, place, runner, service.migrations, databaseUser)] : [];
  // Why newer ones failed is read after the way back, too.
  if (!service.migrations) logGroup(config, place, shared.serviceAccounts.migrations);
  const jobs = [...databaseUser, ...migrations];
  const after = [...jobs, ...edge.attachments];
  const taskRoleArn = asked(config.upstream.iam.apiTaskRoleArn, "the API's role");
  const api = makeServer(config, place, service.api, {
    targetGroup: edge.targetGroups.api,
    taskRoleArn,
    registry: makeDiscoverable(config, service.api),
    after,
  });
  const app = makeServer(config, place, service.console, { targetGroup: edge.targetGroups.console, after });
  if (!service.jobs) return [api, app];
  return [api, app, makeWorker(config, place, service.jobs, { taskRoleArn, after: [...jobs, api] })];
}
