import { beforeAll, describe, expect, it } from "@jest/globals";
import { exampleOutputs, runStack, type Run } from "../../support/mocks";

describe("06-insights", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runStack("insights");
  });
  const domain = () => run.one("aws:opensearch/domain:Domain").inputs;

  it("publishes an address with its port, and the password as a secret (B17)", () => {
    expect(run.error).toBeUndefined();
    expect(String(run.outputs["searchEndpoint"])).toMatch(/^https:\/\/vpc-pulumi-test-search[\w.-]+:443$/);
    expect(run.outputs["searchUsername"]).toBe("admin");
    expect(run.secretOutputs).toEqual(["searchPassword"]);
  });

  it("is encrypted at rest with its own key, between nodes, and on the way, TLS 1.2 at least", () => {
    expect(domain()).toMatchObject({
      encryptAtRest: { enabled: true, kmsKeyId: run.one("aws:kms/key:Key").state["arn"] },
      nodeToNodeEncryption: { enabled: true },
      domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: "Policy-Min-TLS-1-2-PFS-2023-10" },
    });
  });

  it("has one generated administrator, kept in Secrets Manager and nowhere readable (B16: no IAM role as an account)", () => {
    const password = String(run.outputs["searchPassword"]);
    expect(domain()["advancedSecurityOptions"]).toEqual({
      enabled: true,
      internalUserDatabaseEnabled: true,
      masterUserOptions: { masterUserName: "admin", masterUserPassword: password },
    });
    expect(
      JSON.parse(String(run.one("aws:secretsmanager/secretVersion:SecretVersion").inputs["secretString"])),
    ).toEqual({
      username: "admin",
      password,
    });
    for (const { readable } of run.resources) expect(readable).not.toContain(password);
  });

  it("asks the password for every sort of character that OpenSearch asks for", () => {
    expect(run.one("random:index/randomPassword:RandomPassword").inputs).toMatchObject({
      minLower: 1,
      minUpper: 1,
      minNumeric: 1,
      minSpecial: 1,
    });
  });

  it("lies in isolated subnets, one a zone, behind a group that admits workloads on 443 only", () => {
    const network = exampleOutputs("networking");
    const group = run.one("aws:ec2/securityGroup:SecurityGroup");
    expect(domain()["vpcOptions"]).toEqual({
      subnetIds: network["isolatedSubnetIds"],
      securityGroupIds: [group.state["id"]],
    });
    const rules = run.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    expect(rules.map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({
        referencedSecurityGroupId: network["workloadSecurityGroupId"],
        fromPort: 443,
        toPort: 443,
      }),
    ]);
  });

  it("lets HTTP calls on the domain in and no call that manages it", () => {
    const policy = JSON.parse(String(domain()["accessPolicies"])) as { Statement: Record<string, unknown>[] };
    expect(policy.Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: "es:ESHttp*",
        Resource: "arn:aws:es:us-east-1:123456789012:domain/pulumi-test-search/*",
      },
    ]);
  });

  it("writes four logs, to groups that only this domain may write to, before it is made", () => {
    const logs = domain()["logPublishingOptions"] as { logType: string; cloudwatchLogGroupArn: string }[];
    expect(logs.map(({ logType }) => logType).sort()).toEqual(
      ["AUDIT_LOGS", "ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS"].sort(),
    );
    const policy = run.one("aws:cloudwatch/logResourcePolicy:LogResourcePolicy");
    const document = String(policy.inputs["policyDocument"]);
    expect(document).toContain('"aws:SourceArn":"arn:aws:es:us-east-1:123456789012:domain/pulumi-test-search"');
    expect(document).toContain("log-group:/pulumi-selfhosted/pulumi/test/search/*");
    expect(run.one("aws:opensearch/domain:Domain").dependsOn).toContain(
      "aws:cloudwatch/logResourcePolicy:LogResourcePolicy::search",
    );
  });

  it("spreads over zones, with three masters when asked for, and leaves auto-tune to machines that have it", async () => {
    expect(domain()["clusterConfig"]).toMatchObject({
      instanceCount: 2,
      zoneAwarenessEnabled: true,
      zoneAwarenessConfig: { availabilityZoneCount: 2 },
      dedicatedMasterEnabled: false,
    });
    expect(domain()["autoTuneOptions"]).toBeUndefined();
    const other = await runStack("insights", {
      config: {
        instanceType: "r6g.large.search",
        availabilityZones: 1,
        dataNodes: 1,
        dedicatedMasterType: "m6g.large.search",
      },
    });
    const { clusterConfig, autoTuneOptions } = other.one("aws:opensearch/domain:Domain").inputs;
    expect(clusterConfig).toMatchObject({ zoneAwarenessEnabled: false, dedicatedMasterCount: 3 });
    expect(autoTuneOptions).toMatchObject({ desiredState: "ENABLED" });
  });

  it("refuses nodes that can't be spread evenly, and more zones than there are subnets", async () => {
    const refused = await runStack("insights", { config: { availabilityZones: 3, dataNodes: 4 } });
    expect(refused.error?.message).toContain(
      "dataNodes 4 can't be spread evenly over 3 zones; run `pulumi config set dataNodes 6`",
    );
    expect(refused.error?.message).toContain("there are only 2 isolated subnets");
    expect(refused.resources).toEqual([]);
  });

  it("publishes a given search and makes nothing, asking no other stack", async () => {
    const given = {
      searchEndpoint: "https://search.corp.example:9200",
      searchUsername: "u",
      searchPassword: "Their-Password-1",
    };
    const adopted = await runStack("insights", { config: given, upstream: { networking: false } });
    expect(adopted.outputs).toEqual(given);
    expect([...adopted.resources, ...adopted.references]).toEqual([]);
  });
});
