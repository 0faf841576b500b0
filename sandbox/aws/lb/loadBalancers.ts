import { subnetsOf } from "../ec2/subnets";
import { SECURITY_GROUP } from "../ec2/securityGroups";
import { arn, digest, dnsSuffix } from "../naming";
import type { CreateContext, ResourceRecord } from "../record";
import { region as regionOf } from "../regions";
import { between, oneOf, refusals, taken, when } from "../rules";
import { flag, isGiven, text, texts } from "../values";
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
import { kindOf, logs, network, securityGroups, subnetIds } from "./placement";
import type { Properties } from "../../provider/types";

const WEB_ACL_ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation";
const CREATE = api("CreateLoadBalancer");
const ATTRIBUTES = api("LoadBalancerAttribute");

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
  // Its listeners go with a load balancer, and with them their rules; so does its place under a web ACL.
  onDelete: ({ world, id }) => {
    for (const association of world.list(WEB_ACL_ASSOCIATION)) {
      if (association.properties.resourceArn === id) world.remove(WEB_ACL_ASSOCIATION, association.id);
    }
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
