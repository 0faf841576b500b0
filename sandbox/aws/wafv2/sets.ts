import { isIPv4, isIPv6 } from "node:net";
import { uuid } from "../naming";
import type { ResourceRecord, ValidateContext } from "../record";
import { oneOf, refusals, taken, when, type Refusal } from "../rules";
import { block, blocks, number, text, texts } from "../values";
import { CAPACITY } from "./capacity";
import { api, autoname, common, INVALID, IP_SET, REGEX_SET, registry, RULE_GROUP, wafArn } from "./names";
import { ruleList, visibility } from "./rules";

const [MOST_ADDRESSES, MOST_EXPRESSIONS] = [10_000, 10];
const inUse = { notFound: "WAFNonexistentItemException", inUse: "WAFAssociatedItemException" } as const;

function addresses({ inputs }: ValidateContext): Refusal {
  const given = texts(inputs.addresses);
  const isIp = text(inputs.ipAddressVersion) === "IPV6" ? isIPv6 : isIPv4;
  const longest = text(inputs.ipAddressVersion) === "IPV6" ? 128 : 32;
  const wrong = given.filter((cidr) => {
    const [address = "", prefix = ""] = cidr.split("/");
    return !isIp(address) || !/^\d{1,3}$/.test(prefix) || Number(prefix) < 1 || Number(prefix) > longest;
  });
  return refusals(
    when(
      wrong.length > 0,
      INVALID,
      `addresses: ${wrong.join(", ")} must be CIDR blocks of ${text(inputs.ipAddressVersion) ?? ""}, /0 excepted`,
      api("IPSet"),
    ),
    when(
      given.length > MOST_ADDRESSES,
      "WAFLimitsExceededException",
      `at most ${MOST_ADDRESSES} addresses`,
      api("IPSet"),
    ),
  );
}

const ipSet: ResourceRecord = {
  type: IP_SET,
  source: registry("ipset"),
  id: ({ world }) => uuid(world.newHexId("ipset", 32)),
  autoname,
  replaceOn: ["name", "scope", "ipAddressVersion"],
  errors: inUse,
  outputs: (context) => ({
    arn: wafArn(context, "ipset", context.inputs, context.id),
    lockToken: uuid(`${context.id} lock`),
  }),
  validate: (context) =>
    refusals(
      common(context, "CreateIPSet"),
      oneOf("ipAddressVersion", context.inputs.ipAddressVersion, ["IPV4", "IPV6"], INVALID, api("CreateIPSet")),
      addresses(context),
    ),
  conflicts: (context) => refusals(taken(context, IP_SET, "name", "WAFDuplicateItemException", api("CreateIPSet"))),
  seconds: { create: 2 },
};

const regexPatternSet: ResourceRecord = {
  type: REGEX_SET,
  source: registry("regexpatternset"),
  id: ({ world }) => uuid(world.newHexId("regex", 32)),
  autoname,
  replaceOn: ["name", "scope"],
  errors: inUse,
  outputs: (context) => ({
    arn: wafArn(context, "regexpatternset", context.inputs, context.id),
    lockToken: uuid(`${context.id} lock`),
  }),
  validate: (context) =>
    refusals(
      common(context, "CreateRegexPatternSet"),
      when(
        blocks(context.inputs.regularExpressions).length > MOST_EXPRESSIONS,
        "WAFLimitsExceededException",
        `at most ${MOST_EXPRESSIONS} regular expressions in a set`,
        api("CreateRegexPatternSet"),
      ),
    ),
  conflicts: (context) =>
    refusals(taken(context, REGEX_SET, "name", "WAFDuplicateItemException", api("CreateRegexPatternSet"))),
  seconds: { create: 2 },
};

const ruleGroup: ResourceRecord = {
  type: RULE_GROUP,
  source: registry("rulegroup"),
  id: ({ world }) => uuid(world.newHexId("group", 32)),
  autoname,
  replaceOn: ["name", "scope", "capacity"],
  errors: inUse,
  outputs: (context) => ({
    arn: wafArn(context, "rulegroup", context.inputs, context.id),
    lockToken: uuid(`${context.id} lock`),
  }),
  validate: (context) => {
    const capacity = number(context.inputs.capacity);
    return refusals(
      common(context, "CreateRuleGroup"),
      when(capacity !== undefined && capacity < 1, INVALID, "capacity must be 1 or more", CAPACITY),
      visibility("visibilityConfig", block(context.inputs.visibilityConfig)),
      ruleList(context, capacity),
    );
  },
  conflicts: (context) =>
    refusals(taken(context, RULE_GROUP, "name", "WAFDuplicateItemException", api("CreateRuleGroup"))),
  seconds: { create: 2 },
};

export const setRecords: readonly ResourceRecord[] = [ipSet, regexPatternSet, ruleGroup];
