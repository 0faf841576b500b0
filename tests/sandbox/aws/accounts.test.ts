import { describe, expect, it } from "@jest/globals";
import { Accounts } from "../../../sandbox/aws/accounts";
import type { Configuration, Properties } from "../../../sandbox/provider/types";
import { World } from "../../../sandbox/world";

const ROLE = "arn:aws:iam::210987654321:role/dns";

/** An account that has the role, which trusts as given. */
function accountsWith(principal: string, condition?: Properties): Accounts {
  const accounts = new Accounts(new World());
  const assumeRolePolicy = JSON.stringify({
    Statement: { Effect: "Allow", Principal: { AWS: principal }, Action: "sts:AssumeRole", Condition: condition },
  });
  accounts.of("210987654321").put({
    ...{ type: "aws:iam/role:Role", id: "dns", name: "dns", region: "us-east-1", createdAt: "2026-01-01T00:00:00Z" },
    properties: { arn: ROLE, assumeRolePolicy },
  });
  return accounts;
}

/** As the engine hands a provider's configuration over. */
const by = (...roles: readonly Properties[]): Configuration => ({
  region: "us-east-1",
  assumeRoles: JSON.stringify(roles),
});

describe("accounts that roles lead into", () => {
  it("are reached by a role that trusts the caller, and hold nothing of the sandbox's own", () => {
    const accounts = accountsWith("arn:aws:iam::123456789012:root");
    const reached = accounts.reachedBy(by({ roleArn: ROLE }));
    expect([reached.account, reached]).toEqual(["210987654321", accounts.of("210987654321")]);
    expect(accounts.reachedBy({ region: "us-east-1" }).account).toBe("123456789012");
  });

  it.each<[what: string, accounts: Accounts, role: Properties]>([
    ["a role that isn't there", accountsWith("123456789012"), { roleArn: `${ROLE}-other` }],
    ["one that trusts somebody else", accountsWith("arn:aws:iam::999999999999:root"), { roleArn: ROLE }],
    [
      "the wrong external id",
      accountsWith("123456789012", { StringEquals: { "sts:ExternalId": "right" } }),
      { roleArn: ROLE, externalId: "wrong" },
    ],
    ["none", accountsWith("123456789012", { StringEquals: { "sts:ExternalId": "right" } }), { roleArn: ROLE }],
  ])("refuse %s", (_what, accounts, role) => {
    expect(() => accounts.reachedBy(by(role))).toThrow(
      `not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
    );
  });
});
