import { arn } from "../naming";
import type { ResourceRecord, ValidateContext } from "../record";
import { between, oneOf, refusals, taken, when, type Refusal } from "../rules";
import { block, flag, isGiven, number, text } from "../values";
import { api, lbName, registry, suffixOf, TARGET_GROUP } from "./names";
import type { Properties } from "../../provider/types";

const CREATE = api("CreateTargetGroup");
const ATTRIBUTES = api("TargetGroupAttribute");
const CODE = "ValidationError";

const protocols = ["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC", "GENEVE"];
const isHttp = (protocol: string | undefined) => protocol === "HTTP" || protocol === "HTTPS";

/** Where a target group's health checks begin, by its protocol. */
function defaultHealthCheck(inputs: Properties): Properties {
  const http = isHttp(text(inputs.protocol));
  return {
    enabled: true,
    protocol: http ? "HTTP" : "TCP",
    port: "traffic-port",
    interval: 30,
    timeout: http ? 5 : 10,
    healthyThreshold: http ? 5 : 3,
    unhealthyThreshold: http ? 2 : 3,
    ...(http ? { path: "/", matcher: text(inputs.protocolVersion) === "GRPC" ? "12" : "200" } : {}),
  };
}

function healthCheck({ inputs }: ValidateContext): Refusal {
  const check = block(inputs.healthCheck);
  const [interval, timeout] = [number(check.interval) ?? 30, number(check.timeout) ?? 5];
  const protocol = text(check.protocol) ?? (text(inputs.protocol) === "HTTP" ? "HTTP" : undefined);
  const [path, matcher, port] = [text(check.path), text(check.matcher), text(check.port)];
  return refusals(
    between("healthCheck.interval", check.interval, 5, 300, CODE, CREATE),
    between("healthCheck.timeout", check.timeout, 2, 120, CODE, CREATE),
    between("healthCheck.healthyThreshold", check.healthyThreshold, 2, 10, CODE, CREATE),
    between("healthCheck.unhealthyThreshold", check.unhealthyThreshold, 2, 10, CODE, CREATE),
    oneOf("healthCheck.protocol", check.protocol, ["HTTP", "HTTPS", "TCP"], CODE, CREATE),
    when(
      isHttp(text(inputs.protocol)) && text(check.protocol) === "TCP",
      CODE,
      "health checks of an Application Load Balancer's targets use HTTP or HTTPS",
      CREATE,
    ),
    when(
      timeout >= interval,
      CODE,
      `Health check timeout '${timeout}' must be smaller than the interval '${interval}'`,
      CREATE,
    ),
    when(
      path !== undefined && (!path.startsWith("/") || path.length > 1024),
      CODE,
      `healthCheck.path "${path ?? ""}" must begin with / and have at most 1024 characters`,
      CREATE,
    ),
    when(
      matcher !== undefined && !/^\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*$/.test(matcher),
      CODE,
      `Health check matcher HTTP code '${matcher ?? ""}' must be codes like 200, 200,202 or 200-299`,
      CREATE,
    ),
    when(
      protocol === "TCP" && (path !== undefined || matcher !== undefined),
      CODE,
      "healthCheck.path and matcher go with the protocols HTTP and HTTPS",
      CREATE,
    ),
    when(
      port !== undefined && port !== "traffic-port" && !(Number(port) >= 1 && Number(port) <= 65_535),
      CODE,
      `healthCheck.port "${port ?? ""}" must be 1 to 65535 or traffic-port`,
      CREATE,
    ),
  );
}

