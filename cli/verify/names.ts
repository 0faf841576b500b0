import { setTimeout as sleep } from "node:timers/promises";
import { contract } from "@selfhosted/common";
import type { Facts } from "./facts";
import type { Network } from "./network";
import { Failure, Skipped, type Check } from "./outcome";
import { bringBack } from "./remedies";

/** A load balancer changes its addresses now and then, and two questions may see the change between them. */
const SECOND_LOOK_MS = 2_000;

/** Whether a name leads to the load balancer. */
export function dnsCheck(facts: Facts, network: Network, host: string): Check {
  return {
    name: `DNS ${host}`,
    look: async () => {
      if (network.isDetoured(host)) throw new Skipped("not asked, because --connect-to leads elsewhere");
      const first = await compare(facts, network, host);
      if (first.leads) return `${first.addresses.join(", ")}, the load balancer's`;
      await sleep(SECOND_LOOK_MS);
      const { addresses, expected, leads } = await compare(facts, network, host);
      if (leads) return `${addresses.join(", ")}, the load balancer's`;
      throw new Failure(
        `${host} leads to ${addresses.join(", ")}, the load balancer is at ${expected.join(", ")}`,
        `let it lead to ${facts.targets.join(" or ")}: ${remedyOf(facts, host)}. Changed less than its time to live ago, it may only be remembered`,
      );
    },
  };
}

async function compare(facts: Facts, network: Network, host: string) {
  const addresses = await network.addressesOf(host);
  if (addresses.length === 0) {
    const elsewhere = "is it in a private zone, ask a resolver of its VPC: --dns-server <address>";
    throw new Failure(`${host} has no address`, `${remedyOf(facts, host)}; ${elsewhere}`);
  }
  const expected = (await Promise.all(facts.targets.map((target) => network.addressesOf(target)))).flat();
  if (expected.length === 0) {
    throw new Failure(
      `the load balancer's name ${facts.targets.join(", ")} has no address: there is no such load balancer`,
      `${bringBack(facts)}, then the same in ${contract.dns.folder}`,
    );
  }
  return { addresses, expected, leads: addresses.some((address) => expected.includes(address)) };
}

function remedyOf(facts: Facts, host: string): string {
  const { hasDns, dnsRecords, stack } = facts;
  if (hasDns) {
    const parent = host.split(".").slice(1).join(".");
    return `${bringBack(facts, "dns")}; if that changes nothing, \`dig +trace ${parent} NS\` must end at the zone's name servers`;
  }
  const record = dnsRecords.find((one) => one.startsWith(`${host} `));
  return `cd ${contract.dns.folder} && pulumi up --stack ${stack}, or create the record${record === undefined ? "" : ` ${record.replace(/ +/g, " ")}`}`;
}
