import { arn } from "../naming";
import type { ResourceRecord, ValidateContext } from "../record";
import { between, named, oneOf, refusals, taken, when, type NameRule, type Refusal } from "../rules";
import { block, blocks, number, text, texts } from "../values";
import { isInstanceType } from "./instanceTypes";
import { sameVpc } from "./subnets";

const SOURCE = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html";
const METADATA = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html";
const VOLUMES = "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html";
const TYPE = "aws:ec2/launchTemplate:LaunchTemplate";
const templateName: NameRule = { property: "name", minLength: 3, maxLength: 128, pattern: /^[a-zA-Z0-9()./_-]+$/ };

const launchTemplate: ResourceRecord = {
  type: TYPE,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/ec2/launchtemplate/",
  id: ({ world }) => world.newHexId("lt"),
  autoname: { property: "name", maxLength: 128 },
  references: [
    { path: "vpcSecurityGroupIds[]", to: "aws:ec2/securityGroup:SecurityGroup", weak: true },
    { path: "networkInterfaces[].securityGroups[]", to: "aws:ec2/securityGroup:SecurityGroup", weak: true },
    { path: "iamInstanceProfile.arn", to: "aws:iam/instanceProfile:InstanceProfile", by: "arn", weak: true },
    { path: "iamInstanceProfile.name", to: "aws:iam/instanceProfile:InstanceProfile", weak: true },
  ],
  replaceOn: ["name"],
  errors: { notFound: "InvalidLaunchTemplateId.NotFound", inUse: "InvalidLaunchTemplateId.InUse" },
  outputs: (context) => {
    const latestVersion = (number(context.previous?.latestVersion) ?? 0) + 1;
    const { defaultVersion, updateDefaultVersion } = context.inputs;
    return {
      arn: arn(context, "ec2", `launch-template/${context.id}`),
      latestVersion,
      defaultVersion: number(defaultVersion) ?? (updateDefaultVersion === true ? latestVersion : 1),
    };
  },
  validate: (context) => {
    const { inputs, world } = context;
    const metadata = block(inputs.metadataOptions);
    const type = text(inputs.instanceType);
    const userData = text(inputs.userData);
    return refusals(
      named(inputs, templateName, "InvalidLaunchTemplateName.MalformedException", SOURCE),
      when(
        type !== undefined && !isInstanceType(type),
        "InvalidInstanceType",
        `instanceType "${type ?? ""}" is not known`,
        "https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html",
      ),
      when(
        userData !== undefined && Buffer.from(userData, "base64").toString("base64") !== userData,
        "InvalidUserData.Malformed",
        "userData must be base64: Buffer.from(text).toString('base64')",
        SOURCE,
      ),
      when((userData ?? "").length > 21_848, "InvalidUserData.Malformed", "user data is limited to 16 KB", SOURCE),
      oneOf(
        "metadataOptions.httpTokens",
        metadata.httpTokens,
        ["optional", "required"],
        "InvalidParameterValue",
        METADATA,
      ),
      oneOf(
        "metadataOptions.httpEndpoint",
        metadata.httpEndpoint,
        ["enabled", "disabled"],
        "InvalidParameterValue",
        METADATA,
      ),
      between(
        "metadataOptions.httpPutResponseHopLimit",
        metadata.httpPutResponseHopLimit,
        1,
        64,
        "InvalidParameterValue",
        METADATA,
      ),
      ...blocks(inputs.blockDeviceMappings).map((mapping, index) =>
        volumeRules(mapping, `blockDeviceMappings[${index}]`),
      ),
      when(
        texts(inputs.vpcSecurityGroupIds).length > 0 && blocks(inputs.networkInterfaces).length > 0,
        "InvalidParameterCombination",
        "with networkInterfaces, security groups are given there and not in vpcSecurityGroupIds",
        SOURCE,
      ),
      sameVpc(world, texts(inputs.vpcSecurityGroupIds), "InvalidParameter", SOURCE),
      ...blocks(inputs.tagSpecifications).map((specification, index) =>
        oneOf(
          `tagSpecifications[${index}].resourceType`,
          specification.resourceType,
          ["instance", "volume", "network-interface", "elastic-gpu", "spot-instances-request"],
          "InvalidParameterValue",
          SOURCE,
        ),
      ),
    );
  },
  conflicts: (context: ValidateContext) =>
    refusals(taken(context, TYPE, "name", "InvalidLaunchTemplateName.AlreadyExistsException", SOURCE)),
  seconds: { create: 1 },
};

function volumeRules(mapping: ValidateContext["inputs"], where: string): Refusal {
  const ebs = block(mapping.ebs);
  const type = text(ebs.volumeType);
  return refusals(
    oneOf(
      `${where}.ebs.volumeType`,
      type,
      ["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"],
      "InvalidParameterValue",
      VOLUMES,
    ),
    between(`${where}.ebs.volumeSize`, ebs.volumeSize, 1, 65_536, "InvalidParameterValue", VOLUMES),
    when(
      (type === "io1" || type === "io2") && ebs.iops === undefined,
      "InvalidParameterCombination",
      `${where}: volume type ${type ?? ""} needs iops`,
      VOLUMES,
    ),
    type === "gp3"
      ? between(`${where}.ebs.throughput`, ebs.throughput, 125, 2000, "InvalidParameterValue", VOLUMES)
      : undefined,
  );
}

export const launchTemplateRecords: readonly ResourceRecord[] = [launchTemplate];
