import { beforeAll, describe, expect, it } from "@jest/globals";
import { costOf, estimate, total, type StackCost } from "./estimate";
import type { Priceable } from "./rules";

/** US dollars a month for all nine stacks, as promised in the README. */
const LIMITS = { standard: 960, small: 310 } as const;

describe("what the nine stacks cost by their defaults", () => {
  const costs: Record<string, readonly StackCost[]> = {};
  beforeAll(async () => {
    for (const profile of ["standard", "small"] as const) costs[profile] = await estimate(profile);
  });
  it.each(["standard", "small"] as const)("is within the limit of the %s profile", (profile) => {
    const all = costs[profile] ?? [];
    const dearest = all.flatMap(({ stack, types }) => types.map(([type, dollars]) => ({ stack, type, dollars })));
    // A sum far below the limit would mean that something isn't counted.
    expect(total(all)).toBeGreaterThan(LIMITS[profile] * 0.8);
    expect({ total: total(all), within: total(all) <= LIMITS[profile], dearest }).toMatchObject({ within: true });
  });

  it("counts what keys ask for: a third zone, more nodes, a bigger database", async () => {
    const after = await estimate("standard", {
      networking: { availabilityZones: 3 },
      cluster: { serviceMinSize: 3, serviceDesiredSize: 3 },
      database: { readers: 2 },
    });
    const added = (stack: string) => {
      const of = (all: readonly StackCost[] = []) => all.find((cost) => cost.stack === stack)?.total ?? 0;
      return Math.round(of(after) - of(costs["standard"]));
    };
    // A NAT gateway and its address; an m6a.xlarge and its disk; a db.r6g.large; an address of the load balancer.
    expect(["networking", "cluster", "database", "service"].map(added)).toEqual([37, 129, 190, 4]);
  });
});

describe("what the service costs on Fargate", () => {
  const tasks = (all: readonly StackCost[]) =>
    Math.round(all.flatMap(({ types }) => types).find(([type]) => type === "aws:ecs/service:Service")?.[1] ?? 0);

  it("is what docs/fargate.md says, and the cluster is saved", async () => {
    const standard = await estimate("standard", {}, "fargate");
    const arm = await estimate("standard", { service: { taskArchitecture: "arm64" } }, "fargate");
    expect([tasks(standard), tasks(arm)]).toEqual([180, 144]);
    expect(total(standard)).toBeLessThan(750);
    expect(total(await estimate("small", {}, "fargate"))).toBeLessThan(220);
  });
});

describe("the price table", () => {
  const resource = (type: string, inputs: Record<string, unknown> = {}): Priceable => ({ type, name: "main", inputs });

  it("refuses what it has no price for, instead of counting it as nothing", () => {
    const queue = resource("aws:elasticache/cluster:Cluster");
    expect(() => costOf("service", [queue])).toThrow("08-service makes aws:elasticache/cluster:Cluster main");
    const claim = resource("kubernetes:core/v1:PersistentVolumeClaim");
    expect(() => costOf("clusterServices", [claim])).toThrow("which has no price");
    const group = resource("aws:eks/nodeGroup:NodeGroup", { instanceTypes: ["x9.mega"] });
    expect(() => costOf("cluster", [group])).toThrow("x9.mega has no price");
    const service = resource("kubernetes:core/v1:Service", { spec: { type: "LoadBalancer" } });
    expect(() => costOf("clusterServices", [service])).toThrow("makes a load balancer in AWS");
  });
});
