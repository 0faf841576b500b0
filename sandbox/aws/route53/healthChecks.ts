import { isIP } from "node:net";
import { uuid } from "../naming";
import type { ResourceRecord } from "../record";
import { between, oneOf, refusals, when } from "../rules";
import { hasUnknown, isGiven, text, texts } from "../values";

const SOURCE = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html";
const CODE = "InvalidInput";

const endpointTypes = ["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"];
const types = [...endpointTypes, "CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"];
const regions = "us-east-1 us-west-1 us-west-2 eu-west-1 ap-southeast-1 ap-southeast-2 ap-northeast-1 sa-east-1".split(
  " ",
);

const healthCheck: ResourceRecord = {
  type: "aws:route53/healthCheck:HealthCheck",
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/route53/healthcheck/",
  id: ({ world }) => uuid(world.newHexId("check", 32)),
  replaceOn: ["type", "requestInterval", "measureLatency", "referenceName"],
  defaults: { disabled: false, measureLatency: false, invertHealthcheck: false },
  errors: { notFound: "NoSuchHealthCheck" },
  outputs: ({ id, partition }) => ({ arn: `arn:${partition}:route53:::healthcheck/${id}` }),
  validate: ({ inputs }) => {
    const type = text(inputs.type) ?? "";
    const checkers = texts(inputs.regions);
    const ip = text(inputs.ipAddress);
    return refusals(
      oneOf("type", inputs.type, types, CODE, SOURCE),
      between("failureThreshold", inputs.failureThreshold, 1, 10, CODE, SOURCE),
      oneOf("requestInterval", inputs.requestInterval, [10, 30], CODE, SOURCE),
      between("port", inputs.port, 1, 65_535, CODE, SOURCE),
      when(ip !== undefined && isIP(ip) === 0, CODE, `ipAddress ${ip ?? ""} is no IP address`, SOURCE),
      when(
        endpointTypes.includes(type) && !isGiven(inputs.fqdn) && !isGiven(inputs.ipAddress),
        CODE,
        `a check of type ${type} needs fqdn or ipAddress`,
        SOURCE,
      ),
      when(type === "TCP" && !isGiven(inputs.port), CODE, "a check of type TCP needs a port", SOURCE),
      when(
        type.endsWith("_STR_MATCH") !== isGiven(inputs.searchString),
        CODE,
        "searchString goes with the types HTTP_STR_MATCH and HTTPS_STR_MATCH",
        SOURCE,
      ),
      when(
        type === "CALCULATED" && !isGiven(inputs.childHealthchecks),
        CODE,
        "a check of type CALCULATED needs childHealthchecks",
        SOURCE,
      ),
      when(
        type === "CLOUDWATCH_METRIC" && !(isGiven(inputs.cloudwatchAlarmName) && isGiven(inputs.cloudwatchAlarmRegion)),
        CODE,
        "a check of type CLOUDWATCH_METRIC needs cloudwatchAlarmName and cloudwatchAlarmRegion",
        SOURCE,
      ),
      when(
        checkers.length > 0 && checkers.length < 3 && !hasUnknown(inputs.regions),
        CODE,
        "give three regions at least, or none for all",
        SOURCE,
      ),
      ...checkers.map((checker) => oneOf("regions", checker, regions, CODE, SOURCE)),
    );
  },
  seconds: { create: 2 },
};

export const healthCheckRecords: readonly ResourceRecord[] = [healthCheck];
