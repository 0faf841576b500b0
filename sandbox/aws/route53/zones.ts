import { arn, digest, type Place } from "../naming";
import type { ResourceRecord } from "../record";
import { refusals, when, type Refusal } from "../rules";
import { blocks, flag, isGiven, text } from "../values";
import { clean, domainName, findZone, newZoneId, RECORD, recordsOf, ZONE, zoneNameOf } from "./names";
import type { Properties } from "../../provider/types";
import type { World, WorldObject } from "../../world";

const SOURCE = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html";
const DELETE = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DeleteHostedZone.html";
const PRIVATE = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html";
const VPC = "aws:ec2/vpc:Vpc";
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
export function zoneOutputs({ id, partition }: Pick<Place, "partition"> & { id: string }): Properties {
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

/** A VPC resolves a name in one zone only. */
function vpcTaken(world: World, zoneName: string, vpcIds: readonly string[], own?: string): string[] {
  const rival = world.find(
    ZONE,
    (zone) =>
      zone.id !== own && zoneNameOf(zone) === zoneName && vpcsOf(world, zone).some((vpc) => vpcIds.includes(vpc)),
  );
  return refusals(
    when(
      rival !== undefined,
      "ConflictingDomainExists",
      `${vpcIds.join(", ")} has a private zone ${zoneName} already: ${rival?.id ?? ""}`,
      PRIVATE,
    ),
  );
}

const zone: ResourceRecord = {
  type: ZONE,
  source: registry("zone"),
  id: ({ world }) => newZoneId(world.newHexId("zone", 32)),
  autoname: { property: "name", maxLength: 255 },
  defaults: { comment: "Managed by Pulumi", forceDestroy: false, enableAcceleratedRecovery: false },
  references: [{ path: "vpcs[].vpcId", to: VPC, weak: true }],
  replaceOn: ["name", "delegationSetId"],
  errors: { notFound: "NoSuchHostedZone", inUse: "HostedZoneNotEmpty" },
  outputs: (context) => ({ ...zoneOutputs(context), name: clean(text(context.inputs.name) ?? "") }),
  validate: ({ inputs, world, id }) => {
    const name = text(inputs.name);
    const before = id === undefined ? undefined : world.get(ZONE, id)?.properties;
    return refusals(
      domainName("name", name, "InvalidDomainName"),
      when(
        name !== undefined && !clean(name).includes("."),
        "InvalidDomainName",
        `${name ?? ""} is a top-level domain, for which nobody can have a zone`,
        SOURCE,
      ),
      when(
        isPrivate(inputs) && isGiven(inputs.delegationSetId),
        "InvalidInput",
        "a private zone has no delegationSetId",
        PRIVATE,
      ),
      when(
        before !== undefined && isPrivate(before) !== isPrivate(inputs),
        "PublicZoneVPCAssociation",
        "a public zone can't become private, nor a private one public: make another",
        PRIVATE,
      ),
      when((text(inputs.comment) ?? "").length > 256, "InvalidInput", "comment has over 256 characters", SOURCE),
    );
  },
  conflicts: ({ world, inputs, id }) => {
    const vpcIds = blocks(inputs.vpcs).flatMap(({ vpcId }) => text(vpcId) ?? []);
    return vpcTaken(world, clean(text(inputs.name) ?? ""), vpcIds, id);
  },
  onCreate: ({ world, id }) => {
    const made = world.get(ZONE, id);
    for (const record of made ? apexRecords(made) : []) world.put(record);
    return Promise.resolve(undefined);
  },
  blocksDeletion: ({ world, id, properties }) => {
    const left = recordsOf(world, id).filter(({ ownedBy }) => ownedBy !== id);
    const names = left.map(({ properties: record }) => `${text(record.fqdn) ?? ""} ${text(record.type) ?? ""}`);
    return when(
      left.length > 0 && flag(properties.forceDestroy) !== true,
      "HostedZoneNotEmpty",
      "The specified hosted zone contains non-required resource record sets and so cannot be deleted: delete " +
        `${names.join(", ")}, or set forceDestroy and run \`pulumi up\` before destroying`,
      DELETE,
    );
  },
  onDelete: ({ world, id }) => {
    for (const record of recordsOf(world, id)) world.remove(RECORD, record.id);
    for (const one of world.list(ASSOCIATION)) if (one.properties.zoneId === id) world.remove(ASSOCIATION, one.id);
    return Promise.resolve();
  },
  seconds: { create: 40, delete: 30 },
};

/** Refuses a public zone where a private one is meant. */
function privateZone(world: World, zoneId: string | undefined): Refusal {
  const target = findZone(world, zoneId ?? "");
  return when(
    target !== undefined && !isPrivate(target.properties),
    "PublicZoneVPCAssociation",
    `${zoneNameOf(target)} is a public zone: VPCs are associated with private ones`,
    PRIVATE,
  );
}

const zoneAssociation: ResourceRecord = {
  type: ASSOCIATION,
  source: registry("zoneassociation"),
  id: ({ inputs }) => `${text(inputs.zoneId) ?? ""}:${text(inputs.vpcId) ?? ""}`,
  references: [
    { path: "zoneId", to: ZONE, weak: true },
    { path: "vpcId", to: VPC, weak: true },
  ],
  replaceOn: ["zoneId", "vpcId", "vpcRegion"],
  outputs: ({ account, inputs, region }) => ({ owningAccount: account, vpcRegion: text(inputs.vpcRegion) ?? region }),
  validate: ({ inputs, world }) => refusals(privateZone(world, text(inputs.zoneId))),
  conflicts: ({ inputs, world }) => {
    const target = findZone(world, text(inputs.zoneId) ?? "");
    return target ? vpcTaken(world, zoneNameOf(target), [text(inputs.vpcId) ?? ""]) : [];
  },
  blocksDeletion: ({ world, properties }) => {
    const target = findZone(world, text(properties.zoneId) ?? "");
    return when(
      target !== undefined && vpcsOf(world, target).length <= 1,
      "LastVPCAssociation",
      `${zoneNameOf(target)} would answer nowhere: a private zone has one VPC at least`,
      PRIVATE,
    );
  },
  seconds: { create: 40, delete: 30 },
};

const authorization: ResourceRecord = {
  type: "aws:route53/vpcAssociationAuthorization:VpcAssociationAuthorization",
  source: registry("vpcassociationauthorization"),
  id: ({ inputs }) => `${text(inputs.zoneId) ?? ""}:${text(inputs.vpcId) ?? ""}`,
  // The VPC is another account's, which this world doesn't hold.
  references: [{ path: "zoneId", to: ZONE, weak: true }],
  replaceOn: ["zoneId", "vpcId", "vpcRegion"],
  outputs: ({ inputs, region }) => ({ vpcRegion: text(inputs.vpcRegion) ?? region }),
  validate: ({ inputs, world }) => refusals(privateZone(world, text(inputs.zoneId))),
};

export const zoneRecords: readonly ResourceRecord[] = [zone, zoneAssociation, authorization];
