import * as aws from "@pulumi/aws";
import * as random from "@pulumi/random";
import { shared } from "@selfhosted/common";
import { apiComponent, consoleComponent, databaseUserComponent, migrationsComponent } from "./components";
import type { ServiceConfig } from "./config";
import { DATABASE_USER_SCRIPT, databaseLogin } from "./databaseUser";
import { runOnce } from "./jobs";
import type { Edge } from "./loadBalancer";
import { makeNamespace } from "./namespace";
import { makeNetworkPolicies } from "./networkPolicies";
import { samlPair } from "./saml";
import { internalUrl, makeServer } from "./servers";

/**
 * The service on EKS, in the order in which it can come up: the API's database user, then the migrations, then the
 * pods. A migration that fails stops here and leaves the running version alone.
 */
export function runOnEks(config: ServiceConfig, edge: Edge): void {
  const { upstream, tags, names } = config;
  const place = makeNamespace(config);
  makeNetworkPolicies(config, place);
  const salt = new random.RandomPassword("checksum", { length: 32, special: false }).result;
  const login = databaseLogin(config);
  const databaseUser = login.made
    ? [
        runOnce(config, place, databaseUserComponent(config, login, DATABASE_USER_SCRIPT), salt, {
          dependsOn: [],
          withSecrets: true,
        }),
      ]
    : [];
  const migrations = runOnce(config, place, migrationsComponent(config), salt, {
    dependsOn: databaseUser,
    withSecrets: false,
  });
  const identity = new aws.eks.PodIdentityAssociation(
    "api",
    {
      clusterName: upstream.cluster.clusterName,
      namespace: place.namespace,
      serviceAccount: shared.serviceAccounts.api,
      roleArn: upstream.iam.apiRoleArn,
      tags: { ...tags, Name: names.of("api") },
    },
    place.records,
  );
  const api = apiComponent(config, login, samlPair(config));
  makeServer(config, place, api, salt, edge.targetGroups.api, [identity, migrations, ...edge.rules]);
  const app = consoleComponent(config, internalUrl(place, api.name));
  makeServer(config, place, app, salt, edge.targetGroups.console, [migrations, ...edge.rules]);
}
