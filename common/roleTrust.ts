import * as aws from "@pulumi/aws";
import type { OutputName, OutputValue } from "./contract";
import type { Caller } from "./ownConfig";
import { reasonOf, type Problems } from "./problems";
import { podServiceAccounts, type PodRoleName, type ServiceAccount } from "./shared";

/** A service that must be allowed to take a role on, and how. */
interface ServiceTrust {
  /** `eks.amazonaws.com`; pods that get roles by EKS Pod Identity: `pods.eks.amazonaws.com`. */
  readonly service: string;
  readonly actions: readonly string[];
}

/** Pods that must be allowed to take a role on with the token of their service account (IRSA). */
interface WebIdentityTrust {
  readonly serviceAccount: ServiceAccount;
  /** The cluster's provider; without one, any provider will do. */
  readonly oidcProviderArn: string | undefined;
}

/** Who must be allowed to take a role on. */
export type Trust = ServiceTrust | WebIdentityTrust;

/** What EKS Pod Identity asks of a role. Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html */
const podIdentity: ServiceTrust = {
  service: "pods.eks.amazonaws.com",
  actions: ["sts:AssumeRole", "sts:TagSession"],
};

/** Trust in a plain AWS service. @param tagging Whether it tags its sessions: EKS does in Auto Mode. */
export function serviceTrust(service: string, tagging = false): ServiceTrust {
  return { service, actions: ["sts:AssumeRole", ...(tagging ? ["sts:TagSession"] : [])] };
}

/**
 * Trust in the pods of one of 01-iam's roles.
 * @param oidcProviderArn The cluster's provider, where it is known; only IRSA has one.
 */
export function podTrust(
  podCredentials: OutputValue<"iam", "podCredentials">,
  role: PodRoleName,
  oidcProviderArn?: string,
): Trust {
  if (podCredentials === "PodIdentity") return podIdentity;
  return { serviceAccount: podServiceAccounts[role], oidcProviderArn };
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
    const statements = allowing(role.assumeRolePolicy);
    const refusal = "service" in trust ? serviceRefusal(statements, trust) : webIdentityRefusal(statements, trust);
    if (refusal !== undefined) problems.add(`${key}: role ${name} does not let ${refusal}`);
  } catch (error) {
    problems.add(`${key}: no role ${name} can be read (${reasonOf(error)}); create it, or correct ${key}`);
  }
}

/**
 * Checks every role of `iam` that is for pods. With IRSA a role must trust the provider of this very cluster: one that was
 * destroyed and made again has another.
 */
export async function checkPodRoles(
  iam: Readonly<Partial<Record<OutputName<"iam">, string>>>,
  clusterName: string,
  caller: Caller,
  problems: Problems,
): Promise<void> {
  const podCredentials = iam.podCredentials === "IRSA" ? "IRSA" : "PodIdentity";
  const provider = podCredentials === "IRSA" ? await oidcProviderOf(clusterName, caller, problems) : undefined;
  await Promise.all(
    (Object.keys(podServiceAccounts) as PodRoleName[]).map(async (role) => {
      const arn = iam[role];
      if (arn !== undefined) await checkRoleTrust(role, arn, podTrust(podCredentials, role, provider), problems);
    }),
  );
}

/** ARN of the provider that a cluster's tokens are checked with, whether or not IAM has it. */
async function oidcProviderOf(name: string, caller: Caller, problems: Problems): Promise<string | undefined> {
  try {
    const { identities } = await aws.eks.getCluster({ name });
    const issuer = identities[0]?.oidcs[0]?.issuer;
    return issuer && `arn:${caller.partition}:iam::${caller.account}:oidc-provider/${issuer.replace("https://", "")}`;
  } catch (error) {
    problems.add(`podCredentials is IRSA, and cluster ${name} can't be read (${reasonOf(error)}); correct clusterName`);
    return undefined;
  }
}

function serviceRefusal(statements: readonly TrustStatement[], { service, actions }: ServiceTrust): string | undefined {
  const allowed = statements
    .filter(({ Principal }) => list(Principal?.Service).includes(service))
    .flatMap(({ Action }) => list(Action));
  const missing = actions.filter((action) => !allowed.some((one) => covers(one, action)));
  if (missing.length === 0) return undefined;
  return `${service} use it; allow ${missing.join(" and ")} in its trust policy`;
}

function webIdentityRefusal(
  statements: readonly TrustStatement[],
  { serviceAccount: { namespace, name }, oidcProviderArn }: WebIdentityTrust,
): string | undefined {
  const subject = `system:serviceaccount:${namespace}:${name}`;
  const isLet = ({ Principal, Action, Condition }: TrustStatement) => {
    const federated = list(Principal?.Federated).filter((one) => one.includes(":oidc-provider/"));
    const provider = oidcProviderArn === undefined ? federated[0] : federated.find((one) => one === oidcProviderArn);
    if (provider === undefined) return false;
    const issuer = provider.slice(provider.indexOf("/") + 1);
    const subjects = [Condition?.["StringEquals"], Condition?.["StringLike"]].flatMap((one) =>
      list(one?.[`${issuer}:sub`]),
    );
    return (
      list(Action).some((one) => covers(one, "sts:AssumeRoleWithWebIdentity")) &&
      subjects.some((one) => matches(one, subject))
    );
  };
  if (statements.some(isLet)) return undefined;
  const provider = oidcProviderArn ?? "the cluster's OIDC provider";
  return (
    `${subject} use it; allow sts:AssumeRoleWithWebIdentity to ${provider} with this subject in its trust policy, or ` +
    `set oidcProviderArn in 01-iam and run \`pulumi up\` there`
  );
}

/** A trust policy as anybody may have written it. */
interface TrustPolicy {
  readonly Statement?: TrustStatement | readonly TrustStatement[];
}

type OneOrMore = string | readonly string[];

interface TrustStatement {
  readonly Effect: string;
  readonly Principal?: { readonly Service?: OneOrMore; readonly Federated?: OneOrMore };
  readonly Action?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

function allowing(policy: string): readonly TrustStatement[] {
  const { Statement } = JSON.parse(policy) as TrustPolicy;
  return list(Statement).filter(({ Effect }) => Effect === "Allow");
}

function covers(pattern: string, action: string): boolean {
  return pattern === action || pattern === "*" || pattern === "sts:*";
}

/** IAM's pattern match: `*` for any characters, `?` for one. */
function matches(pattern: string, value: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`).test(value);
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
