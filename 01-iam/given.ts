import * as aws from "@pulumi/aws";
import { checkRoleTrust, contract, podTrust, Problems, reasonOf, shared, type Trust } from "@selfhosted/common";
import type { IamConfig } from "./config";
import type { RoleName, RoleSpec } from "./roleTable";

/**
 * Looks up what was given by hand: roles must exist and trust whom their job needs, the OIDC provider must accept the
 * cluster's tokens, the permissions boundary must exist.
 * @throws pulumi.RunError with all problems, before anything is made.
 */
export async function checkGiven({ given, settings }: IamConfig, table: Record<RoleName, RoleSpec>): Promise<void> {
  const { oidcProviderArn, permissionsBoundaryArn } = settings;
  const problems = new Problems();
  await Promise.all([
    ...(Object.keys(table) as RoleName[]).map(async (output) => {
      const arn = given[output];
      const trust = neededTrust(output, table[output], oidcProviderArn);
      if (arn !== undefined) await checkRoleTrust(output, arn, trust, problems);
    }),
    oidcProviderArn === undefined ? undefined : checkProvider(oidcProviderArn, problems),
    permissionsBoundaryArn === undefined ? undefined : checkBoundary(permissionsBoundaryArn, problems),
  ]);
  problems.throwIfAny(contract.iam.project);
}

/** The trust that the role would get if it were made here. */
function neededTrust(output: RoleName, { trust }: RoleSpec, oidcProviderArn: string | undefined): Trust {
  const [statement] = trust.Statement;
  if (statement && "Service" in statement.Principal) {
    return { service: statement.Principal.Service, actions: [statement.Action].flat() };
  }
  return podTrust("IRSA", output as shared.PodRoleName, oidcProviderArn);
}

/** EKS asks for this audience in the tokens it mounts into pods. */
const AUDIENCE = "sts.amazonaws.com";

async function checkProvider(arn: string, problems: Problems): Promise<void> {
  try {
    const { clientIdLists } = await aws.iam.getOpenIdConnectProvider({ arn });
    if (clientIdLists.includes(AUDIENCE)) return;
    problems.add(
      `oidcProviderArn: ${arn} does not know the audience ${AUDIENCE}; run \`aws iam add-client-id-to-open-id-connect-provider ` +
        `--open-id-connect-provider-arn ${arn} --client-id ${AUDIENCE}\``,
    );
  } catch (error) {
    problems.add(
      `oidcProviderArn: ${arn} can't be read (${reasonOf(error)}); make it with \`aws iam create-open-id-connect-provider ` +
        `--url https://${arn.slice(arn.indexOf("/") + 1)} --client-id-list ${AUDIENCE}\`, or correct it`,
    );
  }
}

async function checkBoundary(arn: string, problems: Problems): Promise<void> {
  try {
    await aws.iam.getPolicy({ arn });
  } catch (error) {
    problems.add(`permissionsBoundaryArn: ${arn} can't be read (${reasonOf(error)}); create the policy, or correct it`);
  }
}
