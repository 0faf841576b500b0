import { arn, digest, type Place } from "../naming";
import type { ResourceRecord } from "../record";
import { refusals, when } from "../rules";
import { blocks, flag, isGiven, text } from "../values";
import { domainName, newZoneId, RECORD, recordsOf, ZONE, zoneNameOf } from "./names";
import type { Properties } from "../../provider/types";
import type { World, WorldObject } from "../../world";

const SOURCE = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html";
const DELETE = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DeleteHostedZone.html";
const PRIVATE = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html";
const ASSOCIATION = "aws:route53/zoneAssociation:ZoneAssociation";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/route53/${name}/`;

/** The four name servers of a zone's delegation set, one in each top-level domain. */
function nameServers(id: string): string[] {
  return ["com", "net", "org", "co.uk"].map((domain, index) => {
    const nth = parseInt(digest(`${id}/${domain}`, 4), 16) % 512;
    return `ns-${index * 512 + nth}.awsdns-${String(nth % 64).padStart(2, "0")}.${domain}`;
  });
}

/** Whether a zone answers only in VPCs. */
export function isPrivate(zone: Properties): boolean {
  return blocks(zone.vpcs).length > 0;
}

/** The VPCs that a private zone answers in: its own, and those associated afterwards. */
export function vpcsOf(world: World, zone: WorldObject): string[] {
  const associated = world.list(ASSOCIATION).filter(({ properties }) => properties.zoneId === zone.id);
  return [...blocks(zone.properties.vpcs), ...associated.map(({ properties }) => properties)].flatMap(
    ({ vpcId }) => text(vpcId) ?? [],
  );
}

/** What Route 53 says of a zone of this id. */
export function zoneOutputs({
  id,
  partition,
}: Pick<Place, "partition"> & { id: string; inputs: Properties }): Properties {
  const place = { partition, region: "", account: "" };
  return {
    zoneId: id,
    arn: arn(place, "route53", `hostedzone/${id}`),
    nameServers: nameServers(id),
    primaryNameServer: nameServers(id)[0] ?? "",
  };
}

/** The NS and SOA records that Route 53 makes with a zone, and that go with it. */
export function apexRecords(zone: WorldObject): WorldObject[] {
  const name = zoneNameOf(zone);
  const servers = nameServers(zone.id).map((server) => `${server}.`);
  const soa = `${servers[0] ?? ""} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`;
  const values = { NS: { ttl: 172_800, records: servers }, SOA: { ttl: 900, records: [soa] } };
  return Object.entries(values).map(([type, { ttl, records }]) => {
    const properties = { zoneId: zone.id, name, type, ttl, records, fqdn: name };
    const { region, createdAt } = zone;
    return {
      type: RECORD,
      id: `${zone.id}_${name}_${type}`,
      name: zone.name,
      region,
      createdAt,
      ownedBy: zone.id,
      properties,
    };
  });
}

const zone: ResourceRecord = {
  type: ZONE,
  source: registry("zone"),
  id: ({ world }) => newZoneId(world.newHexId("zone")),
  defaults: { comment: "Managed by Pulumi", forceDestroy: false },
  references: [{ path: "vpcs[].vpcId", to: "aws:ec2/vpc:Vpc", weak: true }],
  replaceOn: ["name", "delegationSetId"],
  errors: { notFound: "NoSuchHostedZone", inUse: "HostedZoneNotEmpty" },
  outputs: zoneOutputs,
  validate: ({ inputs, world, id }) => {
    const before = id === undefined ? undefined : world.get(ZONE, id)?.properties;
    return refusals(
      domainName("name", text(inputs.name), "InvalidDomainName"),
      when(
        isPrivate(inputs) && isGiven(inputs.delegationSetId),
        "InvalidInput",
        "a private zone has no delegationSetId",
        PRIVATE,
      ),
      when(
        before !== undefined && isPrivate(before) !== isPrivate(inputs),
        "InvalidInput",
        "a public zone can't become private, nor a private one public: make another",
        PRIVATE,
      ),
    );
  },
  onCreate: ({ world, id }) => {
    const made = world.get(ZONE, id);
    for (const record of made ? apexRecords(made) : []) world.put(record);
    return Promise.resolve(undefined);
  },
  blocksDeletion: ({ world, id, properties }) => {
    const record = recordsOf(world, id).find(({ ownedBy }) => ownedBy !== id);
    return when(
      record !== undefined && flag(properties.forceDestroy) !== true,
      "HostedZoneNotEmpty",
      "The specified hosted zone contains non-required resource record sets and so cannot be deleted: " +
        `${text(record?.properties.fqdn) ?? ""} (or set forceDestroy and run \`pulumi up\` first)`,
      DELETE,
    );
  },
  onDelete: ({ world, id }) => {
    for (const record of recordsOf(world, id)) world.remove(RECORD, record.id);
    return Promise.resolve();
  },
  seconds: { create: 40, delete: 30 },
};

const zoneAssociation: ResourceRecord = {
  type: ASSOCIATION,
  source: registry("zoneassociation"),
  id: ({ inputs }) => `${text(inputs.zoneId) ?? ""}:${text(inputs.vpcId) ?? ""}`,
  references: [
    { path: "zoneId", to: ZONE, weak: true },
    { path: "vpcId", to: "aws:ec2/vpc:Vpc", weak: true },
  ],
  replaceOn: ["zoneId", "vpcId", "vpcRegion"],
  outputs: ({ account, inputs, region }) => ({ owningAccount: account, vpcRegion: text(inputs.vpcRegion) ?? region }),
  validate: ({ inputs, world }) => {
    const target = world.get(ZONE, text(inputs.zoneId) ?? "");
    return refusals(
      when(
        target !== undefined && !isPrivate(target.properties),
        "PublicZoneVPCAssociation",
        `${zoneNameOf(target)} is a public zone: VPCs are associated with private ones`,
        PRIVATE,
      ),
    );
  },
};

const authorization: ResourceRecord = {
  type: "aws:route53/vpcAssociationAuthorization:VpcAssociationAuthorization",
  source: registry("vpcassociationauthorization"),
  id: ({ inputs }) => `${text(inputs.zoneId) ?? ""}:${text(inputs.vpcId) ?? ""}`,
  references: [{ path: "zoneId", to: ZONE, weak: true }],
  replaceOn: ["zoneId", "vpcId", "vpcRegion"],
  validate: ({ inputs, world }) => {
    const target = world.get(ZONE, text(inputs.zoneId) ?? "");
    return refusals(
      when(
        target !== undefined && !isPrivate(target.properties),
        "InvalidInput",
        `${zoneNameOf(target)} is a public zone`,
        SOURCE,
      ),
    );
  },
};

export const zoneRecords: readonly ResourceRecord[] = [zone, zoneAssociation, authorization];
