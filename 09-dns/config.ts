import {
  Problems,
  asked,
  contract,
  defineConfig,
  findZones,
  kinds,
  readConfig,
  setting,
  zoneSettings,
} from "@selfhosted/common";
import type { Zone } from "@selfhosted/common";
import { secondaryTarget, type Target } from "./targets";

/** Everything this stack reads; Pulumi.EXAMPLE.yaml documents it key by key. */
export const spec = defineConfig("dns", {
  settings: {
    ...zoneSettings,
    privateZone: setting.defaulted(kinds.boolean(), false, "whether zoneName means the private zone of that name"),
    splitHorizon: setting.defaulted(kinds.boolean(), false, "whether the private zone of that name gets the names too"),
    privateZoneId: setting.optional(kinds.zoneId(), "the private zone of splitHorizon, by id"),
    ipv6: setting.defaulted(kinds.boolean(), false, "whether to make AAAA records too"),
    evaluateTargetHealth: setting.optional(
      kinds.boolean(),
      "whether Route 53 leaves the names out while no target is healthy",
    ),
    secondaryLoadBalancerDnsName: setting.optional(
      kinds.matching(
        /^[a-z0-9-]+\.[a-z0-9-]+\.elb\.amazonaws\.com(\.cn)?$/i,
        "must be the DNS name of an application load balancer, as 08-service publishes it in the other region",
        "my-alb-1234567890.us-west-2.elb.amazonaws.com",
      ),
      "load balancer of another region that takes over while this one has no healthy target",
    ),
    healthCheck: setting.defaulted(
      kinds.boolean(),
      false,
      "whether Route 53 asks for /api/status from all over the world",
    ),
    caaIssuers: setting.defaulted(
      kinds.list(kinds.hostName("amazon.com"), 0, 10),
      [],
      "who may issue certificates for the names",
    ),
  },
  needs: { service: ["apiDomain", "consoleDomain", "loadBalancerDnsName", "loadBalancerZoneId"] },
});

type ResolvedConfig = Awaited<ReturnType<typeof readConfig<"dns", typeof spec.settings, typeof spec.needs>>>;

/** Everything the rest of this stack works from. */
export interface DnsConfig extends ResolvedConfig {
  /** The zone that the configuration names; the public one of a split horizon. */
  readonly zone: Zone;
  /** The other zone of a split horizon. */
  readonly privateZone: Zone | undefined;
  /** Where the names lead while this region has nothing healthy. */
  readonly secondary: Target | undefined;
}

/** Everything this stack reads, and its zones, found before any record is made. */
export async function readDnsConfig(): Promise<DnsConfig> {
  const config = await readConfig(spec);
  const { settings, upstream } = config;
  const problems = new Problems();
  checkSettings(config, problems);
  const { apiDomain, consoleDomain, loadBalancerDnsName } = upstream.service;
  const { zoneName, zoneId, privateZoneId, splitHorizon } = settings;
  const queries = [{ zoneName, zoneId, isPrivate: settings.privateZone }];
  if (splitHorizon) queries.push({ zoneName, zoneId: privateZoneId, isPrivate: true });
  const [[zone, privateZone], secondary] = await Promise.all([
    findZones(settings, queries, [apiDomain, consoleDomain], problems),
    secondaryTarget(settings.secondaryLoadBalancerDnsName, loadBalancerDnsName, problems),
  ]);
  checkZones(settings, zone, privateZone, problems);
  problems.throwIfAny(contract.dns.project);
  return { ...config, zone: asked(zone, "the zone"), privateZone, secondary };
}

function checkSettings({ settings, upstream }: ResolvedConfig, problems: Problems): void {
  const { splitHorizon, privateZone, privateZoneId, zoneId } = settings;
  if (splitHorizon && privateZone) {
    problems.add("splitHorizon needs the public zone too; run `pulumi config rm privateZone`");
  }
  if (!splitHorizon && privateZoneId !== undefined) {
    problems.add("privateZoneId means nothing without splitHorizon; run `pulumi config set splitHorizon true`");
  }
  if (splitHorizon && zoneId !== undefined && privateZoneId === undefined) {
    problems.add(
      "zoneId names one of splitHorizon's two zones; run `pulumi config set privateZoneId Z…` for the other",
    );
  }
  if (settings.secondaryLoadBalancerDnsName !== undefined && settings.evaluateTargetHealth === false) {
    problems.add(
      "secondaryLoadBalancerDnsName takes over by the health of the targets; run `pulumi config rm evaluateTargetHealth`",
    );
  }
  const { apiDomain, consoleDomain } = upstream.service;
  if (apiDomain === consoleDomain) {
    problems.add(`apiDomain and consoleDomain are both ${apiDomain}; give each a name of its own`);
  }
}

function checkZones(
  { splitHorizon, healthCheck, caaIssuers }: ResolvedConfig["settings"],
  zone: Zone | undefined,
  privateZone: Zone | undefined,
  problems: Problems,
): void {
  if (splitHorizon && zone?.isPrivate) {
    problems.add(`zone ${zone.zoneId} is private; give splitHorizon's public zone as zoneName or zoneId`);
  }
  if (privateZone && !privateZone.isPrivate) {
    problems.add(`privateZoneId ${privateZone.zoneId} is a public zone; give splitHorizon's private one`);
  }
  if (splitHorizon || !zone?.isPrivate) return;
  if (healthCheck) {
    problems.add(
      "healthCheck asks from the internet, where a private zone isn't known; run `pulumi config rm healthCheck`",
    );
  }
  if (caaIssuers.length > 0) {
    problems.add(
      "caaIssuers are read by public authorities, which don't see a private zone; run `pulumi config rm caaIssuers`",
    );
  }
}
