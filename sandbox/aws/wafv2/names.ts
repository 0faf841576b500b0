import { arn, type Place } from "../naming";
import { named, oneOf, refusals, when, type NameRule, type Refusal } from "../rules";
import { text } from "../values";
import type { Properties } from "../../provider/types";
import type { ValidateContext } from "../record";

export const WEB_ACL = "aws:wafv2/webAcl:WebAcl";
export const IP_SET = "aws:wafv2/ipSet:IpSet";
export const REGEX_SET = "aws:wafv2/regexPatternSet:RegexPatternSet";
export const RULE_GROUP = "aws:wafv2/ruleGroup:RuleGroup";
export const INVALID = "WAFInvalidParameterException";

/** The page of an AWS WAF API action or type, which states its limits and errors. */
export const api = (name: string) => `https://docs.aws.amazon.com/waf/latest/APIReference/API_${name}.html`;
export const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/wafv2/${name}/`;

const name: NameRule = { property: "name", maxLength: 128, pattern: /^[\w-]+$/ };
export const autoname = { property: "name", maxLength: name.maxLength, pattern: name.pattern };

/** An ARN as AWS WAF writes it: what protects CloudFront is in us-east-1 and says `global`. */
export function wafArn(place: Place, kind: string, inputs: Properties, id: string): string {
  const scope = text(inputs.scope) === "CLOUDFRONT" ? "global" : "regional";
  return arn(place, "wafv2", `${scope}/${kind}/${text(inputs.name) ?? ""}/${id}`);
}

/** What all of AWS WAF's own objects are checked for. */
export function common({ inputs, region }: ValidateContext, action: string): Refusal {
  return refusals(
    named(inputs, name, INVALID, api(action)),
    oneOf("scope", inputs.scope, ["REGIONAL", "CLOUDFRONT"], INVALID, api(action)),
    when(
      text(inputs.scope) === "CLOUDFRONT" && region !== "us-east-1",
      INVALID,
      `The scope is not valid: CLOUDFRONT is for us-east-1, this is ${region}`,
      api(action),
    ),
    when((text(inputs.description) ?? "x").length > 256, INVALID, "description has over 256 characters", api(action)),
  );
}
