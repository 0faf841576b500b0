import { parseCidr, usableAddresses } from "../cidr";
import { sameVpc, subnetsOf, zonesOf } from "../ec2/subnets";
import { SECURITY_GROUP } from "../ec2/securityGroups";
import { arn, digest, dnsSuffix } from "../naming";
import type { CreateContext, ResourceRecord, ValidateContext } from "../record";
import { region as regionOf } from "../regions";
import { between, oneOf, refusals, taken, when, type Refusal } from "../rules";
import { statements } from "../policyDocuments";
import { bucketTypes, findBucket } from "../s3/buckets";
import { block, blocks, flag, hasUnknown, isGiven, text, texts } from "../values";
import {
  api,
  lbName,
  LISTENER,
  listenersOf,
  LISTENER_CERTIFICATE,
  LOAD_BALANCER,
  registry,
  RULE,
  rulesOf,
} from "./names";
import type { Properties } from "../../provider/types";

const CREATE = api("CreateLoadBalancer");
const ATTRIBUTES = api("LoadBalancerAttribute");
const SUBNETS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html";
const LOGS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html";
/** Addresses that every subnet of a load balancer must have to spare. */
const FREE_ADDRESSES = 8;

type Kind = "application" | "network" | "gateway";

function kindOf(inputs: Properties): Kind {
  const kind = text(inputs.loadBalancerType);
  return kind === "network" || kind === "gateway" ? kind : "application";
}

/** Subnets given as a list, as mappings, or both ways in parts. */
function subnetIds({ subnets, subnetMappings }: Properties): string[] {
  return [...texts(subnets), ...blocks(subnetMappings).flatMap((mapping) => text(mapping.subnetId) ?? [])];
}

function outputs(context: CreateContext & { id: string }): Properties {
  const { inputs, id, region, world } = context;
  const kind = kindOf(inputs);
  const name = text(inputs.name) ?? "";
  const internal = flag(inputs.internal) === true;
  const suffix = dnsSuffix(context);
  const { alb, nlb } = regionOf(region).hostedZones;
  const number = (BigInt(`0x${digest(id, 16)}`) % 9_000_000_000n) + 1_000_000_000n;
  const vpcId = text(subnetsOf(world, subnetIds(inputs))[0]?.properties.vpcId) ?? "";
  const defaultGroup = world.find(SECURITY_GROUP, (group) => group.ownedBy === vpcId)?.id;
  const given = texts(inputs.securityGroups);
  return {
    arn: id,
    arnSuffix: id.split(":loadbalancer/").at(-1) ?? "",
    dnsName:
      kind === "application"
        ? `${internal ? "internal-" : ""}${name}-${number}.${region}.elb.${suffix}`
        : `${name}-${id.split("/").at(-1) ?? ""}.elb.${region}.${suffix}`,
    zoneId: kind === "application" ? alb : nlb,
    vpcId,
    internal,
    subnets: subnetIds(inputs),
    securityGroups: given.length > 0 || kind !== "application" || !defaultGroup ? given : [defaultGroup],
    ipAddressType: text(inputs.ipAddressType) ?? "ipv4",
  };
}

/** Whether a VPC's traffic can reach the Internet. */
function hasInternetGateway({ world }: ValidateContext, vpcId: string): boolean {
  return ["aws:ec2/internetGateway:InternetGateway", "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment"]
    .flatMap((type) => world.list(type))
    .some(({ properties }) => properties.vpcId === vpcId);
}

function network(context: ValidateContext): Refusal {
  const { world, inputs, preview } = context;
  if (hasUnknown(inputs.subnets) || hasUnknown(inputs.subnetMappings)) return undefined;
  const ids = subnetIds(inputs);
  const subnets = subnetsOf(world, ids);
  // In a preview some are still to be made, or not known to be there.
  if (subnets.length < ids.length) return undefined;
  const application = kindOf(inputs) === "application";
  const zones = zonesOf(world, ids);
  const vpcId = text(subnets[0]?.properties.vpcId) ?? "";
  const small = subnets.filter(({ properties }) => {
    const cidr = parseCidr(text(properties.cidrBlock) ?? "");
    return cidr !== undefined && usableAddresses(cidr) < FREE_ADDRESSES;
  });
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
      small.length > 0,
      "InvalidSubnet",
      `Not enough IP space available in ${small.map(({ id }) => id).join(", ")}: ELB requires at least ${FREE_ADDRESSES} free addresses in each subnet`,
      SUBNETS,
    ),
    when(
      !preview && flag(inputs.internal) !== true && vpcId !== "" && !hasInternetGateway(context, vpcId),
      "InvalidSubnet",
      `VPC ${vpcId} has no internet gateway: make one, or set internal`,
      CREATE,
    ),
  );
}

