import { describe, expect, it } from "@jest/globals";
import { exampleOutputs, runStack } from "../../support/mocks";

const service = exampleOutputs("service");
const ROLE = "arn:aws:iam::999999999999:role/dns";

describe("09-dns", () => {
  it("points both names at the load balancer by aliases, in this account", async () => {
    const run = await runStack("dns", { config: { zoneName: "example.com" } });
    expect(run.error).toBeUndefined();
    const records = run.ofType("aws:route53/record:Record");
    expect(records.map(({ inputs }) => [inputs["name"], inputs["type"]])).toEqual([
      [service["apiDomain"], "A"],
      [service["consoleDomain"], "A"],
    ]);
    for (const { inputs, provider } of records) {
      expect(inputs["zoneId"]).toBe("Z0123456789ABCDEFGHIJ");
      expect(inputs["aliases"]).toEqual([
        {
          name: service["loadBalancerDnsName"],
          zoneId: service["loadBalancerZoneId"],
          evaluateTargetHealth: false,
        },
      ]);
      expect(provider).toBe("");
    }
    expect(run.outputs).toEqual({
      apiRecordName: service["apiDomain"],
      consoleRecordName: service["consoleDomain"],
      targets: [service["loadBalancerDnsName"]],
      healthChecks: [],
      verify: "npm run verify -- --stack test",
    });
  });

  it("asks for the public zone unless told otherwise, so that two zones of a name are no riddle (B19)", async () => {
    const asked: unknown[] = [];
    const getZone = (inputs: Record<string, unknown>) => {
      asked.push(inputs["privateZone"]);
      return { zoneId: "Z1", name: "example.com" };
    };
    const invokes = { "aws:route53/getZone:getZone": getZone };
    await runStack("dns", { config: { zoneName: "example.com" }, invokes });
    await runStack("dns", { config: { zoneName: "example.com", privateZone: true }, invokes });
    expect(asked).toEqual([false, true]);
  });

  it("writes into another account through a role", async () => {
    const run = await runStack("dns", {
      config: { zoneId: "Z0123456789ABCDEFGHIJ", zoneRoleArn: ROLE, zoneRoleExternalId: "ours" },
    });
    expect(run.error).toBeUndefined();
    const provider = run.one("pulumi:providers:aws", "zone");
    expect(JSON.parse(String(provider.inputs["assumeRoles"]))).toEqual([
      { roleArn: ROLE, externalId: "ours", sessionName: "pulumi-selfhosted" },
    ]);
    for (const record of run.ofType("aws:route53/record:Record")) expect(record.provider).toContain("zone");
  });

  it("makes the names of a zone's apex as it does those of a subdomain", async () => {
    const run = await runStack("dns", {
      config: { zoneName: "example.com" },
      upstream: { service: { apiDomain: "api.example.com", consoleDomain: "app.example.com" } },
    });
    expect(run.error).toBeUndefined();
    expect(run.ofType("aws:route53/record:Record").map(({ inputs }) => inputs["name"])).toEqual([
      "api.example.com",
      "app.example.com",
    ]);
  });

  it("adds AAAA records when asked for", async () => {
    const run = await runStack("dns", { config: { zoneName: "example.com", ipv6: true } });
    expect(run.ofType("aws:route53/record:Record").map(({ inputs }) => inputs["type"])).toEqual([
      "AAAA",
      "A",
      "AAAA",
      "A",
    ]);
  });

  it("refuses a zone that the names aren't in, no zone, two zones, an external id for nobody", async () => {
    const refusal = async (config: Record<string, string>) => {
      const run = await runStack("dns", { config });
      expect(run.resources).toEqual([]);
      return run.error?.message ?? "";
    };
    expect(await refusal({ zoneName: "example.org" })).toContain("api.pulumi.example.com is not in zone example.org");
    expect(await refusal({})).toContain("neither zoneName nor zoneId is set");
    expect(await refusal({ zoneName: "example.com", zoneId: "Z1" })).toContain("zoneName and zoneId are both set");
    expect(await refusal({ zoneName: "example.com", zoneRoleExternalId: "x" })).toContain("without zoneRoleArn");
  });

  it("says which zone it couldn't read", async () => {
    const run = await runStack("dns", {
      config: { zoneName: "example.com" },
      invokes: {
        "aws:route53/getZone:getZone": () => {
          throw new Error("no matching Route 53 Hosted Zone found");
        },
      },
    });
    expect(run.error?.message).toContain("zone example.com can't be read in this account");
    expect(run.error?.message).toContain("set zoneRoleArn when the zone is in another account");
  });
});
