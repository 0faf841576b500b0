import * as aws from "@pulumi/aws";
import type { ServiceConfig } from "./config";

/** One group of AWS's managed rules. Source: AWS WAF developer guide, AWS Managed Rules rule groups list. */
interface ManagedGroup {
  readonly name: string;
  /**
   * Rules that only count. Bodies are people's states and configuration: large, and full of what elsewhere is an attack
   * (addresses of metadata services, scripts, templates), so nothing is judged by a body.
   */
  readonly counted: readonly string[];
}

const GROUPS: readonly ManagedGroup[] = [
  { name: "AWSManagedRulesAmazonIpReputationList", counted: [] },
  {
    name: "AWSManagedRulesCommonRuleSet",
    counted: [
      ...["SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY"],
      "CrossSiteScripting_BODY",
    ],
  },
  {
    name: "AWSManagedRulesKnownBadInputsRuleSet",
    counted: ["JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"],
  },
];

/** A web ACL with AWS's managed rules, and a limit for each address if one is set. */
export function makeWebAcl({ names, tags, settings }: ServiceConfig): aws.wafv2.WebAcl {
  const name = names.of("service");
  const visible = (metricName: string) => ({
    metricName,
    cloudwatchMetricsEnabled: true,
    // Samples show requests' headers, tokens among them, to whoever may read the console.
    sampledRequestsEnabled: false,
  });
  const limit = settings.webAclRateLimit;
  const limits =
    limit === undefined
      ? []
      : [
          {
            name: "rate-limit",
            priority: 0,
            action: { block: {} },
            statement: { rateBasedStatement: { limit, aggregateKeyType: "IP", evaluationWindowSec: 300 } },
            visibilityConfig: visible("rate-limit"),
          },
        ];
  return new aws.wafv2.WebAcl("service", {
    name,
    description: "Requests to Pulumi's API and console",
    scope: "REGIONAL",
    defaultAction: { allow: {} },
    rules: [
      ...limits,
      ...GROUPS.map((group, index) => ({
        name: group.name,
        priority: 10 * (index + 1),
        overrideAction: { none: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: "AWS",
            name: group.name,
            ruleActionOverrides: group.counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
          },
        },
        visibilityConfig: visible(group.name),
      })),
    ],
    visibilityConfig: visible(name),
    tags: { ...tags, Name: name },
  });
}
