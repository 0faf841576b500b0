import { SECURITY_GROUP } from "../ec2/securityGroups";
import { sameVpc, subnetsOf, zonesOf } from "../ec2/subnets";
import { statements } from "../policyDocuments";
import type { ValidateContext } from "../record";
import { refusals, when, type Refusal } from "../rules";
import { bucketTypes, findBucket } from "../s3/buckets";
import { block, blocks, flag, hasUnknown, isGiven, text, texts } from "../values";
import { api } from "./names";
import type { Properties } from "../../provider/types";

const CREATE = api("CreateLoadBalancer");
const SUBNETS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html";
const LOGS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html";

type Kind = "application" | "network" | "gateway";

/** Kind of a load balancer; an application load balancer unless it says otherwise. */
export function kindOf(inputs: Properties): Kind {
  const kind = text(inputs.loadBalancerType);
  return kind === "network" || kind === "gateway" ? kind : "application";
}

/** Subnets given as a list, as mappings, or both ways in parts. */
export function subnetIds({ subnets, subnetMappings }: Properties): string[] {
  return [...texts(subnets), ...blocks(subnetMappings).flatMap((mapping) => text(mapping.subnetId) ?? [])];
}

/** Whether a VPC's traffic can reach the Internet. */
function hasInternetGateway({ world }: ValidateContext, vpcId: string): boolean {
  return ["aws:ec2/internetGateway:InternetGateway", "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment"]
    .flatMap((type) => world.list(type))
    .some(({ properties }) => properties.vpcId === vpcId);
}

/** What Elastic Load Balancing refuses of a load balancer's subnets. */
export function network(context: ValidateContext): Refusal {
  const { world, inputs, preview } = context;
  if (hasUnknown(inputs.subnets) || hasUnknown(inputs.subnetMappings)) return undefined;
  const ids = subnetIds(inputs);
  const subnets = subnetsOf(world, ids);
  // In a preview some are still to be made, or not known to be there.
  if (subnets.length < ids.length) return undefined;
  const application = kindOf(inputs) === "application";
  const zones = zonesOf(world, ids);
  const vpcId = text(subnets[0]?.properties.vpcId) ?? "";
  return refusals(
    when(ids.length === 0, "ValidationError", "At least one subnet must be specified", CREATE),
    when(
      application && ids.length > 0 && zones.length < 2,
      "ValidationError",
      `At least two subnets in two different Availability Zones must be specified: ${ids.join(", ")} is in ${zones.join(", ")}`,
      SUBNETS,
    ),
    when(
      zones.length < subnets.length,
      "InvalidConfigurationRequest",
      `A load balancer cannot be attached to multiple subnets in the same Availability Zone: ${ids.join(", ")}`,
      SUBNETS,
    ),
    sameVpc(world, ids, "InvalidSubnet", SUBNETS),
    when(
      !preview && flag(inputs.internal) !== true && vpcId !== "" && !hasInternetGateway(context, vpcId),
      "InvalidSubnet",
      `VPC ${vpcId} has no internet gateway: make one, or set internal`,
      CREATE,
    ),
  );
}

/** What it refuses of its security groups. */
export function securityGroups({ world, inputs }: ValidateContext): Refusal {
  const groups = texts(inputs.securityGroups);
  const vpcId = text(subnetsOf(world, subnetIds(inputs))[0]?.properties.vpcId);
  const strangers = groups.filter((id) => {
    const group = world.get(SECURITY_GROUP, id);
    return group !== undefined && vpcId !== undefined && group.properties.vpcId !== vpcId;
  });
  return refusals(
    when(groups.length > 5, "InvalidConfigurationRequest", "a load balancer has at most 5 security groups", CREATE),
    when(
      strangers.length > 0,
      "InvalidConfigurationRequest",
      `One or more security groups are invalid: ${strangers.join(", ")} is not in ${vpcId ?? ""}, the VPC of the subnets`,
      CREATE,
    ),
    when(
      kindOf(inputs) === "gateway" && isGiven(inputs.securityGroups),
      "InvalidConfigurationRequest",
      "a Gateway Load Balancer has no security groups",
      CREATE,
    ),
  );
}

/** A log's bucket must let Elastic Load Balancing write, which it tries when it is switched on. */
export function logs({ world, inputs, preview }: ValidateContext, property: "accessLogs" | "connectionLogs"): Refusal {
  const { bucket, enabled } = block(inputs[property]);
  const name = text(bucket);
  if (name === undefined || flag(enabled) !== true || preview) return undefined;
  const policies = world
    .list("aws:s3/bucketPolicy:BucketPolicy")
    .filter(({ properties }) => properties.bucket === name);
  const inline = bucketTypes.flatMap((type) => world.get(type, name)?.properties.policy ?? []);
  const writable = [...policies.map(({ properties }) => properties.policy), ...inline].some((policy) =>
    (statements(policy) ?? []).some(
      ({ effect, actions }) =>
        effect === "Allow" && actions.some((action) => ["s3:PutObject", "s3:Put*", "s3:*", "*"].includes(action)),
    ),
  );
  return when(
    findBucket(world, name) === undefined || !writable,
    "InvalidConfigurationRequest",
    `${property}: Access Denied for bucket: ${name}. Please check S3bucket permission: it must exist, and its policy ` +
      "let Elastic Load Balancing do s3:PutObject",
    LOGS,
  );
}
