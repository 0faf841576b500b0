import { block, blocks, isBlock, text } from "../values";
import type { Properties } from "../../provider/types";
import type { World } from "../../world";
import { RULE_GROUP } from "./names";

/** Where capacities are given. */
export const CAPACITY = "https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html";
/** Web ACL capacity units that a web ACL may use. */
export const MOST_CAPACITY = 5000;

/** AWS's own rule groups and their capacity: docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html */
export const managedGroups: Readonly<Record<string, number>> = {
  AWSManagedRulesCommonRuleSet: 700,
  AWSManagedRulesAdminProtectionRuleSet: 100,
  AWSManagedRulesKnownBadInputsRuleSet: 200,
  AWSManagedRulesSQLiRuleSet: 200,
  AWSManagedRulesLinuxRuleSet: 200,
  AWSManagedRulesUnixRuleSet: 100,
  AWSManagedRulesWindowsRuleSet: 200,
  AWSManagedRulesPHPRuleSet: 100,
  AWSManagedRulesWordPressRuleSet: 100,
  AWSManagedRulesAmazonIpReputationList: 25,
  AWSManagedRulesAnonymousIpList: 50,
  AWSManagedRulesBotControlRuleSet: 50,
  AWSManagedRulesATPRuleSet: 50,
  AWSManagedRulesACFPRuleSet: 50,
  AWSManagedRulesAntiDDoSRuleSet: 50,
};

/** What a statement of each kind costs by itself, without transformations. */
const costs: Readonly<Record<string, number>> = {
  asnMatchStatement: 1,
  byteMatchStatement: 10,
  geoMatchStatement: 1,
  ipSetReferenceStatement: 1,
  labelMatchStatement: 1,
  rateBasedStatement: 2,
  regexMatchStatement: 3,
  regexPatternSetReferenceStatement: 25,
  sizeConstraintStatement: 1,
  sqliMatchStatement: 20,
  xssMatchStatement: 40,
};
const TRANSFORMATION = 10;

/** The capacity that a statement uses, with all that is nested in it. */
export function capacityOf(world: World, statement: Properties): number {
  return Object.entries(statement)
    .filter(([, member]) => isBlock(member))
    .map(([kind, member]) => {
      const inner = block(member);
      const nested = [...blocks(inner.statements), block(inner.statement), block(inner.scopeDownStatement)];
      const group = world.find(RULE_GROUP, ({ properties }) => properties.arn === inner.arn);
      const own =
        kind === "managedRuleGroupStatement"
          ? (managedGroups[text(inner.name) ?? ""] ?? 0)
          : kind === "ruleGroupReferenceStatement"
            ? Number(group?.properties.capacity ?? 0)
            : (costs[kind] ?? 0);
      const transformations = blocks(inner.textTransformations).filter(({ type }) => type !== "NONE").length;
      return nested.reduce((sum, one) => sum + capacityOf(world, one), own + transformations * TRANSFORMATION);
    })
    .reduce((sum, cost) => sum + cost, 0);
}
