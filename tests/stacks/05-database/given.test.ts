import { describe, expect, it } from "@jest/globals";
import { exampleOutputs, runStack } from "../../support/mocks";

const GIVEN_DATABASE = {
  databaseEndpoint: "db.corp.example",
  databasePort: 3307,
  databaseName: "pulumi",
  databaseUsername: "owner",
  databasePassword: "Their-Password-1",
};

describe("05-database: a database that is there already", () => {
  it("is published as it is; nothing of it is made and neither network nor monitoring role is asked for", async () => {
    const run = await runStack("database", { config: GIVEN_DATABASE, upstream: { networking: false } });
    expect(run.error).toBeUndefined();
    expect(run.outputs).toMatchObject(GIVEN_DATABASE);
    expect(run.secretOutputs).toEqual(["databasePassword"]);
    expect(run.resources.filter(({ type }) => /rds|secretsmanager|securityGroup/.test(type))).toEqual([]);
    expect(run.ofType("aws:s3/bucket:Bucket")).toHaveLength(3);
  });

  it("is refused when it is given in part (B11)", async () => {
    const run = await runStack("database", { config: { databaseEndpoint: "db.corp.example", databasePort: 3306 } });
    expect(run.error?.message).toContain("the database is half given: databaseEndpoint, databasePort set");
    expect(run.resources).toEqual([]);
  });

  it("with buckets and key given too, leaves nothing to make and no other stack to ask", async () => {
    const run = await runStack("database", {
      config: {
        ...GIVEN_DATABASE,
        checkpointsBucketName: "c-1",
        policyPacksBucketName: "p-1",
        eventsBucketName: "e-1",
        encryptionKeyArn: exampleOutputs("database")["encryptionKeyArn"],
      },
      secrets: ["databasePassword"],
    });
    expect(run.error).toBeUndefined();
    expect([...run.resources, ...run.references]).toEqual([]);
  });

  it("publishes the authority that was given with it, and none otherwise", async () => {
    const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    const outputs = async (config: Record<string, unknown>) =>
      (await runStack("database", { config: { ...GIVEN_DATABASE, ...config } })).outputs;
    expect((await outputs({}))["databaseCaCertificate"]).toBe("");
    expect((await outputs({ databaseCaCertificate: pem }))["databaseCaCertificate"]).toBe(pem);
  });
});

describe("05-database: a database that is there already and that RDS knows", () => {
  const THEIRS = "sg-0fedcba9876543210";
  const WORKLOADS = String(exampleOutputs("networking")["workloadSecurityGroupId"]);

  const refusals = async (
    options: { rule?: Record<string, unknown>; cluster?: Record<string, unknown> | false; instance?: object } = {},
  ) => {
    const run = await runStack("database", {
      config: { ...GIVEN_DATABASE, databaseIdentifier: "theirs" },
      invokes: {
        "aws:rds/getCluster:getCluster": () => {
          if (options.cluster === false) throw new Error("DBClusterNotFoundFault");
          const { databaseEndpoint: endpoint, databasePort: port } = GIVEN_DATABASE;
          const engine = { engine: "aurora-mysql", engineVersion: "8.0.mysql_aurora.3.10.0" };
          return { ...engine, endpoint, port, vpcSecurityGroupIds: [THEIRS], ...options.cluster };
        },
        "aws:rds/getInstance:getInstance": () => {
          if (!options.instance) throw new Error("DBInstanceNotFound");
          return { ...options.instance };
        },
        "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": () => ({ ids: ["sgr-1"] }),
        "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": () => ({
          isEgress: false,
          ipProtocol: "tcp",
          fromPort: 3307,
          toPort: 3307,
          referencedSecurityGroupId: WORKLOADS,
          ...options.rule,
        }),
      },
    });
    if (run.error) expect(run.resources).toEqual([]);
    return run.error?.message;
  };

  it("is taken when it is MySQL 8.0, at that address, and open to the workloads", async () => {
    expect(await refusals()).toBeUndefined();
    expect(await refusals({ rule: { ipProtocol: "-1", fromPort: 0, toPort: 0 } })).toBeUndefined();
    expect(await refusals({ rule: { referencedSecurityGroupId: "", cidrIpv4: "10.0.0.0/16" } })).toBeUndefined();
  });

  it("is refused, all at once, with another engine, address or port, or closed to the workloads", async () => {
    const message = await refusals({
      cluster: { engine: "aurora-postgresql", engineVersion: "16.4", endpoint: "other.example", port: 5432 },
    });
    expect(message).toContain("4 problems");
    expect(message).toContain("databaseIdentifier theirs is aurora-postgresql 16.4; the service needs MySQL 8.0");
    expect(message).toContain("run `pulumi config set databaseEndpoint other.example`");
    expect(message).toContain("run `pulumi config set databasePort 5432`");
    expect(message).toContain(
      `run \`aws ec2 authorize-security-group-ingress --group-id ${THEIRS} --protocol tcp --port 5432 --source-group ${WORKLOADS}\``,
    );
    expect(await refusals({ rule: { referencedSecurityGroupId: "sg-00000000000000000" } })).toContain("no rule of");
    expect(await refusals({ rule: { isEgress: true } })).toContain("no rule of");
    expect(await refusals({ cluster: { engineVersion: "5.7.mysql_aurora.2.11.0" } })).toContain("needs MySQL 8.0");
  });

  it("may be an instance of RDS for MySQL", async () => {
    const instance = { engine: "mysql", engineVersion: "8.0.42", address: "db.corp.example", port: 3307 };
    expect(await refusals({ cluster: false, instance: { ...instance, vpcSecurityGroups: [THEIRS] } })).toBeUndefined();
    expect(await refusals({ cluster: false })).toContain(
      "databaseIdentifier theirs is neither a cluster nor an instance that can be read (DBInstanceNotFound)",
    );
  });
});