function securityGroups({ world, inputs }: ValidateContext): Refusal {
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
function logs({ world, inputs, preview }: ValidateContext, property: "accessLogs" | "connectionLogs"): Refusal {
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

const loadBalancer: ResourceRecord = {
  type: LOAD_BALANCER,
  source: registry("loadbalancer"),
  id: (context) => {
    const short = { application: "app", network: "net", gateway: "gwy" }[kindOf(context.inputs)];
    const suffix = `${short}/${text(context.inputs.name) ?? ""}/${context.world.newHexId("x", 16).slice(2)}`;
    return arn(context, "elasticloadbalancing", `loadbalancer/${suffix}`);
  },
  autoname: { property: "name", maxLength: 32 },
  defaults: {
    loadBalancerType: "application",
    internal: false,
    enableDeletionProtection: false,
    enableHttp2: true,
    enableCrossZoneLoadBalancing: true,
    enableWafFailOpen: false,
    enableXffClientPort: false,
    enableTlsVersionAndCipherSuiteHeaders: false,
    enableZonalShift: false,
    dropInvalidHeaderFields: false,
    preserveHostHeader: false,
    desyncMitigationMode: "defensive",
    xffHeaderProcessingMode: "append",
    idleTimeout: 60,
    clientKeepAlive: 3600,
  },
  references: [
    { path: "subnets[]", to: "aws:ec2/subnet:Subnet" },
    { path: "subnetMappings[].subnetId", to: "aws:ec2/subnet:Subnet" },
    { path: "securityGroups[]", to: SECURITY_GROUP },
  ],
  replaceOn: ["name", "namePrefix", "internal", "loadBalancerType", "customerOwnedIpv4Pool"],
  errors: { notFound: "LoadBalancerNotFound", inUse: "ResourceInUse" },
  outputs,
  validate: (context) => {
    const { inputs } = context;
    const name = text(inputs.name);
    return refusals(
      lbName(name, CREATE),
      when(
        name?.startsWith("internal-") === true,
        "ValidationError",
        `name "${name ?? ""}" must not begin with internal-`,
        CREATE,
      ),
      oneOf(
        "loadBalancerType",
        inputs.loadBalancerType,
        ["application", "network", "gateway"],
        "ValidationError",
        CREATE,
      ),
      oneOf(
        "ipAddressType",
        inputs.ipAddressType,
        ["ipv4", "dualstack", "dualstack-without-public-ipv4"],
        "ValidationError",
        CREATE,
      ),
      when(
        isGiven(inputs.subnets) && isGiven(inputs.subnetMappings),
        "ValidationError",
        "give subnets or subnetMappings, not both",
        CREATE,
      ),
      between("idleTimeout", inputs.idleTimeout, 1, 4000, "InvalidConfigurationRequest", ATTRIBUTES),
      between("clientKeepAlive", inputs.clientKeepAlive, 60, 604_800, "InvalidConfigurationRequest", ATTRIBUTES),
      oneOf(
        "desyncMitigationMode",
        inputs.desyncMitigationMode,
        ["monitor", "defensive", "strictest"],
        "InvalidConfigurationRequest",
        ATTRIBUTES,
      ),
      oneOf(
        "xffHeaderProcessingMode",
        inputs.xffHeaderProcessingMode,
        ["append", "preserve", "remove"],
        "InvalidConfigurationRequest",
        ATTRIBUTES,
      ),
      network(context),
      securityGroups(context),
      logs(context, "accessLogs"),
      logs(context, "connectionLogs"),
    );
  },
  conflicts: (context) => refusals(taken(context, LOAD_BALANCER, "name", "DuplicateLoadBalancerName", CREATE)),
  blocksDeletion: ({ id, properties }) =>
    when(
      flag(properties.enableDeletionProtection) === true,
      "OperationNotPermitted",
      `Load balancer '${id}' cannot be deleted because deletion protection is enabled: set enableDeletionProtection to ` +
        "false and run `pulumi up` first",
      api("DeleteLoadBalancer"),
    ),
  // Its listeners go with a load balancer, and with them their rules.
  onDelete: ({ world, id }) => {
    for (const listener of listenersOf(world, id)) {
      for (const rule of rulesOf(world, listener.id)) world.remove(RULE, rule.id);
      for (const one of world.list(LISTENER_CERTIFICATE)) {
        if (one.properties.listenerArn === listener.id) world.remove(LISTENER_CERTIFICATE, one.id);
      }
      world.remove(LISTENER, listener.id);
    }
    return Promise.resolve();
  },
  seconds: { create: 155, delete: 30 },
};

export const loadBalancerRecords: readonly ResourceRecord[] = [loadBalancer];
