import { describe, expect, it } from "@jest/globals";
import { namesOf, physicalName, tagsOf } from "@selfhosted/common";

const longest = {
  baseName: "a".repeat(16),
  installation: "b".repeat(32),
  account: "123456789012",
  region: "ap-southeast-2",
};
const usual = { baseName: "pulumi", installation: "prod", account: "123456789012", region: "us-east-1" };

describe("physicalName", () => {
  it("joins its parts with hyphens", () => {
    expect(physicalName(["pulumi", "prod", "api"], 64)).toBe("pulumi-prod-api");
  });

  it("cuts a name over the limit and ends it in its own hash, the same one every time", () => {
    const name = physicalName(["x".repeat(40), "api"], 32);
    expect(name).toHaveLength(32);
    expect(name).toBe(physicalName(["x".repeat(40), "api"], 32));
    expect(name).not.toBe(physicalName(["x".repeat(40), "app"], 32));
  });

  it("leaves no hyphen at the end nor two in a row, which RDS and OpenSearch refuse", () => {
    expect(physicalName(["a--b", "c."], 64)).toBe("a-b-c");
  });
});

describe("names within AWS's limits, for the longest base name, installation and component", () => {
  const component = "load-balancer-controller-and-then-some";
  const names = namesOf(longest);
  it.each([
    ["role", names.role(component), 64],
    ["bucket", names.bucket(component), 63],
    ["load balancer", names.loadBalancer(component), 32],
    ["target group", names.targetGroup(component), 32],
    ["database", names.database(component), 63],
    ["search domain", names.searchDomain(component), 28],
    ["cluster", names.cluster(), 100],
    ["key alias", names.keyAlias(component), 256],
    ["log group", names.logGroup(component), 512],
    ["secret", names.secret(component), 512],
  ])("%s", (_what, name, limit) => {
    expect(name.length).toBeLessThanOrEqual(limit);
    expect(name).toMatch(/^[a-z/][a-z0-9/-]*[a-z0-9]$/);
  });
});

it("buckets carry account and region, since their names are unique in the world", () => {
  expect(namesOf(usual).bucket("checkpoints")).toBe("pulumi-prod-checkpoints-123456789012-us-east-1");
});

it("a customer's own tags win over ours", () => {
  const tags = tagsOf(usual, "selfhosted-01-iam", { team: "x", "pulumi-selfhosted:project": "mine" });
  expect(tags).toEqual({
    "pulumi-selfhosted:installation": "pulumi-prod",
    "pulumi-selfhosted:project": "mine",
    team: "x",
  });
});
