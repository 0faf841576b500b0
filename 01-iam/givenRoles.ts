import { checkRoleTrust, contract, podTrust, Problems, shared } from "@selfhosted/common";
import type { IamConfig } from "./config";
import type { RoleName, RoleSpec } from "./roleTable";

/**
 * Looks up every role given by hand: it must exist and trust whom its job needs.
 * @throws pulumi.RunError with all problems, before anything is made.
 */
export async function checkGivenRoles(
  { given, settings }: IamConfig,
  table: Record<RoleName, RoleSpec>,
): Promise<void> {
  const problems = new Problems();
  await Promise.all(
    Object.entries(table).map(async ([output, spec]) => {
      const arn = given[output as RoleName];
      if (arn !== undefined) await checkRoleTrust(output, arn, neededTrust(output, spec), problems);
    }),
  );
  problems.throwIfAny(contract.iam.project);

  function neededTrust(output: string, { trust }: RoleSpec) {
    const [statement] = trust.Statement;
    if (statement && "Service" in statement.Principal) {
      return { service: statement.Principal.Service, actions: [statement.Action].flat() };
    }
    return podTrust("IRSA", output as shared.PodRoleName, settings.oidcProviderArn);
  }
}
