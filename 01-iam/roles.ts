import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { IamConfig } from "./config";
import { scopeOf } from "./policies/scope";
import type { RoleSpec } from "./roleTable";

/**
 * Makes one role. Its policies are separate resources: a role's own `managedPolicyArns` and `inlinePolicies` are
 * exclusive lists that would fight with attachments on the next refresh.
 */
export function makeRole(config: IamConfig, spec: RoleSpec): pulumi.Output<string> {
  const { settings, names, tags } = config;
  const role = new aws.iam.Role(spec.name, {
    name: names.role(spec.name),
    description: spec.description,
    path: settings.rolePath,
    permissionsBoundary: settings.permissionsBoundaryArn,
    assumeRolePolicy: JSON.stringify(spec.trust),
    // What others attached by hand shall not block `pulumi destroy`.
    forceDetachPolicies: true,
    tags: { ...tags, Name: names.role(spec.name) },
  });
  for (const policy of spec.managedPolicies ?? []) {
    new aws.iam.RolePolicyAttachment(`${spec.name}-${baseName(policy)}`, {
      role: role.name,
      policyArn: scopeOf(config).managedPolicyArn(policy),
    });
  }
  for (const [name, policy] of Object.entries(spec.policies ?? {})) {
    new aws.iam.RolePolicy(`${spec.name}-${name}`, { role: role.name, name, policy: JSON.stringify(policy) });
  }
  return role.arn;
}

function baseName(policy: string): string {
  return policy.slice(policy.lastIndexOf("/") + 1);
}
