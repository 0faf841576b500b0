import { LOAD_BALANCER } from "../lb/names";
import { parseArn, uuid } from "../naming";
import type { ResourceRecord } from "../record";
import { refusals, taken, when } from "../rules";
import { findBucket } from "../s3/buckets";
import { block, blocks, isGiven, text, texts } from "../values";
import { capacityOf } from "./capacity";
import { api, autoname, common, INVALID, IP_SET, REGEX_SET, registry, RULE_GROUP, WEB_ACL, wafArn } from "./names";
import { referencePaths, ruleList, visibility } from "./rules";
import type { World } from "../../world";

const ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation";
const ASSOCIATE = api("AssociateWebACL");
const LOGGING = "https://docs.aws.amazon.com/waf/latest/developerguide/logging-destinations.html";
/** What log groups, buckets and delivery streams must be called to get AWS WAF's logs. */
const LOG_PREFIX = "aws-waf-logs-";

const webAcl: ResourceRecord = {
  type: WEB_ACL,
  source: registry("webacl"),
  id: ({ world }) => uuid(world.newHexId("acl", 32)),
  autoname,
  references: [
    { path: referencePaths("ipSetReferenceStatement"), to: IP_SET, by: "arn" },
    { path: referencePaths("regexPatternSetReferenceStatement"), to: REGEX_SET, by: "arn" },
    { path: referencePaths("ruleGroupReferenceStatement"), to: RULE_GROUP, by: "arn" },
  ],
  replaceOn: ["name", "scope"],
  errors: { notFound: "WAFNonexistentItemException", inUse: "WAFAssociatedItemException" },
  outputs: (context) => ({
    arn: wafArn(context, "webacl", context.inputs, context.id),
    capacity: blocks(context.inputs.rules).reduce(
      (sum, rule) => sum + capacityOf(context.world, block(rule.statement)),
      0,
    ),
    lockToken: uuid(`${context.id} lock`),
    applicationIntegrationUrl: "",
  }),
  validate: (context) => {
    const action = block(context.inputs.defaultAction);
    return refusals(
      common(context, "CreateWebACL"),
      when(
        isGiven(context.inputs.defaultAction) && isGiven(action.allow) === isGiven(action.block),
        INVALID,
        "defaultAction must be allow or block",
        api("DefaultAction"),
      ),
      visibility("visibilityConfig", block(context.inputs.visibilityConfig)),
      ruleList(context),
    );
  },
  conflicts: (context) => refusals(taken(context, WEB_ACL, "name", "WAFDuplicateItemException", api("CreateWebACL"))),
  seconds: { create: 3 },
};

const association: ResourceRecord = {
  type: ASSOCIATION,
  source: registry("webaclassociation"),
  id: ({ inputs }) => `${text(inputs.webAclArn) ?? ""},${text(inputs.resourceArn) ?? ""}`,
  references: [{ path: "webAclArn", to: WEB_ACL, by: "arn" }],
  replaceOn: ["webAclArn", "resourceArn"],
  validate: ({ inputs, world, preview }) => {
    const resource = text(inputs.resourceArn) ?? "";
    const parsed = parseArn(resource);
    const balancer = world.get(LOAD_BALANCER, resource);
    const acl = world.find(WEB_ACL, ({ properties }) => properties.arn === inputs.webAclArn);
    const isBalancer = parsed?.service === "elasticloadbalancing";
    return refusals(
      when(
        !preview && isBalancer && !balancer,
        "WAFUnavailableEntityException",
        `resourceArn: AWS WAF couldn't retrieve ${resource}: there is no such load balancer`,
        ASSOCIATE,
      ),
      when(
        isBalancer &&
          balancer !== undefined &&
          (text(balancer.properties.loadBalancerType) ?? "application") !== "application",
        INVALID,
        "resourceArn: of load balancers, only Application Load Balancers can be protected",
        ASSOCIATE,
      ),
      when(
        acl?.properties.scope === "CLOUDFRONT",
        INVALID,
        "a web ACL of scope CLOUDFRONT is named in the distribution: an association is for REGIONAL ones",
        ASSOCIATE,
      ),
    );
  },
  conflicts: ({ inputs, world, id }) => {
    const other = world.find(ASSOCIATION, (one) => one.id !== id && one.properties.resourceArn === inputs.resourceArn);
    return refusals(
      when(
        other !== undefined,
        "WAFAssociatedItemException",
        `${text(inputs.resourceArn) ?? ""} has a web ACL already: ${text(other?.properties.webAclArn) ?? ""}`,
        ASSOCIATE,
      ),
    );
  },
  seconds: { create: 5 },
};

/** Whether a log destination is there, by its ARN, and what it is called. */
function destination(world: World, arn: string): { name: string; exists: boolean } {
  const { service, resource } = parseArn(arn) ?? { service: "", resource: "" };
  const name = resource.replace(/^(?:log-group:|deliverystream\/)/, "").replace(/:\*$/, "");
  if (service === "s3") return { name, exists: findBucket(world, arn) !== undefined };
  if (service === "logs") return { name, exists: world.get("aws:cloudwatch/logGroup:LogGroup", name) !== undefined };
  return { name, exists: true };
}

const loggingConfiguration: ResourceRecord = {
  type: "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
  source: registry("webaclloggingconfiguration"),
  id: ({ inputs }) => text(inputs.resourceArn) ?? "",
  references: [{ path: "resourceArn", to: WEB_ACL, by: "arn", weak: true }],
  replaceOn: ["resourceArn"],
  validate: ({ inputs, world, preview }) => {
    const targets = texts(inputs.logDestinationConfigs).map((arn) => destination(world, arn));
    const misnamed = targets.filter(({ name }) => !name.startsWith(LOG_PREFIX)).map(({ name }) => name);
    const missing = targets.filter(({ exists }) => !exists && !preview).map(({ name }) => name);
    return refusals(
      when(targets.length > 1, "WAFLimitsExceededException", "logDestinationConfigs: give one", LOGGING),
      when(
        misnamed.length > 0,
        INVALID,
        `logDestinationConfigs: the name of ${misnamed.join(", ")} must begin with ${LOG_PREFIX}`,
        LOGGING,
      ),
      when(
        missing.length > 0,
        "WAFLogDestinationPermissionIssueException",
        `logDestinationConfigs: there is no ${missing.join(", ")}`,
        LOGGING,
      ),
    );
  },
  seconds: { create: 2 },
};

export const webAclRecords: readonly ResourceRecord[] = [webAcl, association, loggingConfiguration];
