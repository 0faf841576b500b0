import { parseCidr } from "../cidr";
import { arn } from "../naming";
import type { ResourceRecord, ValidateContext } from "../record";
import { between, oneOf, refusals, taken, when } from "../rules";
import { blocks, number, text } from "../values";

const ACL = "https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html";
const LIST = "https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/ec2/${name}/`;
const NETWORK_ACL = "aws:ec2/networkAcl:NetworkAcl";
const RULE = "aws:ec2/networkAclRule:NetworkAclRule";
const PREFIX_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList";

function inlineRules({ inputs }: ValidateContext) {
  return (["ingress", "egress"] as const).flatMap((way) => {
    const rules = blocks(inputs[way]);
    const numbers = rules.map((rule) => number(rule.ruleNo));
    return [
      ...rules.flatMap((rule, index) => [
        between(`${way}[${index}].ruleNo`, rule.ruleNo, 1, 32_766, "InvalidParameterValue", ACL),
        oneOf(`${way}[${index}].action`, rule.action, ["allow", "deny"], "InvalidParameterValue", ACL),
      ]),
      when(
        new Set(numbers).size < numbers.length,
        "NetworkAclEntryAlreadyExists",
        `${way}: rule numbers are used twice`,
        ACL,
      ),
    ];
  });
}

const networkAcl: ResourceRecord = {
  type: NETWORK_ACL,
  source: registry("networkacl"),
  id: ({ world }) => world.newHexId("acl"),
  references: [
    { path: "vpcId", to: "aws:ec2/vpc:Vpc" },
    { path: "subnetIds[]", to: "aws:ec2/subnet:Subnet", weak: true },
  ],
  replaceOn: ["vpcId"],
  errors: { notFound: "InvalidNetworkAclID.NotFound", inUse: "DependencyViolation" },
  outputs: (context) => ({ arn: arn(context, "ec2", `network-acl/${context.id}`), ownerId: context.account }),
  validate: (context) => refusals(...inlineRules(context)),
  seconds: { create: 2 },
};

const networkAclRule: ResourceRecord = {
  type: RULE,
  source: registry("networkaclrule"),
  id: ({ world }) => world.newHexId("nacl", 10),
  references: [{ path: "networkAclId", to: NETWORK_ACL, weak: true }],
  replaceOn: ["networkAclId", "ruleNumber", "egress", "protocol", "ruleAction", "cidrBlock", "fromPort", "toPort"],
  validate: ({ inputs }) =>
    refusals(
      between("ruleNumber", inputs.ruleNumber, 1, 32_766, "InvalidParameterValue", ACL),
      oneOf("ruleAction", inputs.ruleAction, ["allow", "deny"], "InvalidParameterValue", ACL),
    ),
  conflicts: ({ world, inputs, id }) => {
    const twin = world.find(
      RULE,
      ({ properties, id: other }) =>
        other !== id &&
        properties.networkAclId === inputs.networkAclId &&
        properties.ruleNumber === inputs.ruleNumber &&
        (properties.egress ?? false) === (inputs.egress ?? false),
    );
    return refusals(
      when(
        twin !== undefined,
        "NetworkAclEntryAlreadyExists",
        `${text(inputs.networkAclId) ?? ""} has a rule number ${String(number(inputs.ruleNumber))} already`,
        ACL,
      ),
    );
  },
};

const defaultNetworkAcl: ResourceRecord = {
  type: "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
  source: registry("defaultnetworkacl"),
  id: ({ inputs }) => text(inputs.defaultNetworkAclId) ?? "",
  references: [
    { path: "defaultNetworkAclId", to: NETWORK_ACL, weak: true },
    { path: "subnetIds[]", to: "aws:ec2/subnet:Subnet", weak: true },
  ],
  outputs: (context) => ({
    arn: arn(context, "ec2", `network-acl/${context.id}`),
    ownerId: context.account,
    vpcId: context.world.get(NETWORK_ACL, context.id)?.properties.vpcId ?? "",
  }),
  validate: (context) => refusals(...inlineRules(context)),
};

const prefixList: ResourceRecord = {
  type: PREFIX_LIST,
  source: registry("managedprefixlist"),
  id: ({ world }) => world.newHexId("pl"),
  autoname: { property: "name", maxLength: 255 },
  replaceOn: ["addressFamily"],
  errors: { notFound: "InvalidPrefixListID.NotFound", inUse: "DependencyViolation" },
  outputs: (context) => ({
    arn: arn(context, "ec2", `prefix-list/${context.id}`),
    ownerId: context.account,
    version: (number(context.previous?.version) ?? 0) + 1,
  }),
  validate: ({ inputs }) => {
    const entries = blocks(inputs.entries);
    const maximum = number(inputs.maxEntries);
    const bad = entries.filter(
      ({ cidr }) => inputs.addressFamily === "IPv4" && text(cidr) && !parseCidr(text(cidr) ?? ""),
    );
    return refusals(
      oneOf("addressFamily", inputs.addressFamily, ["IPv4", "IPv6"], "InvalidParameterValue", LIST),
      between("maxEntries", inputs.maxEntries, 1, 1000, "InvalidParameterValue", LIST),
      when(
        text(inputs.name)?.startsWith("com.amazonaws") === true,
        "InvalidParameterValue",
        "names that begin with com.amazonaws are AWS's own",
        LIST,
      ),
      when(
        maximum !== undefined && entries.length > maximum,
        "PrefixListMaxEntriesExceeded",
        `${entries.length} entries, maxEntries is ${maximum ?? 0}`,
        LIST,
      ),
      when(
        bad.length > 0,
        "InvalidParameterValue",
        `no CIDR block: ${bad.map(({ cidr }) => text(cidr)).join(", ")}`,
        LIST,
      ),
    );
  },
  conflicts: (context) => refusals(taken(context, PREFIX_LIST, "name", "InvalidParameterValue", LIST)),
};

export const networkAclRecords: readonly ResourceRecord[] = [networkAcl, networkAclRule, defaultNetworkAcl, prefixList];
