import { describe, expect, it } from "@jest/globals";
import { checkSubnetPlan, subnetPlan } from "../../../02-networking/subnetPlan";

describe("the subnet plan", () => {
  it.each([16, 17, 18, 19, 20])("fits into a /%i for two, three and four zones", (prefix) => {
    for (const zones of [2, 3, 4]) expect(checkSubnetPlan(prefix, zones, {})).toEqual([]);
    expect(subnetPlan(prefix, {}).private).toBe(prefix + 3);
  });

  it.each([
    ["public", 28],
    ["private", 27],
    ["isolated", 29],
  ])("refuses %s subnets of /%i, which have too few addresses", (tier, prefix) => {
    const problems = checkSubnetPlan(16, 3, { [`${tier}PrefixLength`]: prefix });
    expect(problems).toEqual([expect.stringContaining(`pulumi config set ${tier}PrefixLength ${prefix - 1}`)]);
    expect(checkSubnetPlan(16, 3, { [`${tier}PrefixLength`]: prefix - 1 })).toEqual([]);
  });
});
