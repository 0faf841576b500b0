import { newZoneId, RECORD, ZONE } from "../../../sandbox/aws/route53/names";
import { apexRecords, zoneOutputs } from "../../../sandbox/aws/route53/zones";
import { accountPath } from "../../../sandbox/home";
import type { Properties } from "../../../sandbox/provider/types";
import { World } from "../../../sandbox/world";
import type { Sandbox } from "./sandbox";

const ACCOUNT = "210987654321";

/** The account of the people who have the names: a public zone example.com, and a private one in each of two VPCs. */
export class DnsAccount {
  readonly roleArn = `arn:aws:iam::${ACCOUNT}:role/dns`;
  readonly externalId = "pulumi-names";
  readonly publicZoneId: string;
  readonly privateZoneId: string;

  constructor(private readonly sandbox: Sandbox) {
    const world = this.world();
    const assumeRolePolicy = JSON.stringify({
      Statement: {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::123456789012:root" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": this.externalId } },
      },
    });
    put(world, "aws:iam/role:Role", "dns", { arn: this.roleArn, assumeRolePolicy });
    this.publicZoneId = zone(world, "public", {});
    this.privateZoneId = zone(world, "private", { vpcs: [{ vpcId: "vpc-0aaaaaaaaaaaaaaa0" }] });
    zone(world, "other", { vpcs: [{ vpcId: "vpc-0aaaaaaaaaaaaaaa1" }] });
  }

  /** Names that were made there, with the zone that each is in. */
  names(): [zoneId: string, name: string][] {
    const made = this.world()
      .list(RECORD)
      .filter(({ ownedBy }) => ownedBy === undefined);
    return made.map(({ properties }) => [properties["zoneId"] as string, properties["fqdn"] as string]);
  }

  /** As it is now: a world is read from its file when it is opened. */
  private world(): World {
    return new World(accountPath(this.sandbox.home, ACCOUNT), undefined, ACCOUNT);
  }
}

function put(world: World, type: string, id: string, properties: Properties) {
  const object = { type, id, name: id, region: "us-east-1", createdAt: "2020-01-01T00:00:00.000Z", properties };
  world.put(object);
  return object;
}

function zone(world: World, name: string, properties: Properties): string {
  const id = newZoneId(name);
  const made = put(world, ZONE, id, { name: "example.com", ...properties, ...zoneOutputs({ id, partition: "aws" }) });
  for (const record of apexRecords(made)) world.put(record);
  return id;
}
