import { describe, expect, it } from "@jest/globals";
import { exampleOutputs, runStack, type Run } from "../../support/mocks";

const { apiDomain, consoleDomain, loadBalancerDnsName, loadBalancerZoneId } = exampleOutputs("service");
const PUBLIC = "Z0123456789ABCDEFGHIJ";
const PRIVATE = "Z0123456789ABCDEFGHIK";
const OTHER_REGION = "my-alb-1234567890.us-west-2.elb.amazonaws.com";
const RECORD = "aws:route53/record:Record";

/** A public and a private zone of one name. */
const twoZones = {
  "aws:route53/getZone:getZone": ({ name, zoneId, privateZone }: Record<string, unknown>) => {
    const isPrivate = zoneId === undefined ? privateZone === true : zoneId === PRIVATE;
    return { zoneId: isPrivate ? PRIVATE : PUBLIC, name: name ?? "example.com", privateZone: isPrivate };
  },
};

const dns = (config: Record<string, unknown>) => runStack("dns", { config, invokes: twoZones });

/** Name, type, zone and target of every record. */
const answers = (run: Run) =>
  run.ofType(RECORD).map(({ name, inputs }) => {
    const [alias] = (inputs["aliases"] ?? []) as Record<string, unknown>[];
    return [name, inputs["name"], inputs["type"], inputs["zoneId"], alias?.["name"]];
  });

/** The problems that a configuration is refused with; nothing may have been made. */
async function refusal(config: Record<string, unknown>): Promise<string> {
  const run = await dns(config);
  expect(run.resources.filter(({ type }) => !type.startsWith("pulumi:"))).toEqual([]);
  return run.error?.message ?? "";
}

describe("09-dns: split horizon", () => {
  const both = [
    ["api-private", apiDomain, "A", PRIVATE, loadBalancerDnsName],
    ["api", apiDomain, "A", PUBLIC, loadBalancerDnsName],
    ["console-private", consoleDomain, "A", PRIVATE, loadBalancerDnsName],
    ["console", consoleDomain, "A", PUBLIC, loadBalancerDnsName],
  ];

  it("makes the names in the public and in the private zone of one name", async () => {
    const run = await dns({ zoneName: "example.com", splitHorizon: true });
    expect(run.error).toBeUndefined();
    expect(answers(run)).toEqual(both);
  });

  it("takes both zones by id", async () => {
    expect(answers(await dns({ zoneId: PUBLIC, splitHorizon: true, privateZoneId: PRIVATE }))).toEqual(both);
  });

  it("reaches both zones through one role into their account", async () => {
    const zoneRoleArn = "arn:aws:iam::999999999999:role/dns";
    const run = await dns({ zoneName: "example.com", splitHorizon: true, zoneRoleArn });
    expect(run.ofType("pulumi:providers:aws")).toHaveLength(1);
    for (const record of run.ofType(RECORD)) expect(record.provider).toContain("zone");
  });

  it("is refused with one zone, with the zones taken for one another, or half asked for", async () => {
    expect(await refusal({ zoneName: "example.com", splitHorizon: true, privateZone: true })).toContain(
      "splitHorizon needs the public zone too",
    );
    expect(await refusal({ zoneId: PUBLIC, splitHorizon: true })).toContain("pulumi config set privateZoneId");
    expect(await refusal({ zoneName: "example.com", privateZoneId: PRIVATE })).toContain(
      "means nothing without splitHorizon",
    );
    const swapped = await refusal({ zoneId: PRIVATE, splitHorizon: true, privateZoneId: PUBLIC });
    expect(swapped).toContain(`zone ${PRIVATE} is private`);
    expect(swapped).toContain(`privateZoneId ${PUBLIC} is a public zone`);
  });
});