function attributes({ inputs }: ValidateContext): Refusal {
  const slowStart = number(inputs.slowStart) ?? 0;
  const stickiness = block(inputs.stickiness);
  const allowed = isHttp(text(inputs.protocol)) ? ["lb_cookie", "app_cookie"] : ["source_ip", "source_ip_dest_ip"];
  const code = "InvalidConfigurationRequest";
  return refusals(
    between("deregistrationDelay", inputs.deregistrationDelay, 0, 3600, code, ATTRIBUTES),
    when(
      slowStart !== 0 && (slowStart < 30 || slowStart > 900),
      code,
      `slowStart is ${slowStart}: choose 30 to 900, or 0 for none`,
      ATTRIBUTES,
    ),
    oneOf(
      "stickiness.type",
      stickiness.type,
      flag(stickiness.enabled) === false ? [...allowed, ""] : allowed,
      code,
      ATTRIBUTES,
    ),
    between("stickiness.cookieDuration", stickiness.cookieDuration, 1, 604_800, code, ATTRIBUTES),
    oneOf(
      "loadBalancingAlgorithmType",
      inputs.loadBalancingAlgorithmType,
      ["round_robin", "least_outstanding_requests", "weighted_random"],
      code,
      ATTRIBUTES,
    ),
  );
}

const targetGroup: ResourceRecord = {
  type: TARGET_GROUP,
  source: registry("targetgroup"),
  id: (context) => {
    const suffix = `${text(context.inputs.name) ?? ""}/${context.world.newHexId("x", 16).slice(2)}`;
    return arn(context, "elasticloadbalancing", `targetgroup/${suffix}`);
  },
  autoname: { property: "name", maxLength: 32 },
  defaults: {
    targetType: "instance",
    deregistrationDelay: 300,
    slowStart: 0,
    loadBalancingAlgorithmType: "round_robin",
    loadBalancingCrossZoneEnabled: "use_load_balancer_configuration",
    proxyProtocolV2: false,
    connectionTermination: false,
    lambdaMultiValueHeadersEnabled: false,
  },
  // A VPC can go while a target group still names it.
  references: [{ path: "vpcId", to: "aws:ec2/vpc:Vpc", weak: true }],
  replaceOn: ["name", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "vpcId", "ipAddressType"],
  errors: { notFound: "TargetGroupNotFound", inUse: "ResourceInUse" },
  outputs: (context) => ({
    arn: context.id,
    arnSuffix: `targetgroup/${suffixOf(context.id)}`,
    loadBalancerArns: [],
    healthCheck: { ...defaultHealthCheck(context.inputs), ...block(context.inputs.healthCheck) },
    ...(isHttp(text(context.inputs.protocol))
      ? { protocolVersion: text(context.inputs.protocolVersion) ?? "HTTP1" }
      : {}),
    ipAddressType: text(context.inputs.ipAddressType) ?? "ipv4",
  }),
  validate: (context) => {
    const { inputs } = context;
    const lambda = text(inputs.targetType) === "lambda";
    const needed = ["port", "protocol", "vpcId"].filter((name) => !isGiven(inputs[name]));
    return refusals(
      lbName(text(inputs.name), CREATE),
      oneOf("targetType", inputs.targetType, ["instance", "ip", "lambda", "alb"], CODE, CREATE),
      oneOf("protocol", inputs.protocol, protocols, CODE, CREATE),
      oneOf("protocolVersion", inputs.protocolVersion, ["HTTP1", "HTTP2", "GRPC"], CODE, CREATE),
      between("port", inputs.port, 1, 65_535, CODE, CREATE),
      when(
        !lambda && needed.length > 0,
        CODE,
        `${needed.join(", ")} must be specified for targets of type ${text(inputs.targetType) ?? "instance"}`,
        CREATE,
      ),
      healthCheck(context),
      attributes(context),
    );
  },
  conflicts: (context) => refusals(taken(context, TARGET_GROUP, "name", "DuplicateTargetGroupName", CREATE)),
  seconds: { create: 2 },
};

const attachment: ResourceRecord = {
  type: "aws:lb/targetGroupAttachment:TargetGroupAttachment",
  source: registry("targetgroupattachment"),
  id: ({ world, inputs }) => `${text(inputs.targetGroupArn) ?? ""}-${world.newHexId("x", 26).slice(2)}`,
  references: [{ path: "targetGroupArn", to: TARGET_GROUP, by: "arn", weak: true }],
  replaceOn: ["targetGroupArn", "targetId", "port", "availabilityZone"],
  validate: ({ inputs }) => refusals(between("port", inputs.port, 1, 65_535, CODE, api("RegisterTargets"))),
  seconds: { create: 1 },
};

export const targetGroupRecords: readonly ResourceRecord[] = [targetGroup, attachment];
