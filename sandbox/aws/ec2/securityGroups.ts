import { arn } from "../naming";
import type { ResourceRecord, ValidateContext } from "../record";
import { named, refusals, when, type NameRule } from "../rules";
import { blocks, text, texts } from "../values";
import { ruleProblems } from "./securityGroupRules";
import { ec2Id } from "./vpc";
import type { World } from "../../world";

const SOURCE = "https://docs.aws.amazon.com/vpc/latest/userguide/creating-security-groups.html";
const QUOTAS = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/ec2/${name}/`;

export const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";
const characters = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/;
const groupName: NameRule = {
  property: "name",
  maxLength: 255,
  pattern: /^(?!sg-)[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/,
};
/** Quota "Inbound or outbound rules per security group", default value, each way. */
const MOST_RULES = 60;

const securityGroup: ResourceRecord = {
  type: SECURITY_GROUP,
  source: registry("securitygroup"),
  id: ({ world }) => world.newHexId("sg"),
  autoname: { property: "name", maxLength: 255 },
  defaults: { description: "Managed by Pulumi", revokeRulesOnDelete: false },
  references: [
    { path: "vpcId", to: "aws:ec2/vpc:Vpc" },
    { path: "ingress[].securityGroups[]", to: SECURITY_GROUP },
    { path: "egress[].securityGroups[]", to: SECURITY_GROUP },
  ],
  replaceOn: ["name", "description", "vpcId"],
  errors: { notFound: "InvalidGroup.NotFound", inUse: "DependencyViolation" },
  outputs: (context) => ({
    arn: arn(context, "ec2", `security-group/${context.id}`),
    ownerId: context.account,
  }),
  validate: (context) => {
    const { inputs } = context;
    const description = text(inputs.description) ?? "Managed by Pulumi";
    return refusals(
      named(inputs, groupName, "InvalidParameterValue", SOURCE),
      when(
        description.length > 255 || !characters.test(description),
        "InvalidParameterValue",
        `description "${description}" must have at most 255 of the characters a-z, A-Z, 0-9, space and ._-:/()#,@[]+=&;{}!$*`,
        SOURCE,
      ),
      ...inlineRules(context),
    );
  },
  conflicts: ({ world, inputs, id }) => {
    const twin = world.find(
      SECURITY_GROUP,
      ({ properties, id: other }) =>
        other !== id && properties.name === inputs.name && properties.vpcId === inputs.vpcId,
    );
    return refusals(
      when(
        twin !== undefined,
        "InvalidGroup.Duplicate",
        `The security group '${text(inputs.name) ?? ""}' already exists for VPC '${text(inputs.vpcId) ?? ""}'`,
        SOURCE,
      ),
    );
  },
  blocksDeletion: ({ world, id }) => {
    const user = nodesWith(world, id);
    return when(
      user !== undefined,
      "DependencyViolation",
      `resource ${id} has a dependent object: the nodes of node group ${user ?? ""} carry it`,
      "https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html",
    );
  },
  seconds: { create: 3, delete: 2 },
};

/** The node group whose instances get this security group from their launch template. */
function nodesWith(world: World, groupId: string): string | undefined {
  const templates = world
    .list("aws:ec2/launchTemplate:LaunchTemplate")
    .filter(({ properties }) => texts(properties.vpcSecurityGroupIds).includes(groupId));
  return world.find("aws:eks/nodeGroup:NodeGroup", ({ properties }) => {
    const template = properties.launchTemplate;
    const named = typeof template === "object" && template !== null && !Array.isArray(template) ? template : {};
    return templates.some((one) => one.id === named.id || one.properties.name === named.name);
  })?.id;
}

function inlineRules({ inputs }: ValidateContext) {
  return (["ingress", "egress"] as const).flatMap((way) => {
    const rules = blocks(inputs[way]);
    return [
      when(
        rules.length > MOST_RULES,
        "RulesPerSecurityGroupLimitExceeded",
        `${way} has more than ${MOST_RULES} rules`,
        QUOTAS,
      ),
      ...rules.map((rule, index) => ruleProblems(rule, `${way}[${index}]`)),
    ];
  });
}

const defaultSecurityGroup: ResourceRecord = {
  type: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
  source: registry("defaultsecuritygroup"),
  // AWS made it along with the VPC: this resource takes it over, and deleting it only lets it go.
  id: ({ inputs }) => ec2Id("sg", text(inputs.vpcId) ?? ""),
  references: [{ path: "vpcId", to: "aws:ec2/vpc:Vpc", weak: true }],
  outputs: (context) => ({
    arn: arn(context, "ec2", `security-group/${context.id}`),
    ownerId: context.account,
    name: "default",
    namePrefix: "",
    description: "default VPC security group",
  }),
  validate: (context) => refusals(...inlineRules(context)),
};

export const securityGroupRecords: readonly ResourceRecord[] = [securityGroup, defaultSecurityGroup];
