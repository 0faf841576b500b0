import {
  Problems,
  asked,
  contract,
  defineConfig,
  findZone,
  kinds,
  readConfig,
  setting,
  zoneSettings,
} from "@selfhosted/common";
import type { Zone } from "@selfhosted/common";

export const spec = defineConfig("dns", {
  settings: {
    ...zoneSettings,
    privateZone: setting.defaulted(kinds.boolean(), false, "whether zoneName means the private zone of that name"),
    ipv6: setting.defaulted(kinds.boolean(), false, "whether to make AAAA records too"),
    evaluateTargetHealth: setting.defaulted(
      kinds.boolean(),
      false,
      "whether Route 53 leaves the names out while no target is healthy",
    ),
  },
  needs: { service: ["apiDomain", "consoleDomain", "loadBalancerDnsName", "loadBalancerZoneId"] },
});

export type DnsConfig = Awaited<ReturnType<typeof readConfig<"dns", typeof spec.settings, typeof spec.needs>>>;

/** Everything this stack reads, and the zone, found before any record is made. */
export async function readDnsConfig(): Promise<DnsConfig & { readonly zone: Zone }> {
  const config = await readConfig(spec);
  const { apiDomain, consoleDomain } = config.upstream.service;
  const problems = new Problems();
  const zone = await findZone(config.settings, [apiDomain, consoleDomain], config.settings.privateZone, problems);
  problems.throwIfAny(contract.dns.project);
  return { ...config, zone: asked(zone, "the zone") };
}
