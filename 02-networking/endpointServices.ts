/** AWS services that private subnets can reach without the internet, by the names of their interface endpoints. */
export const endpointServices = [
  ...(["autoscaling", "ec2", "ecr.api", "ecr.dkr", "ecs", "eks", "eks-auth", "elasticloadbalancing", "kms"] as const),
  ...(["logs", "monitoring", "secretsmanager", "sqs", "ssm", "ssmmessages", "sts", "xray"] as const),
] as const;

/** One of them. */
export type EndpointService = (typeof endpointServices)[number];

/** What nodes, controllers and the service call: without NAT, each of them needs its endpoint. */
export const indispensableEndpoints: readonly EndpointService[] = [
  ...(["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "kms", "logs", "sts"] as const),
];
