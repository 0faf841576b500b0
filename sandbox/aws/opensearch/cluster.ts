import { SECURITY_GROUP } from "../ec2/securityGroups";
import { sameVpc, subnetsOf, zonesOf } from "../ec2/subnets";
import type { ValidateContext } from "../record";
import { between, oneOf, refusals, when, type Refusal } from "../rules";
import { block, flag, hasUnknown, isGiven, number, text, texts } from "../values";
import { hasDisks, isBurstable, isInstanceType, TYPES, VOLUMES, volumeSizes } from "./instanceTypes";
import type { Properties } from "../../provider/types";

const VPC = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html";
const ZONES = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html";
const MASTERS =
  "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-dedicatedmasternodes.html";
const WARM = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ultrawarm.html";
const LIMITS = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html";
const CODE = "ValidationException";

/** What the API takes when none is given: docs.aws.amazon.com/opensearch-service/latest/APIReference/API_ClusterConfig.html */
const DEFAULT_TYPE = "m4.large.search";
/** Quota of data nodes per domain; a burstable type's is lower. */
const [MOST_NODES, MOST_BURSTABLE_NODES] = [80, 10];

/** In how many zones the nodes are, by the configuration. */
function zoneCount(cluster: Properties): number {
  if (flag(cluster.zoneAwarenessEnabled) !== true) return 1;
  return number(block(cluster.zoneAwarenessConfig).availabilityZoneCount) ?? 2;
}

/** Data nodes: their type, their number, their zones. */
export function dataNodes({ inputs }: ValidateContext): Refusal {
  const cluster = block(inputs.clusterConfig);
  const type = text(cluster.instanceType);
  const [count, zones] = [number(cluster.instanceCount) ?? 1, zoneCount(cluster)];
  const most = isBurstable(type ?? "") ? MOST_BURSTABLE_NODES : MOST_NODES;
  const autoTuned = text(block(inputs.autoTuneOptions).desiredState) === "ENABLED";
  return refusals(
    unknownType("instanceType", type),
    when(
      count < 1 || count > most,
      "LimitExceededException",
      `instanceCount is ${count}: ${type ?? "a domain"} has 1 to ${most} data nodes`,
      LIMITS,
    ),
    when(
      flag(cluster.zoneAwarenessEnabled) === true && zones !== 2 && zones !== 3,
      CODE,
      `zoneAwarenessConfig.availabilityZoneCount is ${zones}: choose 2 or 3, or switch zoneAwarenessEnabled off for 1`,
      ZONES,
    ),
    when(
      zones > 1 && count % zones !== 0,
      CODE,
      `You must choose an even number of data nodes for ${zones} Availability Zones: ${count} is no multiple of ${zones}`,
      ZONES,
    ),
    when(
      flag(cluster.multiAzWithStandbyEnabled) === true &&
        (zones !== 3 || flag(cluster.dedicatedMasterEnabled) !== true),
      CODE,
      "multiAzWithStandbyEnabled needs three zones and dedicated masters",
      ZONES,
    ),
    when(
      autoTuned && isBurstable(type ?? ""),
      CODE,
      `Auto-Tune is not supported on ${type ?? ""}: choose another type, or leave autoTuneOptions out`,
      "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/auto-tune.html",
    ),
  );
}

function unknownType(property: string, type: string | undefined): Refusal {
  return when(
    type !== undefined && !isInstanceType(type),
    CODE,
    `${property} ${type ?? ""} is none that OpenSearch Service has: they are like r7g.large.search`,
    TYPES,
  );
}

