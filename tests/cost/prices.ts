/**
 * What AWS charges in us-east-1, on demand, in US dollars, as other people's tables gave it between March and November
 * 2026: each line names AWS's own page, to hold it against before an offer is written. An hour's price counts for the
 * {@link HOURS} hours that AWS itself takes for a month.
 */
export const HOURS = 730;

/** https://aws.amazon.com/ec2/pricing/on-demand/, an hour (Linux). */
export const instances: Readonly<Record<string, number>> = {
  "t3.medium": 0.0416,
  "t3.large": 0.0832,
  "t3a.medium": 0.0376,
  "t3a.large": 0.0752,
  "t4g.medium": 0.0336,
  "t4g.large": 0.0672,
  "m6a.large": 0.0864,
  "m6a.xlarge": 0.1728,
  "m7g.large": 0.0816,
  "m7g.xlarge": 0.1632,
};

/** https://aws.amazon.com/rds/aurora/pricing/ (Aurora MySQL, standard storage), an hour. */
export const databaseInstances: Readonly<Record<string, number>> = {
  "db.t4g.medium": 0.073,
  "db.t4g.large": 0.146,
  "db.r6g.large": 0.26,
  "db.r7g.large": 0.276,
};

/** https://aws.amazon.com/opensearch-service/pricing/, an hour. */
export const searchInstances: Readonly<Record<string, number>> = {
  "t3.small.search": 0.036,
  "t3.medium.search": 0.073,
  "m6g.large.search": 0.128,
  "r6g.large.search": 0.167,
};

/** https://aws.amazon.com/fargate/pricing/ (Linux), an hour of a vCPU and of a GB, by processor. */
export const tasks: Readonly<Record<string, { readonly cpu: number; readonly gb: number }>> = {
  X86_64: { cpu: 0.04048, gb: 0.004445 },
  ARM64: { cpu: 0.03238, gb: 0.00356 },
};

export const prices = {
  /** https://aws.amazon.com/eks/pricing/, an hour and cluster, by what support its version is in. */
  eksHour: { standard: 0.1, extended: 0.6 },
  /** https://aws.amazon.com/vpc/pricing/ */
  natHour: 0.045,
  natGb: 0.045,
  publicIpHour: 0.005,
  interfaceEndpointHour: 0.01,
  interfaceEndpointGb: 0.01,
  /** https://aws.amazon.com/elasticloadbalancing/pricing/ */
  albHour: 0.0225,
  lcuHour: 0.008,
  /** https://aws.amazon.com/ebs/pricing/, gp3, a GB and month. */
  diskGbMonth: 0.08,
  /** https://aws.amazon.com/rds/aurora/pricing/ */
  auroraGbMonth: 0.1,
  auroraMillionIo: 0.2,
  acuHour: 0.12,
  /** https://aws.amazon.com/opensearch-service/pricing/, gp3, a GB and month. */
  searchDiskGbMonth: 0.122,
  /** https://aws.amazon.com/kms/pricing/; each of the first two rotations adds as much again. */
  keyMonth: 1,
  /** https://aws.amazon.com/secrets-manager/pricing/ */
  secretMonth: 0.4,
  /** https://aws.amazon.com/cloudwatch/pricing/ */
  logGb: 0.5,
  logGbMonth: 0.03,
  alarmMonth: 0.1,
  /** https://aws.amazon.com/s3/pricing/ */
  objectsGbMonth: 0.023,
  /** https://aws.amazon.com/route53/pricing/, a check of an AWS endpoint over HTTPS. */
  healthCheckMonth: 1.5,
  zoneMonth: 0.5,
} as const;

/** What is used where the resource doesn't say it, a month: a team of some dozen people. Generous rather than exact. */
export const usage = {
  /** Through all NAT gateways: images and calls of AWS's APIs; S3 goes past them. */
  natGb: 50,
  /** Through each interface endpoint. */
  endpointGb: 5,
  /** Load balancer capacity units, the largest of 25 new connections a second, 1 GB an hour and so on. */
  lcus: 0.5,
  auroraGb: 20,
  auroraMillionIos: 10,
  /** What db.serverless runs at, over its least capacity. */
  acusOverMinimum: 0.5,
  /** In all log groups whose component isn't named. */
  logGb: 0.5,
  logGbOf: { "control-plane": 3, "flow-logs": 4 } as Readonly<Record<string, number>>,
  /** In each bucket that isn't named. */
  objectsGb: 5,
  objectsGbOf: { checkpoints: 50 } as Readonly<Record<string, number>>,
} as const;
