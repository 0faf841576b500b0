import * as aws from "@pulumi/aws";
import * as kinds from "./kinds";
import { reasonOf, type Problems } from "./problems";
import { optional } from "./settings";

/** Keys that say where a hosted zone is: in this account, or in another one that a role leads into. */
export const zoneSettings = {
  zoneName: optional(kinds.hostName("example.com"), "hosted zone of the names"),
  zoneId: optional(kinds.zoneId(), "hosted zone of the names, by id"),
  zoneRoleArn: optional(kinds.foreignRoleArn(), "role to assume in the account of the zone"),
  zoneRoleExternalId: optional(kinds.string("external-id", 1224), "external id that the role asks for"),
};

/** What was configured of {@link zoneSettings}. */
export interface ZoneConfig {
  readonly zoneName: string | undefined;
  readonly zoneId: string | undefined;
  readonly zoneRoleArn: string | undefined;
  readonly zoneRoleExternalId: string | undefined;
}

/** A hosted zone and the provider that reaches it; without one, the stack's own account does. */
export interface Zone {
  readonly zoneId: string;
  /** Whether it answers in VPCs only. */
  readonly isPrivate: boolean;
  readonly provider: aws.Provider | undefined;
}

/** A hosted zone to look up: by id, or by name among the public or the private ones. */
export interface ZoneQuery {
  readonly zoneName?: string | undefined;
  readonly zoneId?: string | undefined;
  readonly isPrivate: boolean;
}

/**
 * Finds the hosted zone that is to hold `hostNames`, by id or by name. By name there may be two, a public and a private
 * one: `isPrivate` says which is meant, so the look-up is never ambiguous.
 * @returns undefined when there is a problem, which `problems` then tells.
 */
export async function findZone(
  config: ZoneConfig,
  hostNames: readonly string[],
  isPrivate: boolean,
  problems: Problems,
): Promise<Zone | undefined> {
  const { zoneName, zoneId } = config;
  const zones = await findZones(config, [{ zoneName, zoneId, isPrivate }], hostNames, problems);
  return zones[0];
}

/**
 * Finds several hosted zones of one account, each of which is to hold `hostNames`. The names and ids of `config` itself
 * are only checked; `queries` say what is looked up.
 * @returns one zone for each query, `undefined` where there is a problem, which `problems` then tells.
 */
export async function findZones(
  config: ZoneConfig,
  queries: readonly ZoneQuery[],
  hostNames: readonly string[],
  problems: Problems,
): Promise<(Zone | undefined)[]> {
  const { zoneName, zoneId } = config;
  if ((zoneName === undefined) === (zoneId === undefined)) {
    const one = "run `pulumi config set zoneName example.com`, or `pulumi config rm` one of the two";
    problems.add(
      `${zoneName === undefined ? "neither zoneName nor zoneId is set" : "zoneName and zoneId are both set"}; ${one}`,
    );
    return queries.map(() => undefined);
  }
  const provider = zoneProvider(config, problems);
  return Promise.all(queries.map((query) => lookUp(query, config, hostNames, provider, problems)));
}

async function lookUp(
  { zoneName, zoneId, isPrivate }: ZoneQuery,
  { zoneRoleArn }: ZoneConfig,
  hostNames: readonly string[],
  provider: aws.Provider | undefined,
  problems: Problems,
): Promise<Zone | undefined> {
  try {
    const query = zoneId === undefined ? { name: zoneName, privateZone: isPrivate } : { zoneId };
    const zone = await aws.route53.getZone(query, provider && { provider });
    const name = zone.name.replace(/\.$/, "");
    for (const hostName of hostNames.filter((one) => one !== name && !one.endsWith(`.${name}`))) {
      problems.add(`${hostName} is not in zone ${name}; give the zone that it belongs to`);
    }
    return { zoneId: zone.zoneId, isPrivate: zone.privateZone ?? isPrivate, provider };
  } catch (error) {
    const reason = reasonOf(error);
    const where = zoneRoleArn === undefined ? "this account" : `the account of ${zoneRoleArn}`;
    const kind = zoneId === undefined && isPrivate ? "private zone" : "zone";
    problems.add(
      reason.includes("multiple")
        ? `${where} has several zones ${zoneName ?? ""} (${reason}); say which one is meant: run \`pulumi config rm zoneName\` and \`pulumi config set ${isPrivate ? "privateZoneId" : "zoneId"} Z…\``
        : `${kind} ${zoneId ?? zoneName ?? ""} can't be read in ${where} (${reason}); check it, and set zoneRoleArn when the zone is in another account`,
    );
    return undefined;
  }
}

/** A provider in the zone's account; what the operator configured for AWS (profile, roles) comes first. */
function zoneProvider({ zoneRoleArn, zoneRoleExternalId }: ZoneConfig, problems: Problems): aws.Provider | undefined {
  if (zoneRoleArn === undefined) {
    if (zoneRoleExternalId !== undefined) {
      problems.add("zoneRoleExternalId is set without zoneRoleArn; run `pulumi config rm zoneRoleExternalId`");
    }
    return undefined;
  }
  return new aws.Provider("zone", {
    region: aws.config.region,
    profile: aws.config.profile,
    assumeRoles: [
      ...(aws.config.assumeRoles ?? []),
      { roleArn: zoneRoleArn, externalId: zoneRoleExternalId, sessionName: "pulumi-selfhosted" },
    ],
  });
}
