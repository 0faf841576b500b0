import type { ResourceRecord, ValidateContext } from "../record";
import { between, oneOf, refusals, when, type Refusal } from "../rules";
import { blocks, flag, hasUnknown, isGiven, isUnknown, text, texts } from "../values";
import { aliasOf, aliasTarget } from "./aliases";
import { clean, domainName, findZone, fqdn, RECORD, recordsOf, ZONE, zoneNameOf } from "./names";
import { badValues, recordTypes } from "./recordValues";
import { besides, routing } from "./routing";

const CHANGE = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html";
const FORMATS = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html";
const SET = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html";
const CODE = "InvalidChangeBatch";
/** Longest time to live, seconds: a signed 32-bit number. */
const LONGEST_TTL = 2_147_483_647;

/** The zone a record is in, and its whole name there. */
function place({ world, inputs }: Pick<ValidateContext, "world" | "inputs">) {
  const zone = findZone(world, text(inputs.zoneId) ?? "");
  return { zone, name: fqdn(text(inputs.name) ?? "", zoneNameOf(zone)) };
}

/** What the record answers: values and their time to live, or an alias. */
function answer({ inputs }: ValidateContext): Refusal {
  const type = text(inputs.type) ?? "";
  const records = texts(inputs.records);
  const hasRecords = records.length > 0 || hasUnknown(inputs.records);
  const hasAlias = aliasOf(inputs) !== undefined || isUnknown(inputs.aliases);
  const which = `${text(inputs.name) ?? ""} ${type}`;
  return refusals(
    when(!hasAlias && !hasRecords, CODE, `${which}: give records with ttl, or aliases`, SET),
    when(hasAlias && hasRecords, CODE, `${which}: give records or aliases, not both`, SET),
    when(blocks(inputs.aliases).length > 1, CODE, `${which}: a record has one alias at most`, SET),
    when(hasAlias && isGiven(inputs.ttl), CODE, `${which}: an alias has its target's ttl, leave ttl out`, SET),
    when(hasAlias && ["NS", "SOA"].includes(type), CODE, `${which}: ${type} records can't be aliases`, SET),
    when(hasRecords && !isGiven(inputs.ttl), CODE, `${which}: records need a ttl, in seconds`, SET),
    when(type === "CNAME" && records.length > 1, CODE, `${which}: a CNAME has one value`, FORMATS),
    when(new Set(records).size < records.length, CODE, `${which}: Duplicate Resource Record`, SET),
    ...badValues(type, records).map((reason) => when(true, CODE, `Invalid Resource Record: ${reason}`, FORMATS)),
  );
}

const record: ResourceRecord = {
  type: RECORD,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/route53/record/",
  id: (context) => {
    const { zone, name } = place(context);
    const parts = [zone?.id, name, text(context.inputs.type), text(context.inputs.setIdentifier)];
    return parts.filter((part) => part !== undefined).join("_");
  },
  references: [
    { path: "zoneId", to: ZONE, weak: true },
    { path: "healthCheckId", to: "aws:route53/healthCheck:HealthCheck", weak: true },
  ],
  replaceOn: ["zoneId", "name", "type", "setIdentifier"],
  overwrites: ({ inputs }) => flag(inputs.allowOverwrite) === true,
  outputs: (context) => ({ fqdn: place(context).name, name: clean(text(context.inputs.name) ?? "") }),
  validate: (context) => {
    const { inputs, preview } = context;
    const { zone, name } = place(context);
    const alias = aliasOf(inputs);
    return refusals(
      oneOf("type", inputs.type, recordTypes, CODE, FORMATS),
      domainName("name", text(inputs.name), CODE),
      between("ttl", inputs.ttl, 0, LONGEST_TTL, CODE, SET),
      answer(context),
      routing(context),
      when(
        zone !== undefined && inputs.type === "CNAME" && name === zoneNameOf(zone),
        CODE,
        `RRSet of type CNAME with DNS name ${name}. is not permitted at apex in zone ${name}.: make an alias`,
        FORMATS,
      ),
      alias && aliasTarget(context, alias, preview),
    );
  },
  conflicts: (context) => {
    const { world, inputs, id } = context;
    const { zone, name } = place(context);
    const [type, set] = [text(inputs.type) ?? "", text(inputs.setIdentifier)];
    const others = recordsOf(world, zone?.id ?? "").filter((one) => one.id !== id && one.properties.fqdn === name);
    const twin = others.find(({ properties }) => properties.type === type && text(properties.setIdentifier) === set);
    const rival = others.find(({ properties }) => (properties.type === "CNAME") !== (type === "CNAME"));
    return refusals(
      when(
        twin !== undefined && flag(inputs.allowOverwrite) !== true,
        CODE,
        `Tried to create resource record set [name='${name}.', type='${type}'] but it already exists: delete it, ` +
          `import it as ${twin?.id ?? ""}, or set allowOverwrite`,
        CHANGE,
      ),
      when(
        rival !== undefined,
        CODE,
        `RRSet of type ${type} with DNS name ${name}. is not permitted as it conflicts with other records with the ` +
          `same DNS name in zone ${zone?.id ?? ""}: a CNAME stands alone`,
        FORMATS,
      ),
      besides(inputs, others),
    );
  },
  blocksDeletion: ({ world, properties }) => {
    const zone = findZone(world, text(properties.zoneId) ?? "");
    return when(
      zone !== undefined && properties.fqdn === zoneNameOf(zone) && ["NS", "SOA"].includes(text(properties.type) ?? ""),
      CODE,
      "A HostedZone must contain at least one NS record and exactly one SOA record for the zone itself",
      CHANGE,
    );
  },
  // The provider waits until a change is INSYNC.
  seconds: { create: 31, delete: 31 },
};

export const recordRecords: readonly ResourceRecord[] = [record];
