import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { asked, podRole, shared } from "@selfhosted/common";
import type { OneShot, Service } from "../components";
import type { ServiceConfig } from "../config";
import type { Edge } from "../loadBalancer";
import { serving } from "../podTls";
import { runOnce } from "./jobs";
import { makeNamespace, selectorLabels } from "./namespace";
import { makeNetworkPolicies } from "./networkPolicies";
import { addressOf, makeServer, makeWorker } from "./servers";

/** Where the console's server side reaches the API. */
export function apiAddress({ settings }: ServiceConfig): string {
  return addressOf(shared.serviceAccounts.api, serving(settings).protocol);
}

/**
 * The service on EKS, in the order in which it can come up: the API's database user, then the migrations, then the
 * pods. A migration that fails stops here and leaves the running version alone.
 * @returns what is there once this version serves.
 */
export function run(config: ServiceConfig, service: Service, edge: Edge): pulumi.Resource[] {
  const { upstream, tags, names } = config;
  const { apiRoleArn, podCredentials } = upstream.iam;
  sayWhereLogsAre(config, service);
  const places = makeNamespace(config);
  makeNetworkPolicies(config, places.at("base"), service);
  const salt = new random.RandomPassword("checksum", { length: 32, special: false }).result;
  const databaseUser = service.databaseUser
    ? [runOnce(config, places.at("database-user"), service.databaseUser, salt, [])]
    : [];
  const migrations = service.migrations
    ? [runOnce(config, places.at("migrations"), service.migrations, salt, databaseUser)]
    : [];
  const jobs = [...databaseUser, ...migrations];
  const role = podRole(
    "api",
    {
      role: "apiRoleArn",
      roleArn: asked(apiRoleArn, "the API's role"),
      podCredentials: asked(podCredentials, "how pods get roles"),
      clusterName: asked(upstream.cluster, "the cluster").clusterName,
      tags: { ...tags, Name: names.of("api") },
    },
    places.records,
  );
  const place = places.at("service");
  const after = [...jobs, ...edge.attachments];
  const api = makeServer(config, place, service.api, salt, edge.targetGroups.api, after, role);
  const app = makeServer(config, place, service.console, salt, edge.targetGroups.console, after);
  if (!service.jobs) return [api, app];
  // As the API's own account, which comes with it: the role is bound to that and no other.
  const serviceAccountName = shared.serviceAccounts.api;
  return [api, app, makeWorker(config, place, service.jobs, salt, [...jobs, api], { ...role, serviceAccountName })];
}

/** A Job's failure names the Job alone, so whoever watches an upgrade hears beforehand where it tells more. */
function sayWhereLogsAre({ before, settled, settings }: ServiceConfig, service: Service): void {
  const isSettled = before.version === settled.version && before.schema === settled.schema;
  if (!service.migrations || isSettled || settings.deliver === "gitops" || pulumi.runtime.isDryRun()) return;
  const logsOf = ({ name }: OneShot) => {
    const selector = Object.entries(selectorLabels(name)).map(([label, value]) => `${label}=${value}`);
    return `kubectl logs -n ${shared.serviceNamespace} -l ${selector.join()} --tail=-1`;
  };
  const first = service.databaseUser ? `; of the Job before them: ${logsOf(service.databaseUser)}` : "";
  void pulumi.log.info(
    `The migrations of ${settled.version} run before its pods start. Their log, above all if they fail: ` +
      `${logsOf(service.migrations)}${first}`,
  );
}
