import { sameVpc, subnetsOf, zonesOf } from "./ec2/subnets";
import { keyExists } from "./kms";
import { arn, digest } from "./naming";
import { policyDocument } from "./policyDocuments";
import type { ResourceRecord, ValidateContext } from "./record";
import { between, named, oneOf, refusals, taken, when, type NameRule, type Refusal } from "./rules";
import { block, blocks, flag, hasUnknown, isGiven, number, text, texts } from "./values";

const DOMAIN = "aws:opensearch/domain:Domain";
const API = "https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_CreateDomain.html";
const VPC = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html";
const ZONES = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html";
const FGAC = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html";
const TYPES = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/supported-instance-types.html";
const MASTERS =
  "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-dedicatedmasternodes.html";
const VOLUMES = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/opensearch/${name}/`;

const domainName: NameRule = { property: "domainName", minLength: 3, maxLength: 28, pattern: /^[a-z][a-z0-9-]+$/ };
const versions = [
  ..."1.0 1.1 1.2 1.3 2.3 2.5 2.7 2.9 2.11 2.13 2.15 2.17 2.19 3.1 3.3"
    .split(" ")
    .map((version) => `OpenSearch_${version}`),
  ..."Elasticsearch_6.8 Elasticsearch_7.1 Elasticsearch_7.4 Elasticsearch_7.7 Elasticsearch_7.9 Elasticsearch_7.10".split(
    " ",
  ),
];
const sizes = "large xlarge 2xlarge 4xlarge";
const typeSizes: readonly (readonly [families: string, sizes: string])[] = [
  ["t3 t4g", "small medium"],
  ["m5 r5 c5", sizes],
  ["m6g c6g r6g", `${sizes} 8xlarge 12xlarge`],
  ["r6gd", `${sizes} 8xlarge 12xlarge 16xlarge`],
  ["m7g c7g r7g r7gd", `medium ${sizes} 8xlarge 12xlarge 16xlarge`],
  ["m7i c7i r7i", `${sizes} 8xlarge 12xlarge 16xlarge`],
  ["m8g c8g r8g r8gd", `medium ${sizes} 8xlarge 12xlarge 16xlarge`],
  ["or1 or2 om2 i4i", `medium ${sizes} 8xlarge 12xlarge 16xlarge`],
  ["im4gn i4g i8g", `${sizes} 8xlarge 16xlarge`],
];
const instanceTypes = new Set(
  typeSizes.flatMap(([families, list]) =>
    families.split(" ").flatMap((family) => list.split(" ").map((size) => `${family}.${size}.search`)),
  ),
);
const tlsPolicies = [
  "Policy-Min-TLS-1-0-2019-07",
  "Policy-Min-TLS-1-2-2019-07",
  "Policy-Min-TLS-1-2-PFS-2023-10",
  "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08",
];

function clusterRules({ inputs, world }: ValidateContext): Refusal {
  const cluster = block(inputs.clusterConfig);
  const count = number(cluster.instanceCount) ?? 1;
  const spread = flag(cluster.zoneAwarenessEnabled) === true;
  const zones = spread ? (number(block(cluster.zoneAwarenessConfig).availabilityZoneCount) ?? 2) : 1;
  const vpc = block(inputs.vpcOptions);
  const subnets = texts(vpc.subnetIds);
  const counted = isGiven(inputs.vpcOptions) && !hasUnknown(inputs.vpcOptions) && !hasUnknown(vpc.subnetIds);
  const exist = subnetsOf(world, subnets).length === subnets.length;
  const type = text(cluster.instanceType) ?? "m4.large.search";
  const masters = flag(cluster.dedicatedMasterEnabled) === true;
  const masterType = text(cluster.dedicatedMasterType);
  return refusals(
    when(
      isGiven(cluster.instanceType) && text(cluster.instanceType) !== undefined && !instanceTypes.has(type),
      "ValidationException",
      `instance type ${type} is not available: it looks like r7g.large.search`,
      TYPES,
    ),
    when(
      masterType !== undefined && !instanceTypes.has(masterType),
      "ValidationException",
      `dedicatedMasterType ${masterType ?? ""} is not available`,
      TYPES,
    ),
    when(
      masters && ![3, 5].includes(number(cluster.dedicatedMasterCount) ?? 0),
      "ValidationException",
      "dedicatedMasterCount must be 3 or 5",
      MASTERS,
    ),
    when(spread && ![2, 3].includes(zones), "ValidationException", "availabilityZoneCount must be 2 or 3", ZONES),
    when(
      spread && count % zones !== 0,
      "ValidationException",
      `You must choose an instance count that is a multiple of the ${zones} Availability Zones: ${count} is not`,
      ZONES,
    ),
    when(
      counted && subnets.length !== zones,
      "ValidationException",
      `You must specify exactly ${zones} subnet(s) for ${zones} Availability Zone(s): vpcOptions.subnetIds has ${subnets.length}`,
      VPC,
    ),
    when(
      counted && exist && zonesOf(world, subnets).length < subnets.length,
      "ValidationException",
      "vpcOptions.subnetIds must each be in an Availability Zone of its own",
      VPC,
    ),
    sameVpc(world, [...subnets, ...texts(vpc.securityGroupIds)], "ValidationException", VPC),
    when(
      /^t[23]\./.test(type) && block(inputs.autoTuneOptions).desiredState === "ENABLED",
      "ValidationException",
      `Auto-Tune is not supported on ${type}`,
      "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/auto-tune.html",
    ),
  );
}

function securityRules({ inputs }: ValidateContext): Refusal {
  const security = block(inputs.advancedSecurityOptions);
  const master = block(security.masterUserOptions);
  const on = flag(security.enabled) === true;
  const internal = flag(security.internalUserDatabaseEnabled) === true;
  const password = text(master.masterUserPassword);
  const strong =
    password === undefined || [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z0-9]/].every((kind) => kind.test(password));
  const missing = [
    flag(block(inputs.encryptAtRest).enabled) === true ? "" : "encryptAtRest",
    flag(block(inputs.nodeToNodeEncryption).enabled) === true ? "" : "nodeToNodeEncryption",
    flag(block(inputs.domainEndpointOptions).enforceHttps) === true ? "" : "domainEndpointOptions.enforceHttps",
  ].filter((part) => part !== "");
  return refusals(
    when(
      on && missing.length > 0,
      "ValidationException",
      `You must enable ${missing.join(", ")} to use advanced security options`,
      FGAC,
    ),
    when(
      on &&
        internal &&
        !(
          isGiven(master.masterUserName) &&
          (isGiven(master.masterUserPassword) || isGiven(master.masterUserPasswordWo))
        ),
      "ValidationException",
      "the internal user database needs masterUserName and masterUserPassword",
      FGAC,
    ),
    when(
      on && !internal && isGiven(master.masterUserName),
      "ValidationException",
      "masterUserName goes with internalUserDatabaseEnabled; otherwise give masterUserArn",
      FGAC,
    ),
    when(
      password !== undefined && (password.length < 8 || password.length > 128 || !strong),
      "ValidationException",
      "The master user password must contain at least one uppercase letter, one lowercase letter, one number, and one special character, and have 8 to 128 characters",
      FGAC,
    ),
  );
}

function storageRules(context: ValidateContext): Refusal {
  const { inputs } = context;
  const ebs = block(inputs.ebsOptions);
  const volume = text(ebs.volumeType);
  return refusals(
    oneOf("ebsOptions.volumeType", volume, ["gp2", "gp3", "io1", "standard"], "ValidationException", VOLUMES),
    when(
      flag(ebs.ebsEnabled) === true && !isGiven(ebs.volumeSize),
      "ValidationException",
      "ebsOptions needs volumeSize (GiB)",
      VOLUMES,
    ),
    between("ebsOptions.volumeSize", ebs.volumeSize, 10, 36_864, "ValidationException", VOLUMES),
    volume === "gp3" ? between("ebsOptions.iops", ebs.iops, 3000, 16_000, "ValidationException", VOLUMES) : undefined,
    volume === "gp3"
      ? between("ebsOptions.throughput", ebs.throughput, 125, 1000, "ValidationException", VOLUMES)
      : undefined,
    keyExists(context, "encryptAtRest.kmsKeyId", block(inputs.encryptAtRest).kmsKeyId),
  );
}

function logRules({ inputs, world, preview }: ValidateContext): Refusal {
  const policies = world.list("aws:cloudwatch/logResourcePolicy:LogResourcePolicy");
  const allowed = policies.some(({ properties }) =>
    JSON.stringify(properties.policyDocument).includes("es.amazonaws.com"),
  );
  return refusals(
    ...blocks(inputs.logPublishingOptions).map(({ logType }) =>
      oneOf(
        "logPublishingOptions.logType",
        logType,
        ["INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS", "ES_APPLICATION_LOGS", "AUDIT_LOGS"],
        "ValidationException",
        API,
      ),
    ),
    when(
      !preview && blocks(inputs.logPublishingOptions).length > 0 && !allowed,
      "ValidationException",
      "The Resource Access Policy specified for the CloudWatch Logs log group does not grant sufficient permissions for Amazon OpenSearch Service to create a log stream: make a LogResourcePolicy for es.amazonaws.com first",
      "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html",
    ),
    when(
      blocks(inputs.logPublishingOptions).some(({ logType }) => logType === "AUDIT_LOGS") &&
        flag(block(inputs.advancedSecurityOptions).enabled) !== true,
      "ValidationException",
      "AUDIT_LOGS need advancedSecurityOptions",
      "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/audit-logs.html",
    ),
  );
}

const domain: ResourceRecord = {
  type: DOMAIN,
  source: registry("domain"),
  id: (context) => arn(context, "es", `domain/${text(context.inputs.domainName) ?? ""}`),
  autoname: { property: "domainName", maxLength: 28, pattern: /^[a-z][a-z0-9-]+$/ },
  documents: ["accessPolicies"],
  defaults: { engineVersion: "OpenSearch_2.19", ipAddressType: "ipv4" },
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
  updatable: ["vpcOptions", "clusterConfig", "encryptAtRest", "nodeToNodeEncryption", "advancedSecurityOptions"],
  secrets: ["advancedSecurityOptions"],
  errors: { notFound: "ResourceNotFoundException" },
  outputs: (context) => {
    const { inputs, id, region, world } = context;
    const name = text(inputs.domainName) ?? "";
    const inVpc = isGiven(inputs.vpcOptions);
    const endpoint = `${inVpc ? "vpc-" : "search-"}${name}-${digest(id, 26, "lower")}.${region}.es.${region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com"}`;
    const subnets = texts(block(inputs.vpcOptions).subnetIds);
    const [first] = subnetsOf(world, subnets);
    return {
      arn: id,
      domainId: `${context.account}/${name}`,
      endpoint,
      dashboardEndpoint: `${endpoint}/_dashboards`,
      endpointV2: "",
      dashboardEndpointV2: "",
      domainEndpointV2HostedZoneId: "",
      ...(inVpc
        ? {
            vpcOptions: {
              ...block(inputs.vpcOptions),
              availabilityZones: zonesOf(world, subnets),
              vpcId: text(first?.properties.vpcId) ?? "",
            },
          }
        : {}),
    };
  },
  validate: (context) => {
    const { inputs, world, id } = context;
    const endpoint = block(inputs.domainEndpointOptions);
    const before = id === undefined ? undefined : world.get(DOMAIN, id)?.properties;
    const order = (version: string | undefined) => versions.indexOf(version ?? "");
    return refusals(
      named(inputs, domainName, "ValidationException", API),
      oneOf("engineVersion", inputs.engineVersion, versions, "ValidationException", API),
      when(
        before !== undefined &&
          isGiven(inputs.engineVersion) &&
          order(text(inputs.engineVersion)) < order(text(before.engineVersion)),
        "ValidationException",
        `a domain can't go back from ${text(before?.engineVersion) ?? ""} to ${text(inputs.engineVersion) ?? ""}`,
        "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/version-migration.html",
      ),
      when(
        before !== undefined && isGiven(before.vpcOptions) !== isGiven(inputs.vpcOptions),
        "ValidationException",
        "a domain can't move into or out of a VPC: make another",
        VPC,
      ),
      clusterRules(context),
      securityRules(context),
      storageRules(context),
      logRules(context),
      oneOf(
        "domainEndpointOptions.tlsSecurityPolicy",
        endpoint.tlsSecurityPolicy,
        tlsPolicies,
        "ValidationException",
        API,
      ),
      policyDocument(context, "accessPolicies", inputs.accessPolicies, {
        kind: "resource",
        code: "InvalidTypeException",
        maxLength: 102_400,
        source: API,
      }),
    );
  },
  conflicts: (context) => refusals(taken(context, DOMAIN, "domainName", "ResourceAlreadyExistsException", API)),
  seconds: { create: 1200, delete: 600 },
};

const domainPolicy: ResourceRecord = {
  type: "aws:opensearch/domainPolicy:DomainPolicy",
  source: registry("domainpolicy"),
  id: ({ inputs }) => `esd-policy-${text(inputs.domainName) ?? ""}`,
  documents: ["accessPolicies"],
  references: [{ path: "domainName", to: DOMAIN, by: "domainName", weak: true }],
  replaceOn: ["domainName"],
  validate: (context) =>
    refusals(
      policyDocument(context, "accessPolicies", context.inputs.accessPolicies, {
        kind: "resource",
        code: "InvalidTypeException",
        maxLength: 102_400,
        source: API,
      }),
    ),
};

/** Amazon OpenSearch Service. */
export const opensearch: readonly ResourceRecord[] = [domain, domainPolicy];
