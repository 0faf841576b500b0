/** Prefix lengths that the operator chose; the rest follows from the VPC's. */
export interface PrefixLengths {
  readonly publicPrefixLength?: number | undefined;
  readonly privatePrefixLength?: number | undefined;
  readonly isolatedPrefixLength?: number | undefined;
}

/** Prefix length of one subnet of each tier, in the order in which they lie in a zone's share of the VPC. */
export interface SubnetPlan {
  readonly private: number;
  readonly public: number;
  readonly isolated: number;
}

/**
 * Addresses that must be free in a subnet: in public ones eight for a load balancer, in private ones a few nodes with
 * their pods, in isolated ones a database, its failover and search.
 * Source: Elastic Load Balancing, "Subnets for your load balancer"; EKS, "View Amazon EKS networking requirements".
 */
export const FREE_ADDRESSES = { public: 8, private: 32, isolated: 8 } as const;

/**
 * Longest prefixes of subnets with that many addresses beside the five that AWS keeps in each; for load balancers AWS
 * asks for /27. Source: VPC User Guide, "Subnet sizing for IPv4"; Elastic Load Balancing as above.
 */
const LONGEST = { public: 27, private: 26, isolated: 28 } as const;

/**
 * Sizes of the three tiers. The VPC is shared out evenly among its zones (a power of two of them); by default half of a
 * zone's quarter is private, for every pod has an address there, and a sixteenth each public and isolated, with room
 * left to grow: in a /16, private subnets are /19 (8,187 addresses), public and isolated ones /22 (1,019).
 */
export function subnetPlan(vpcPrefix: number, chosen: PrefixLengths): SubnetPlan {
  return {
    private: chosen.privatePrefixLength ?? vpcPrefix + 3,
    public: chosen.publicPrefixLength ?? vpcPrefix + 6,
    isolated: chosen.isolatedPrefixLength ?? vpcPrefix + 6,
  };
}

/** What AWS, or a lack of room, would refuse about the plan. */
export function checkSubnetPlan(vpcPrefix: number, zones: number, chosen: PrefixLengths): string[] {
  const plan = subnetPlan(vpcPrefix, chosen);
  const zonePrefix = vpcPrefix + Math.ceil(Math.log2(zones));
  const problems: string[] = [];
  for (const tier of ["public", "private", "isolated"] as const) {
    if (plan[tier] > LONGEST[tier]) {
      problems.push(
        `${tier} subnets of /${plan[tier]} have too few addresses (${FREE_ADDRESSES[tier]} must be free); ` +
          `run \`pulumi config set ${tier}PrefixLength ${LONGEST[tier]}\``,
      );
    }
  }
  let used = 0;
  for (const prefix of [plan.private, plan.public, plan.isolated]) {
    const size = 2 ** (32 - prefix);
    // A subnet begins at a multiple of its own size.
    used = Math.ceil(used / size) * size + size;
  }
  if (used > 2 ** (32 - zonePrefix)) {
    problems.push(
      `subnets of /${plan.private} (private), /${plan.public} (public) and /${plan.isolated} (isolated) don't fit into ` +
        `a zone's share of the VPC, /${zonePrefix}; make cidrBlock larger, or raise a …PrefixLength`,
    );
  }
  return problems;
}
