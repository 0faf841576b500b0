import { digest, parseArn } from "../naming";
import { AwsError } from "../errors";
import { instanceTypes } from "../ec2/instanceTypes";
import { availableVersions, DEFAULT_VERSION, supportDates, supportOf } from "../eks/versions";
import { actualVersion, auroraMysqlClasses, auroraMysqlVersions, familyOf } from "../rds/engines";
import { region as regionOf } from "../regions";
import type { Invoke } from "../record";
import { blocks, flag, text, texts } from "../values";

const RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBEngineVersions.html";
const ORDERABLE =
  "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html";

/** What AWS has on offer, and what is the same in every account: versions, instance types, hosted zones. */
export const catalog: Readonly<Record<string, Invoke>> = {
  "aws:lb/getHostedZoneId:getHostedZoneId": (args, { region }) => {
    const { alb, nlb } = regionOf(text(args.region) ?? region).hostedZones;
    return { ...args, id: args.loadBalancerType === "network" ? nlb : alb };
  },

  "aws:elb/getHostedZoneId:getHostedZoneId": (args, { region }) => ({
    ...args,
    id: regionOf(text(args.region) ?? region).hostedZones.alb,
  }),

  "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": (args, { region }) => {
    const byType = blocks(args.filters).filter(({ name }) => name === "instance-type");
    const wanted = byType.flatMap(({ values }) => texts(values));
    const found = instanceTypes.filter((type) => byType.length === 0 || wanted.includes(type));
    const zones = args.locationType === "availability-zone" ? regionOf(region).zones.map(({ name }) => name) : [region];
    const offerings = found.flatMap((type) => zones.map((zone) => [type, zone] as const));
    return {
      ...args,
      id: region,
      instanceTypes: offerings.map(([type]) => type),
      locations: offerings.map(([, zone]) => zone),
      locationTypes: offerings.map(() => text(args.locationType) ?? "region"),
    };
  },

  "aws:ec2/getPrefixList:getPrefixList": (args, { region }) => {
    const name = text(args.name) ?? "";
    const service = [`com.amazonaws.${region}.s3`, `com.amazonaws.${region}.dynamodb`];
    if (!service.includes(name)) {
      throw new AwsError(
        "InvalidPrefixListId.NotFound",
        `no matching prefix list found: ${name} (there are ${service.join(", ")})`,
        "https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html",
      );
    }
    return { ...args, id: `pl-${digest(name, 8)}`, name, cidrBlocks: ["198.51.100.0/24"] };
  },

  "aws:eks/getClusterVersions:getClusterVersions": (args) => ({
    ...args,
    id: "eks",
    clusterVersions: availableVersions()
      .filter((version) => flag(args.defaultOnly) !== true || version === DEFAULT_VERSION)
      .toReversed()
      .map((version) => ({
        clusterVersion: version,
        defaultVersion: version === DEFAULT_VERSION,
        clusterType: "eks",
        versionStatus: supportOf(version) === "standard" ? "STANDARD_SUPPORT" : "EXTENDED_SUPPORT",
        endOfStandardSupportDate: supportDates(version)?.standard ?? "",
        endOfExtendedSupportDate: supportDates(version)?.extended ?? "",
      })),
  }),

  "aws:rds/getEngineVersion:getEngineVersion": (args) => {
    const engine = text(args.engine) ?? "";
    const preferred = texts(args.preferredVersions).find((version) => auroraMysqlVersions.includes(version));
    const asked = text(args.version) ?? preferred;
    const newest = flag(args.latest) === true ? auroraMysqlVersions.at(-1) : undefined;
    const version = newest ?? actualVersion(engine, asked);
    if (engine !== "aurora-mysql" || version === undefined) {
      throw new AwsError(
        "InvalidParameterValue",
        `no RDS engine version matches ${engine} ${asked ?? ""}: known are ${auroraMysqlVersions.join(", ")}`,
        RDS,
      );
    }
    return {
      ...args,
      id: version,
      version,
      versionActual: version,
      parameterGroupFamily: familyOf(engine, version),
      engineDescription: "Aurora MySQL",
      versionDescription: `Aurora (MySQL 8.0) ${version.split("aurora.")[1] ?? ""}`,
      exportableLogTypes: ["audit", "error", "general", "iam-db-auth-error", "instance", "slowquery"],
      supportedModes: ["provisioned"],
      supportsGlobalDatabases: true,
      status: "available",
    };
  },

  "aws:rds/getOrderableDbInstance:getOrderableDbInstance": (args, { region }) => {
    const wanted = [text(args.instanceClass), ...texts(args.preferredInstanceClasses)].filter(
      (one) => one !== undefined,
    );
    const found = wanted.find((one) => auroraMysqlClasses.has(one));
    if (args.engine !== "aurora-mysql" || (wanted.length > 0 && found === undefined)) {
      throw new AwsError(
        "InvalidParameterValue",
        `no RDS DB Instance Classes found matching criteria: ${text(args.engine) ?? ""} ${wanted.join(", ")}`,
        ORDERABLE,
      );
    }
    return {
      ...args,
      id: found ?? "db.r7g.large",
      instanceClass: found ?? "db.r7g.large",
      engineVersion: actualVersion("aurora-mysql", text(args.engineVersion)) ?? "",
      availabilityZones: regionOf(region).zones.map(({ name }) => name),
      storageType: "aurora",
    };
  },

  "aws:index/getArn:getArn": (args) => {
    const parsed = parseArn(text(args.arn) ?? "");
    if (!parsed) {
      throw new AwsError(
        "InvalidArn",
        `"${text(args.arn) ?? ""}" is no ARN: arn:partition:service:region:account:resource`,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
      );
    }
    return { ...args, id: text(args.arn) ?? "", ...parsed };
  },
};
