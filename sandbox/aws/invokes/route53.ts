import { AwsError } from "../errors";
import type { Invoke } from "../record";
import { clean, findZone, recordsOf, ZONE, zoneNameOf } from "../route53/names";
import { isPrivate, vpcsOf } from "../route53/zones";
import { block, flag, text } from "../values";
import type { WorldObject } from "../../world";

const SOURCE = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZones.html";

/** Look-ups in Route 53. */
export const route53: Readonly<Record<string, Invoke>> = {
  "aws:route53/getZone:getZone": (args, { world }) => {
    const [name, zoneId, vpcId] = [text(args.name), text(args.zoneId), text(args.vpcId)];
    if (name !== undefined && zoneId !== undefined) {
      throw new AwsError("InvalidInput", "getZone: give name or zoneId, not both", SOURCE);
    }
    // As the provider: without privateZone only public zones are looked at, unless a VPC is named.
    const wantsPrivate = flag(args.privateZone) === true || vpcId !== undefined;
    const tags = Object.entries(block(args.tags));
    const matches = (zone: WorldObject) =>
      isPrivate(zone.properties) === wantsPrivate &&
      (name === undefined || zoneNameOf(zone) === clean(name)) &&
      (vpcId === undefined || vpcsOf(world, zone).includes(vpcId)) &&
      tags.every(([key, value]) => block(zone.properties.tagsAll ?? zone.properties.tags)[key] === value);
    const byId = zoneId === undefined ? undefined : findZone(world, zoneId);
    const found = zoneId === undefined ? world.list(ZONE).filter(matches) : byId ? [byId] : [];
    const [zone, second] = found;
    if (!zone) {
      throw zoneId === undefined
        ? new AwsError("NoSuchHostedZone", `no matching Route 53 Hosted Zone found: ${name ?? "any name"}`, SOURCE)
        : new AwsError("NoSuchHostedZone", `No hosted zone found with ID: ${zoneId}`, SOURCE);
    }
    if (second) {
      const ids = found.map(({ id }) => id).join(", ");
      throw new AwsError(
        "InvalidInput",
        `multiple Route 53 Hosted Zones matched; use additional constraints to reduce matches to a single one: ${ids}`,
        SOURCE,
      );
    }
    const { properties, id } = zone;
    return {
      ...args,
      id,
      zoneId: id,
      name: zoneNameOf(zone),
      arn: properties.arn ?? "",
      callerReference: text(properties.callerReference) ?? id,
      comment: properties.comment ?? "",
      linkedServiceDescription: "",
      linkedServicePrincipal: "",
      nameServers: properties.nameServers ?? [],
      primaryNameServer: properties.primaryNameServer ?? "",
      privateZone: isPrivate(properties),
      resourceRecordSetCount: recordsOf(world, id).length,
      tags: properties.tagsAll ?? properties.tags ?? {},
    };
  },
};
