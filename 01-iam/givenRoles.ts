import { checkRoleTrust, contract, Problems, type OutputName } from "@selfhosted/common";
import type { IamConfig } from "./config";
import type { RoleSpec } from "./roleTable";

/**
 * Looks up every role given by hand: it must exist and trust whom its job needs.
 * @throws pulumi.RunError with all problems, before anything is made.
 */
export async function checkGivenRoles({ given }: IamConfig, table: Record<OutputName<"iam">, RoleSpec>): Promise<void> {
  const problems = new Problems();
  await Promise.all(
    (Object.keys(table) as OutputName<"iam">[]).map(async (key) => {
      const arn = given[key];
      const trust = neededTrust(table[key]);
      if (arn !== undefined && trust) await checkRoleTrust(key, arn, trust, problems);
    }),
  );
  problems.throwIfAny(contract.iam.project);
}

function neededTrust({ trust }: RoleSpec) {
  const [statement] = trust.Statement;
  if (!statement || !("Service" in statement.Principal)) return undefined;
  return { service: statement.Principal.Service, actions: [statement.Action].flat() };
}
