import * as aws from "@pulumi/aws";
import { contract, Problems, type OutputName } from "@selfhosted/common";
import type { IamConfig } from "./config";
import type { RoleSpec } from "./roleTable";

/**
 * Looks up every role given by hand: it must exist and trust whom its job needs, which AWS would tell only when a pod
 * or a database fails to start.
 * @throws pulumi.RunError with all problems, before anything is made.
 */
export async function checkGivenRoles(config: IamConfig, table: Record<OutputName<"iam">, RoleSpec>): Promise<void> {
  const problems = new Problems();
  await Promise.all(
    (Object.keys(table) as OutputName<"iam">[]).map(async (key) => {
      const arn = config.given[key];
      if (arn === undefined) return;
      const name = arn.slice(arn.lastIndexOf("/") + 1);
      try {
        const role = await aws.iam.getRole({ name });
        if (role.arn !== arn) problems.add(`${key}: role ${name} is ${role.arn}, not ${arn}; correct the path`);
        for (const { service, action } of missingTrust(table[key], role.assumeRolePolicy)) {
          problems.add(`${key}: role ${name} does not let ${service} use it; allow ${action} in its trust policy`);
        }
      } catch (error) {
        problems.add(
          `${key}: no role ${name} can be read (${reason(error)}); create it, or \`pulumi config rm ${key}\``,
        );
      }
    }),
  );
  problems.throwIfAny(contract.iam.project);
}

interface Trust {
  readonly service: string;
  readonly action: string;
}

function missingTrust(spec: RoleSpec, policy: string): Trust[] {
  const found = allowed(JSON.parse(policy) as TrustPolicy);
  return allowed(spec.trust).filter(
    (needed) => !found.some((one) => one.service === needed.service && covers(one.action, needed.action)),
  );
}

/** A trust policy as somebody else may have written it. */
interface TrustPolicy {
  readonly Statement: ForeignStatement | readonly ForeignStatement[];
}

interface ForeignStatement {
  readonly Effect: string;
  readonly Principal?: { readonly Service?: string | readonly string[]; readonly Federated?: string };
  readonly Action: string | readonly string[];
}

function allowed(policy: TrustPolicy): Trust[] {
  return list(policy.Statement)
    .filter((statement) => statement.Effect === "Allow")
    .flatMap(({ Principal, Action }) =>
      list(Principal?.Service ?? []).flatMap((service) => list(Action).map((action) => ({ service, action }))),
    );
}

function covers(pattern: string, action: string): boolean {
  return pattern === action || pattern === "*" || pattern === "sts:*";
}

function list<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

function reason(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
