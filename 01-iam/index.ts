import { program, type OutputName, type Published } from "@selfhosted/common";
import type * as pulumi from "@pulumi/pulumi";
import { readIamConfig } from "./config";
import { checkGivenRoles } from "./givenRoles";
import { makeRole } from "./roles";
import { roleTable } from "./roleTable";

export = program("iam", async () => {
  const config = await readIamConfig();
  const table = roleTable(config);
  await checkGivenRoles(config, table);

  // Each role on its own: one given by hand is published as it is, all others are made.
  const arns: Partial<Record<OutputName<"iam">, pulumi.Input<string>>> = {};
  for (const output of Object.keys(table) as OutputName<"iam">[]) {
    arns[output] = config.given[output] ?? makeRole(config, table[output]);
  }
  return arns as Published<"iam">;
});
