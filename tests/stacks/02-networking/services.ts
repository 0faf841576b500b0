/** Services whose endpoints a network without NAT can't do without. */
export const INDISPENSABLE = [
  "ec2",
  "ecr.api",
  "ecr.dkr",
  "eks",
  "eks-auth",
  "elasticloadbalancing",
  "kms",
  "logs",
  "sts",
];

/** Names of services by which a look-up of VPC endpoints filters. */
export function serviceNames(inputs: Record<string, unknown>): string[] {
  const filters = inputs["filters"] as { name: string; values: string[] }[];
  return filters.filter(({ name }) => name === "service-name").flatMap(({ values }) => values);
}
