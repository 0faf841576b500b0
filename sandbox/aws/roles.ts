import { statements, trusts } from "./policyDocuments";
import type { ValidateContext } from "./record";
import { when, type Refusal } from "./rules";
import { text } from "./values";
import { fits } from "./wildcards";
import type { Value } from "../provider/types";
import type { World } from "../world";

/**
 * Refuses a role that doesn't exist, or that the service may not take on.
 * @param value The role's ARN, as a program gives it.
 * @param service E.g. `eks.amazonaws.com`.
 */
export function roleFor(
  { world, preview }: Pick<ValidateContext, "world" | "preview">,
  property: string,
  value: Value | undefined,
  service: string,
  code: string,
  source: string,
): Refusal {
  const roleArn = text(value);
  if (roleArn === undefined || preview) return undefined;
  const role = world.find("aws:iam/role:Role", (object) => object.properties.arn === roleArn);
  if (!role) return when(true, code, `${property}: the role ${roleArn} does not exist`, source);
  return when(
    !trusts(role.properties.assumeRolePolicy, service),
    code,
    `${property}: the trust policy of ${role.id} doesn't allow ${service} sts:AssumeRole`,
    source,
  );
}

/**
 * Whether a role's own inline policies allow an action on a resource. Conditions are taken to hold, and AWS's managed
 * policies aren't known here: for actions that only the role's own policy can grant.
 */
export function allowsAction(world: World, roleArn: string, action: string, resource: string): boolean {
  const role = world.find("aws:iam/role:Role", ({ properties }) => properties.arn === roleArn);
  if (!role) return false;
  return world
    .list("aws:iam/rolePolicy:RolePolicy")
    .filter(({ properties }) => properties.role === role.id)
    .flatMap(({ properties }) => statements(properties.policy) ?? [])
    .some(
      ({ effect, actions, resources }) =>
        effect === "Allow" &&
        actions.some((pattern) => fits(pattern, action)) &&
        resources.some((pattern) => fits(pattern, resource)),
    );
}
