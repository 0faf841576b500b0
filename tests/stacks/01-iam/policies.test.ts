import { beforeAll, describe, expect, it } from "@jest/globals";
import { policyFaults, statementsOf, type PolicyStatement } from "../../support/authorization";
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
        // Other generations of load balancers, which the controller doesn't make.
        (type) => /gwy|^elasticloadbalancing loadbalancer$/.test(type),
      );
      faults.push(...found.map((fault) => `${role} ${fault}`));
    }
    expect(faults).toEqual([]);
  });
});

describe("the check of policies", () => {
  const faults = (Action: string, Resource: string, Condition?: PolicyStatement["Condition"]) =>
    policyFaults([{ Sid: "S", Effect: "Allow", Action, Resource, ...(Condition && { Condition }) }], () => false);

  it.each([
    ["kms:*", "arn:aws:kms:us-east-1:123456789012:key/*", "is a wildcard action"],
    ["ec2:DescribeEverything", "*", "AWS has no action ec2:DescribeEverything"],
    ["ec2:describeVpcs", "*", "AWS has no action ec2:describeVpcs"],
    ["s3:GetObject", "*", "on all resources; name"],
    ["s3:GetObject", "arn:aws:s3:::bucket", "never acts on arn:aws:s3:::bucket"],
    [
      "elasticloadbalancing:SetWebAcl",
      "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/*/*",
      "never acts on",
    ],
    [
      "ec2:CreateSnapshot",
      "arn:aws:ec2:us-east-1:123456789012:volume/*",
      "snapshot/${SnapshotId} too, which no statement",
    ],
  ])("finds fault with %s on %s", async (action, resource, fault) => {
    expect((await faults(action, resource)).join()).toContain(fault);
  });

  it("finds fault with a condition that the action never has, and none with one that it has", async () => {
    const key = "arn:aws:kms:us-east-1:123456789012:key/*";
    const condition = (name: string) => ({ StringEquals: { [name]: "x" } });
    expect(await faults("kms:Decrypt", key, condition("kms:Alias"))).toEqual([expect.stringContaining("kms:Alias")]);
    expect(await faults("kms:Decrypt", key, condition("kms:ResourceAliases"))).toEqual([]);
    expect(await faults("kms:Decrypt", key, condition("aws:PrincipalAccount"))).toEqual([]);
  });
});
