import * as aws from "@pulumi/aws";
import { reasonOf, type Problems } from "./problems";

/** A service that must be allowed to take a role on, and how. */
export interface Trust {
  /** `eks.amazonaws.com`; pods that get roles by EKS Pod Identity: `pods.eks.amazonaws.com`. */
  readonly service: string;
  readonly actions: readonly string[];
}

/** What EKS Pod Identity asks of a role. Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html */
export const podIdentity: Trust = {
  service: "pods.eks.amazonaws.com",
  actions: ["sts:AssumeRole", "sts:TagSession"],
};

/** Trust in a plain AWS service. */
export function serviceTrust(service: string): Trust {
  return { service, actions: ["sts:AssumeRole"] };
}

/**
 * Looks a role up: it must exist under this very ARN and trust whom its job needs, which AWS would tell only when a node
 * or a pod fails to start.
 */
export async function checkRoleTrust(key: string, arn: string, trust: Trust, problems: Problems): Promise<void> {
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  try {
    const role = await aws.iam.getRole({ name });
    if (role.arn !== arn) problems.add(`${key}: role ${name} is ${role.arn}, not ${arn}; correct the path`);
    const allowed = allowedActions(role.assumeRolePolicy, trust.service);
    const missing = trust.actions.filter((action) => !allowed.some((one) => covers(one, action)));
    if (missing.length > 0) {
      problems.add(
        `${key}: role ${name} does not let ${trust.service} use it; allow ${missing.join(" and ")} in its trust policy`,
      );
    }
  } catch (error) {
    problems.add(`${key}: no role ${name} can be read (${reasonOf(error)}); create it, or correct ${key}`);
  }
}

/** A trust policy as anybody may have written it. */
interface TrustPolicy {
  readonly Statement?: TrustStatement | readonly TrustStatement[];
}

interface TrustStatement {
  readonly Effect: string;
  readonly Principal?: { readonly Service?: string | readonly string[] };
  readonly Action?: string | readonly string[];
}

function allowedActions(policy: string, service: string): string[] {
  const { Statement = [] } = JSON.parse(policy) as TrustPolicy;
  return list(Statement)
    .filter(({ Effect, Principal }) => Effect === "Allow" && list(Principal?.Service ?? []).includes(service))
    .flatMap(({ Action = [] }) => list(Action));
}

function covers(pattern: string, action: string): boolean {
  return pattern === action || pattern === "*" || pattern === "sts:*";
}

function list<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
