/** What the AWS provider needs to make, read, change, tag and delete resources of one type, or to answer a look-up. */
export interface Grant {
  /** `ec2:CreateVpc`; exactly as AWS writes them. */
  readonly actions: readonly string[];
  /** Services to which a role is handed when such a resource is made (iam:PassRole). */
  readonly passesRolesTo?: readonly string[];
  /** Services that make their service-linked role the first time such a resource is made in an account. */
  readonly linkedRolesOf?: readonly string[];
  /** Actions on a KMS key that a service takes in the caller's name, and under this condition only. */
  readonly keysThroughServices?: readonly string[];
}

/** By Pulumi's type or function token: `aws:ec2/vpc:Vpc`, `aws:ec2/getVpc:getVpc`. */
export type Grants = Readonly<Record<string, Grant>>;

/** `of("ec2", "CreateVpc", "DeleteVpc")`: actions of one service. */
export function of(service: string, ...names: readonly string[]): string[] {
  return names.map((name) => `${service}:${name}`);
}
