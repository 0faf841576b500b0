import { program } from "@selfhosted/common";
import type * as pulumi from "@pulumi/pulumi";
import { readIamConfig } from "./config";
import { checkGiven } from "./given";
import { makeRole } from "./roles";
import { roleTable, type RoleName } from "./roleTable";

export = program("iam", async () => {
  const config = await readIamConfig();
  const table = roleTable(config);
  await checkGiven(config, table);

  // Each role on its own: one given by hand is published as it is, all others are made.
  const arns = Object.fromEntries(
    Object.entries(table).map(([output, spec]) => [output, config.given[output as RoleName] ?? makeRole(config, spec)]),
  ) as Record<RoleName, pulumi.Input<string>>;
  const hasProvider = config.settings.oidcProviderArn !== undefined;
  const podCredentials = hasProvider ? ("IRSA" as const) : ("PodIdentity" as const);
  const { baseName, installation, caller } = config;
  return { ...arns, podCredentials, baseName, installation, region: caller.region };
});
