import { newZoneId, ZONE } from "./aws/route53/names";
import { apexRecords, zoneOutputs } from "./aws/route53/zones";
import type { WorldObject } from "./world";

/** The zone that the EXAMPLE files name. */
const ZONE_NAME = "example.com";

/**
 * The account as an operator finds it before the first stack. It owns the one thing that the stacks need and don't
 * make: a public hosted zone.
 */
export function accountAsFound(): WorldObject[] {
  const id = newZoneId(ZONE_NAME);
  const inputs = { name: ZONE_NAME };
  const zone: WorldObject = {
    type: ZONE,
    id,
    name: ZONE_NAME,
    region: "us-east-1",
    createdAt: "2020-01-01T00:00:00.000Z",
    inputs,
    properties: {
      ...inputs,
      comment: "",
      forceDestroy: false,
      tags: {},
      tagsAll: {},
      ...zoneOutputs({ id, partition: "aws" }),
    },
  };
  return [zone, ...apexRecords(zone)];
}
