import { beforeAll, describe, expect, it } from "@jest/globals";
import { policyFaults, statementsOf } from "../../support/authorization";
import { runStack, type Run } from "../../support/mocks";

/** Where a policy names all resources although AWS knows narrower ones, and why it may. */
const EVERYTHING: Readonly<Record<string, string>> = {
  "cloudwatch:PutMetricData": "metrics have no ARN; the condition names the installation's namespace",
  "shield:DescribeProtection": "asked by load balancer, before it is known whether there is a protection",
};

describe("01-iam's policies, held against AWS's service authorization reference", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runStack("iam");
  });

  it("all mean something", async () => {
    const byRole = new Map<string, typeof run.resources>();
    for (const policy of run.ofType("aws:iam/rolePolicy:RolePolicy")) {
      const role = String(policy.inputs["role"]);
      byRole.set(role, [...(byRole.get(role) ?? []), policy]);
    }
    const faults = [];
    for (const [role, policies] of byRole) {
      const found = await policyFaults(
        policies.flatMap(({ inputs }) => statementsOf(inputs["policy"])),
        (action) => action in EVERYTHING,
      );
      faults.push(...found.map((fault) => `${role} ${fault}`));
    }
    expect(faults).toEqual([]);
  });
});
