import { isIPv6 } from "node:net";
import { parseCidr } from "../cidr";
import { arn, digest } from "../naming";
import type { CreateContext, ResourceRecord } from "../record";
import { oneOf, refusals, when, type Refusal } from "../rules";
import { flag, isGiven, number, text, texts } from "../values";
import type { Properties, Value } from "../../provider/types";

const SOURCE = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html";
const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";
/** What names the other end, in the three ways that rules are written. */
const ends = [
  ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"],
  ["cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "sourceSecurityGroupId", "securityGroups", "self"],
] as const;

/** What AWS refuses in a rule, written inline (`protocol`) or as a resource (`ipProtocol`). */
export function ruleProblems(rule: Properties, where: string): Refusal {
  const protocol = text(rule.ipProtocol) ?? text(rule.protocol);
  const [from, to] = [number(rule.fromPort), number(rule.toPort)];
  const all = protocol === "-1" || protocol === "all";
  const portless =
    all || protocol === "icmp" || protocol === "icmpv6" || (protocol !== undefined && /^\d+$/.test(protocol));
  const badCidrs = [text(rule.cidrIpv4), ...texts(rule.cidrBlocks)].filter((cidr) => cidr && !parseCidr(cidr));
  const badIpv6 = [text(rule.cidrIpv6), ...texts(rule.ipv6CidrBlocks)].filter(
    (cidr) => cidr && !isIPv6(cidr.split("/")[0] ?? ""),
  );
  return refusals(
    when(
      protocol !== undefined && !/^(-1|all|tcp|udp|icmp|icmpv6|\d{1,3})$/i.test(protocol),
      "InvalidParameterValue",
      `${where}: protocol "${protocol ?? ""}" is none of -1, tcp, udp, icmp, icmpv6 or a number`,
      SOURCE,
    ),
    when(
      !portless && (!isGiven(rule.fromPort) || !isGiven(rule.toPort)),
      "InvalidParameterValue",
      `${where}: ${protocol ?? ""} needs fromPort and toPort`,
      SOURCE,
    ),
    when(
      !portless && from !== undefined && to !== undefined && (from > to || from < 0 || to > 65_535),
      "InvalidParameterValue",
      `${where}: Invalid TCP/UDP port range (${from ?? ""}-${to ?? ""})`,
      SOURCE,
    ),
    when(
      badCidrs.length + badIpv6.length > 0,
      "InvalidParameterValue",
      `${where}: ${[...badCidrs, ...badIpv6].join(", ")} is no CIDR block (write its first address, as in 10.0.0.0/16)`,
      SOURCE,
    ),
    when(
      ends.every((names) => names.every((name) => (name === "self" ? !flag(rule.self) : emptyEnd(rule[name])))),
      "MissingParameter",
      `${where} says nothing about the other end: give a CIDR block, a prefix list or a security group`,
      SOURCE,
    ),
    when(
      (text(rule.description) ?? "").length > 255,
      "InvalidParameterValue",
      `${where}: description is over 255 characters`,
      SOURCE,
    ),
  );
}

function emptyEnd(value: Value | undefined): boolean {
  return !isGiven(value) || (Array.isArray(value) && value.length === 0);
}

/** A rule that is a resource of its own, of the newer kind: one end each. */
function vpcRule(way: "Ingress" | "Egress"): ResourceRecord {
  const type = `aws:vpc/securityGroup${way}Rule:SecurityGroup${way}Rule`;
  return {
    type,
    source: `https://www.pulumi.com/registry/packages/aws/api-docs/vpc/securitygroup${way.toLowerCase()}rule/`,
    id: ({ world }) => world.newHexId("sgr"),
    references: [
      { path: "securityGroupId", to: SECURITY_GROUP, weak: true },
      { path: "referencedSecurityGroupId", to: SECURITY_GROUP },
      { path: "prefixListId", to: "aws:ec2/managedPrefixList:ManagedPrefixList", weak: true },
    ],
    replaceOn: ["securityGroupId"],
    outputs: (context) => ({
      arn: arn(context, "ec2", `security-group-rule/${context.id}`),
      securityGroupRuleId: context.id,
    }),
    validate: ({ inputs }) =>
      refusals(
        when(
          ends[0].filter((name) => isGiven(inputs[name])).length > 1,
          "InvalidParameterCombination",
          `a rule has one of ${ends[0].join(", ")}: make a rule for each`,
          SOURCE,
        ),
        ruleProblems(inputs, "the rule"),
      ),
    conflicts: (context) => duplicate(context, type, ["ipProtocol", "fromPort", "toPort", ...ends[0]]),
    seconds: { create: 1 },
  };
}

const securityGroupRule: ResourceRecord = {
  type: "aws:ec2/securityGroupRule:SecurityGroupRule",
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/ec2/securitygrouprule/",
  id: ({ inputs }) => `sgrule-${digest(JSON.stringify(Object.entries(inputs).sort()), 10, "digits")}`,
  references: [
    { path: "securityGroupId", to: SECURITY_GROUP, weak: true },
    { path: "sourceSecurityGroupId", to: SECURITY_GROUP },
  ],
  replaceOn: [
    "securityGroupId",
    "type",
    "protocol",
    "fromPort",
    "toPort",
    "sourceSecurityGroupId",
    "cidrBlocks",
    "self",
  ],
  outputs: ({ id }) => ({ securityGroupRuleId: `sgr-0${digest(id, 16)}` }),
  validate: ({ inputs }) =>
    refusals(
      oneOf("type", inputs.type, ["ingress", "egress"], "InvalidParameterValue", SOURCE),
      ruleProblems(inputs, "the rule"),
    ),
  conflicts: (context) =>
    duplicate(context, "aws:ec2/securityGroupRule:SecurityGroupRule", [
      "type",
      "protocol",
      "fromPort",
      "toPort",
      ...ends[1],
    ]),
  seconds: { create: 1 },
};

function duplicate(
  context: CreateContext & { readonly id?: string },
  type: string,
  properties: readonly string[],
): string[] {
  const { world, inputs, id } = context;
  const twin = world.find(
    type,
    (other) =>
      other.id !== id &&
      ["securityGroupId", ...properties].every(
        (property) => JSON.stringify(other.properties[property]) === JSON.stringify(inputs[property]),
      ),
  );
  return refusals(
    when(
      twin !== undefined,
      "InvalidPermission.Duplicate",
      `the specified rule already exists in ${text(inputs.securityGroupId) ?? ""} (${twin?.name ?? ""})`,
      SOURCE,
    ),
  );
}

export const securityGroupRuleRecords: readonly ResourceRecord[] = [
  vpcRule("Ingress"),
  vpcRule("Egress"),
  securityGroupRule,
];