describe("09-dns: a second region", () => {
  it("takes over when this one's targets are unhealthy, on all types of records", async () => {
    const run = await dns({ zoneName: "example.com", ipv6: true, secondaryLoadBalancerDnsName: OTHER_REGION });
    expect(run.error).toBeUndefined();
    const records = run.ofType(RECORD);
    expect(records).toHaveLength(8);
    for (const type of ["A", "AAAA"]) {
      for (const name of [apiDomain, consoleDomain]) {
        const pair = records.map(({ inputs }) => inputs).filter((one) => one["name"] === name && one["type"] === type);
        expect(pair).toMatchObject([
          {
            setIdentifier: "primary",
            failoverRoutingPolicies: [{ type: "PRIMARY" }],
            aliases: [{ name: loadBalancerDnsName, zoneId: loadBalancerZoneId, evaluateTargetHealth: true }],
          },
          {
            setIdentifier: "secondary",
            failoverRoutingPolicies: [{ type: "SECONDARY" }],
            aliases: [{ name: OTHER_REGION, zoneId: "Z1H1FL5HABSF5", evaluateTargetHealth: true }],
          },
        ]);
      }
    }
    expect(run.outputs["targets"]).toEqual([loadBalancerDnsName, OTHER_REGION]);
  });

  it("is refused when it is this region's, no load balancer, in no region, or may not judge by health", async () => {
    const refused = (config: Record<string, unknown>) => refusal({ zoneName: "example.com", ...config });
    const own = await runStack("dns", {
      config: { zoneName: "example.com", secondaryLoadBalancerDnsName: OTHER_REGION },
      upstream: { service: { loadBalancerDnsName: OTHER_REGION } },
    });
    expect(own.error?.message).toContain("is this region's own load balancer");
    expect(await refused({ secondaryLoadBalancerDnsName: "www.example.org" })).toContain("DNS name of an application");
    expect(await refused({ secondaryLoadBalancerDnsName: OTHER_REGION, evaluateTargetHealth: false })).toContain(
      "pulumi config rm evaluateTargetHealth",
    );
  });
});

describe("09-dns: health check and CAA", () => {
  it("asks the API's status page from the internet, and publishes the check for alarms", async () => {
    const run = await dns({ zoneName: "example.com", healthCheck: true });
    expect(run.one("aws:route53/healthCheck:HealthCheck").inputs).toMatchObject({
      type: "HTTPS",
      fqdn: apiDomain,
      port: 443,
      resourcePath: "/api/status",
    });
    expect(run.outputs["healthChecks"]).toHaveLength(1);
    for (const { inputs } of run.ofType(RECORD)) expect(inputs["healthCheckId"]).toBeUndefined();
  });

  it("names who may issue certificates for the two names, in the public zone alone", async () => {
    const run = await dns({
      zoneName: "example.com",
      splitHorizon: true,
      caaIssuers: ["amazon.com", "ca.example.net"],
    });
    const caa = run.ofType(RECORD).filter(({ inputs }) => inputs["type"] === "CAA");
    expect(caa.map(({ inputs }) => [inputs["name"], inputs["zoneId"], inputs["records"]])).toEqual([
      [apiDomain, PUBLIC, ['0 issue "amazon.com"', '0 issue "ca.example.net"']],
      [consoleDomain, PUBLIC, ['0 issue "amazon.com"', '0 issue "ca.example.net"']],
    ]);
  });

  it("are refused in a private zone alone, where nobody outside sees them", async () => {
    const said = await refusal({ zoneId: PRIVATE, healthCheck: true, caaIssuers: ["amazon.com"] });
    expect(said).toContain("run `pulumi config rm healthCheck`");
    expect(said).toContain("run `pulumi config rm caaIssuers`");
  });
});

describe("09-dns: bad input", () => {
  it("is refused when both names are one, and when one account has two zones of the name", async () => {
    const run = await runStack("dns", {
      config: { zoneName: "example.com" },
      upstream: { service: { consoleDomain: apiDomain } },
      invokes: {
        "aws:route53/getZone:getZone": () => {
          throw new Error("multiple Route 53 Hosted Zones matched; use additional constraints");
        },
      },
    });
    expect(run.error?.message).toContain(`are both ${String(apiDomain)}`);
    expect(run.error?.message).toContain("run `pulumi config rm zoneName` and `pulumi config set zoneId Z…`");
  });
});
