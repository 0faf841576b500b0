import { trusts } from "./policyDocuments";
import type { ValidateContext } from "./record";
import { when, type Refusal } from "./rules";
import { text } from "./values";
import type { Value } from "../provider/types";

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