/** The nodes that lead, and those that keep what is seldom asked for. */
export function otherNodes({ inputs }: ValidateContext): Refusal {
  const cluster = block(inputs.clusterConfig);
  const masters = flag(cluster.dedicatedMasterEnabled) === true;
  const warm = flag(cluster.warmEnabled) === true;
  const [type, master] = [text(cluster.instanceType) ?? "", text(cluster.dedicatedMasterType)];
  return refusals(
    unknownType("dedicatedMasterType", master),
    masters
      ? oneOf("dedicatedMasterCount", cluster.dedicatedMasterCount ?? 0, [3, 5], CODE, MASTERS)
      : when(
          isGiven(cluster.dedicatedMasterType) || isGiven(cluster.dedicatedMasterCount),
          CODE,
          "dedicatedMasterType and dedicatedMasterCount go with dedicatedMasterEnabled",
          MASTERS,
        ),
    when(
      warm && (!masters || !isGiven(cluster.warmType) || !isGiven(cluster.warmCount)),
      CODE,
      "warmEnabled needs dedicated masters, warmType and warmCount",
      WARM,
    ),
    when(warm && isBurstable(type), CODE, `UltraWarm is not supported on ${type}`, WARM),
    oneOf(
      "warmType",
      cluster.warmType,
      ["ultrawarm1.medium.search", "ultrawarm1.large.search", "ultrawarm1.xlarge.search"],
      CODE,
      WARM,
    ),
    between("warmCount", cluster.warmCount, 2, 150, CODE, WARM),
  );
}

/** Where the nodes' addresses are: one subnet for each zone, all of one VPC. */
export function placement({ inputs, world }: ValidateContext): Refusal {
  const vpc = block(inputs.vpcOptions);
  if (!isGiven(inputs.vpcOptions) || hasUnknown(inputs.vpcOptions) || hasUnknown(vpc.subnetIds)) return undefined;
  const [subnets, groups] = [texts(vpc.subnetIds), texts(vpc.securityGroupIds)];
  const zones = zoneCount(block(inputs.clusterConfig));
  const allThere = subnetsOf(world, subnets).length === subnets.length;
  return refusals(
    when(
      subnets.length !== zones,
      CODE,
      `You must specify exactly ${zones} subnet${zones === 1 ? "" : "s"}, one for each Availability Zone: vpcOptions.subnetIds has ${subnets.length}`,
      VPC,
    ),
    when(
      allThere && zonesOf(world, subnets).length < subnets.length,
      CODE,
      `vpcOptions.subnetIds: each must be in another Availability Zone, ${subnets.join(", ")} are not`,
      VPC,
    ),
    sameVpc(world, [...subnets, ...groups.filter((id) => world.get(SECURITY_GROUP, id))], CODE, VPC),
  );
}

/** The nodes' volumes, which all types need but those with disks of their own. */
export function storage({ inputs }: ValidateContext): Refusal {
  const ebs = block(inputs.ebsOptions);
  const enabled = flag(ebs.ebsEnabled) === true;
  const type = text(block(inputs.clusterConfig).instanceType) ?? DEFAULT_TYPE;
  const kind = text(ebs.volumeType) ?? "gp2";
  const { smallest, largest } = volumeSizes(type);
  const size = number(ebs.volumeSize);
  return refusals(
    when(
      !enabled && !hasDisks(type),
      CODE,
      `EBS storage must be selected for ${type}: set ebsOptions.ebsEnabled and volumeSize`,
      VOLUMES,
    ),
    when(enabled && hasDisks(type), CODE, `${type} has disks of its own and takes no EBS volume`, TYPES),
    when(enabled && !isGiven(ebs.volumeSize), CODE, "ebsOptions needs volumeSize, in GiB", VOLUMES),
    when(
      size !== undefined && (size < smallest || size > largest),
      "LimitExceededException",
      `Volume size must be between ${smallest} and ${largest} for ${kind} volume type and ${type} instance type: it is ${size ?? 0}`,
      VOLUMES,
    ),
    oneOf("ebsOptions.volumeType", ebs.volumeType, ["gp2", "gp3", "io1", "standard"], CODE, VOLUMES),
    when(kind === "io1" && !isGiven(ebs.iops), CODE, "ebsOptions needs iops for io1", VOLUMES),
    kind === "gp3" ? between("ebsOptions.iops", ebs.iops, 3000, 80_000, CODE, VOLUMES) : undefined,
    kind === "gp3" ? between("ebsOptions.throughput", ebs.throughput, 125, 4000, CODE, VOLUMES) : undefined,
    when(kind === "gp2" && isGiven(ebs.iops), CODE, "iops go with gp3 and io1 volumes", VOLUMES),
    when(kind !== "gp3" && isGiven(ebs.throughput), CODE, "throughput goes with gp3 volumes", VOLUMES),
  );
}
