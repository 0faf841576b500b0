import { isIPv4, isIPv6 } from "node:net";
import type { ResourceRecord, ValidateContext } from "../record";
import { oneOf, refusals, when, type Refusal } from "../rules";
import { flag, isGiven, text, texts } from "../values";
import { aliasOf, aliasTarget } from "./aliases";
import { domainName, findZone, fqdn, RECORD, recordsOf, ZONE, zoneNameOf } from "./names";

const SOURCE = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html";
const CHANGE = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html";
const ALIAS =
  "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html";
const types = "A AAAA CAA CNAME DS HTTPS MX NAPTR NS PTR SOA SPF SRV SSHFP SVCB TLSA TXT".split(" ");
const policies = [
  "weightedRoutingPolicies",
  "latencyRoutingPolicies",
  "failoverRoutingPolicies",
  "geolocationRoutingPolicies",
  "geoproximityRoutingPolicy",
  "cidrRoutingPolicy",
  "multivalueAnswerRoutingPolicy",
];

function zoneOf({ world, inputs }: Pick<ValidateContext, "world" | "inputs">) {
  return findZone(world, text(inputs.zoneId) ?? "");
}

/** Values that can't be of their type. */
function valueRules(inputs: ValidateContext["inputs"]): Refusal {
  const values = texts(inputs.records);
  const type = text(inputs.type) ?? "";
  const checks: Readonly<Record<string, (value: string) => boolean>> = {
    A: (value) => isIPv4(value),
    AAAA: (value) => isIPv6(value),
    CNAME: (value) => /^[a-z0-9_.*-]+$/i.test(value),
    MX: (value) => /^\d+ \S+$/.test(value),
  };
  const valid = checks[type];
  const bad = valid === undefined ? [] : values.filter((value) => !valid(value));
  return refusals(
    when(bad.length > 0, "InvalidChangeBatch", `${bad.join(", ")} is no value of a ${type} record`, SOURCE),
    when(type === "CNAME" && values.length > 1, "InvalidChangeBatch", "a CNAME record has one value", SOURCE),
  );
}

function idOf({ inputs }: Pick<ValidateContext, "inputs">): string {
  return ["zoneId", "name", "type", "setIdentifier"].flatMap((property) => text(inputs[property]) ?? []).join("_");
}

const record: ResourceRecord = {
  type: RECORD,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/route53/record/",
  id: idOf,
  references: [
    { path: "zoneId", to: ZONE, weak: true },
    { path: "healthCheckId", to: "aws:route53/healthCheck:HealthCheck" },
  ],
  replaceOn: ["zoneId", "name", "type", "setIdentifier"],
  updatable: ["records", "ttl", "aliases"],
  overwrites: ({ inputs }) => flag(inputs.allowOverwrite) === true,
  outputs: (context) => ({ fqdn: fqdn(text(context.inputs.name) ?? "", zoneNameOf(zoneOf(context))) }),
  validate: (context) => {
    const { inputs, preview } = context;
    const zone = zoneOf(context);
    const name = text(inputs.name);
    const isAlias = isGiven(inputs.aliases);
    const hasRecords = isGiven(inputs.records);
    const alias = aliasOf(inputs);
    const routed = policies.filter((policy) => isGiven(inputs[policy]) && flag(inputs[policy]) !== false);
    const aliasable = ["A", "AAAA", "HTTPS", "SVCB", "CNAME", "MX", "TXT", "CAA"];
    return refusals(
      oneOf("type", inputs.type, types, "InvalidInput", SOURCE),
      domainName("name", name, "InvalidChangeBatch"),
      when(isAlias === hasRecords, "InvalidInput", "give records (with ttl) or aliases", CHANGE),
      when(hasRecords && !isGiven(inputs.ttl), "InvalidInput", "records need a ttl (seconds)", CHANGE),
      when(isAlias && isGiven(inputs.ttl), "InvalidInput", "an alias has no ttl: its target's applies", ALIAS),
      when(
        zone !== undefined &&
          name !== undefined &&
          fqdn(name, zoneNameOf(zone)) === zoneNameOf(zone) &&
          inputs.type === "CNAME",
        "InvalidChangeBatch",
        `RRSet of type CNAME with DNS name ${zoneNameOf(zone)}. is not permitted at apex in zone ${zoneNameOf(zone)}.: use an alias record`,
        ALIAS,
      ),
      when(
        isAlias && !aliasable.includes(text(inputs.type) ?? "A"),
        "InvalidChangeBatch",
        `a ${text(inputs.type) ?? ""} record can't be an alias`,
        ALIAS,
      ),
      alias === undefined ? undefined : aliasTarget(context, alias, preview),
      when(
        routed.length > 0 && !isGiven(inputs.setIdentifier),
        "InvalidInput",
        `${routed.join(", ")} needs setIdentifier`,
        CHANGE,
      ),
      valueRules(inputs),
    );
  },
  conflicts: (context) => {
    const { world, inputs, id } = context;
    const zone = zoneOf(context);
    const name = fqdn(text(inputs.name) ?? "", zoneNameOf(zone));
    const others = recordsOf(world, zone?.id ?? "").filter(
      (other) => other.id !== id && fqdn(text(other.properties.name) ?? "", zoneNameOf(zone)) === name,
    );
    const twin = others.find(
      ({ properties }) =>
        properties.type === inputs.type && text(properties.setIdentifier) === text(inputs.setIdentifier),
    );
    const cname = others.find(({ properties }) => (properties.type === "CNAME") !== (inputs.type === "CNAME"));
    return refusals(
      when(
        twin !== undefined && flag(inputs.allowOverwrite) !== true,
        "InvalidChangeBatch",
        `Tried to create resource record set [name='${name}.', type='${text(inputs.type) ?? ""}'] but it already exists`,
        CHANGE,
      ),
      when(
        cname !== undefined,
        "InvalidChangeBatch",
        `RRSet of type CNAME with DNS name ${name}. conflicts with another record of that name`,
        SOURCE,
      ),
    );
  },
  seconds: { create: 31, delete: 31 },
};

export const recordRecords: readonly ResourceRecord[] = [record];
