import { subnetsOf, zonesOf } from "../ec2/subnets";
import { arn, digest, dnsSuffix } from "../naming";
import { policyDocument } from "../policyDocuments";
import type { CreateContext, ResourceRecord, ValidateContext } from "../record";
import { between, named, oneOf, refusals, taken, when, type NameRule, type Refusal } from "../rules";
import { block, flag, isGiven, text, texts } from "../values";
import { dataNodes, otherNodes, placement, storage } from "./cluster";
import { accessControl, encryption, logs } from "./security";
import { NEWEST, upgradeProblem, UPGRADES, versions } from "./versions";
import type { Properties } from "../../provider/types";

const DOMAIN = "aws:opensearch/domain:Domain";
const CREATE = "https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_CreateDomain.html";
const WINDOW = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/off-peak.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/opensearch/${name}/`;
const CODE = "ValidationException";

const domainName: NameRule = { property: "domainName", minLength: 3, maxLength: 28, pattern: /^[a-z][a-z0-9-]+$/ };

function outputs(context: CreateContext & { id: string }): Properties {
  const { inputs, id, region, account, world } = context;
  const name = text(inputs.domainName) ?? "";
  const inVpc = isGiven(inputs.vpcOptions);
  const host = `${inVpc ? "vpc" : "search"}-${name}-${digest(id, 26, "lower")}.${region}.es.${dnsSuffix(context)}`;
  const subnets = texts(block(inputs.vpcOptions).subnetIds);
  const vpcId = text(subnetsOf(world, subnets)[0]?.properties.vpcId) ?? "";
  return {
    arn: id,
    domainId: `${account}/${name}`,
    endpoint: host,
    dashboardEndpoint: `${host}/_dashboards`,
    endpointV2: "",
    dashboardEndpointV2: "",
    domainEndpointV2HostedZoneId: "",
    ...(inVpc
      ? { vpcOptions: { ...block(inputs.vpcOptions), availabilityZones: zonesOf(world, subnets), vpcId } }
      : {}),
  };
}

function accessPolicies(context: ValidateContext): Refusal {
  return policyDocument(context, "accessPolicies", context.inputs.accessPolicies, {
    kind: "resource",
    code: "InvalidTypeException",
    maxLength: 102_400,
    source: CREATE,
  });
}

/** Why the engine can't change to the version asked for. */
function upgrade({ inputs, world, id }: ValidateContext): Refusal {
  const before = id === undefined ? undefined : world.get(DOMAIN, id)?.properties;
  const [from, to] = [text(before?.engineVersion), text(inputs.engineVersion)];
  const problem = from === undefined || to === undefined ? undefined : upgradeProblem(from, to);
  return when(problem !== undefined, CODE, problem ?? "", UPGRADES);
}

/** Protection that can't be taken from a domain, and the network it is in: another domain has to be made. */
function replacedBy(previous: Properties, inputs: Properties): string[] {
  const weaker = ["advancedSecurityOptions", "encryptAtRest", "nodeToNodeEncryption"].filter(
    (name) =>
      flag(block(previous[name]).enabled) === true &&
      (!isGiven(inputs[name]) || flag(block(inputs[name]).enabled) === false),
  );
  return isGiven(previous.vpcOptions) === isGiven(inputs.vpcOptions) ? weaker : [...weaker, "vpcOptions"];
}

function window({ inputs }: ValidateContext): Refusal {
  const start = block(block(block(inputs.offPeakWindowOptions).offPeakWindow).windowStartTime);
  return refusals(
    between("windowStartTime.hours", start.hours, 0, 23, CODE, WINDOW),
    between("windowStartTime.minutes", start.minutes, 0, 59, CODE, WINDOW),
  );
}

const domain: ResourceRecord = {
  type: DOMAIN,
  source: registry("domain"),
  id: (context) => arn(context, "es", `domain/${text(context.inputs.domainName) ?? ""}`),
  importId: ({ properties }) => text(properties.domainName) ?? "",
  autoname: { property: "domainName", maxLength: domainName.maxLength, pattern: domainName.pattern },
  defaults: { engineVersion: NEWEST, ipAddressType: "ipv4" },
  references: [
    { path: "vpcOptions.subnetIds[]", to: "aws:ec2/subnet:Subnet" },
    { path: "vpcOptions.securityGroupIds[]", to: "aws:ec2/securityGroup:SecurityGroup" },
    {
      path: "logPublishingOptions[].cloudwatchLogGroupArn",
      to: "aws:cloudwatch/logGroup:LogGroup",
      by: "arn",
      weak: true,
    },
  ],
  replaceOn: ["domainName"],
  replacedBy,
  secrets: ["advancedSecurityOptions"],
  errors: { notFound: "ResourceNotFoundException" },
  outputs,
  validate: (context) => {
    const { inputs } = context;
    return refusals(
      named(inputs, domainName, CODE, CREATE),
      oneOf("engineVersion", inputs.engineVersion, versions, CODE, UPGRADES),
      oneOf("ipAddressType", inputs.ipAddressType, ["ipv4", "dualstack"], CODE, CREATE),
      oneOf(
        "autoTuneOptions.desiredState",
        block(inputs.autoTuneOptions).desiredState,
        ["ENABLED", "DISABLED"],
        CODE,
        CREATE,
      ),
      dataNodes(context),
      otherNodes(context),
      placement(context),
      storage(context),
      accessControl(context),
      encryption(context),
      logs(context),
      window(context),
      accessPolicies(context),
      upgrade(context),
    );
  },
  conflicts: (context) => refusals(taken(context, DOMAIN, "domainName", "ResourceAlreadyExistsException", CREATE)),
  seconds: { create: 1200, delete: 900 },
};

const domainPolicy: ResourceRecord = {
  type: "aws:opensearch/domainPolicy:DomainPolicy",
  source: registry("domainpolicy"),
  id: ({ inputs }) => `esd-policy-${text(inputs.domainName) ?? ""}`,
  references: [{ path: "domainName", to: DOMAIN, by: "domainName", weak: true }],
  replaceOn: ["domainName"],
  validate: (context) => refusals(accessPolicies(context)),
  seconds: { create: 60 },
};

/** Amazon OpenSearch Service. */
export const opensearch: readonly ResourceRecord[] = [domain, domainPolicy];
