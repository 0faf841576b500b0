import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { defineConfig, kinds, readConfig, setting } from "@selfhosted/common";
import { runProgram, type Run, type RunOptions } from "../support/mocks";

/** A stack that uses every feature of the resolver, in the name of 05-database. */
const spec = defineConfig("database", {
  settings: {
    replicas: setting.defaulted(kinds.integer(1, 15), 2, "instances"),
    owner: setting.required(kinds.string("team"), "who is paged"),
    note: setting.optional(kinds.string(), "free text"),
    restoreKey: setting.optional(kinds.secret("a key"), "key of the backup"),
    search: setting.defaulted(kinds.boolean(), false, "whether search is on"),
    days: setting.byProfile(kinds.integer(0, 90), { standard: 30, small: 0 }, "retention"),
  },
  needs: {
    networking: ["vpcId", "isolatedSubnetIds", "workloadSecurityGroupId"],
    iam: ["databaseMonitoringRoleArn"],
    insights: { when: (settings) => settings.search, outputs: ["searchEndpoint", "searchUsername", "searchPassword"] },
  },
});

type Config = Awaited<ReturnType<typeof readConfig<"database", (typeof spec)["settings"], (typeof spec)["needs"]>>>;

const network = {
  vpcId: "vpc-0aaaaaaaaaaaaaaaa",
  isolatedSubnetIds: ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"],
};
const everyInput = {
  ...network,
  workloadSecurityGroupId: "sg-0aaaaaaaaaaaaaaaa",
  databaseMonitoringRoleArn: "arn:aws:iam::123456789012:role/monitoring",
};

async function tryResolve(
  options: RunOptions = {},
): Promise<{ run: Run; config: Config | undefined; message: string }> {
  let config: Config | undefined;
  const load = () => async () => {
    config = await readConfig(spec);
    return {};
  };
  const run = await runProgram("selfhosted-05-database", load, {
    ...options,
    config: { owner: "dba", ...options.config },
  });
  return { run, config, message: run.error?.message ?? "" };
}

async function resolve(options: RunOptions = {}): Promise<{ run: Run; config: Config }> {
  const { run, config } = await tryResolve(options);
  if (!config) throw run.error ?? new Error("readConfig returned nothing");
  return { run, config };
}

async function refusalOf(options: RunOptions): Promise<string> {
  const { run, message } = await tryResolve(options);
  expect(run.error).toBeInstanceOf(pulumi.RunError);
  expect(run.resources).toEqual([]);
  return message;
}

describe("one rule for every input", () => {
  it("takes the value in the stack's own config even when the upstream stack has one", async () => {
    const { config } = await resolve({ config: network });
    expect(config.upstream.networking.vpcId).toBe("vpc-0aaaaaaaaaaaaaaaa");
    expect(config.upstream.networking.workloadSecurityGroupId).toBe("sg-0123456789abcdef0");
  });

  it("takes the upstream stack's output when the stack's own config is silent", async () => {
    const { config } = await resolve({ upstream: { networking: { vpcId: "vpc-0cccccccccccccccc" } } });
    expect(config.upstream.networking.vpcId).toBe("vpc-0cccccccccccccccc");
  });

  it("refuses roles that have rights on other names than this stack gives, with the command for each key", async () => {
    const iam = { baseName: "pulumi", installation: "prod", region: "eu-west-1" };
    const message = await refusalOf({ upstream: { iam } });
    expect(message).toContain("2 problems");
    expect(message).toContain("run `pulumi config set installation prod`");
    expect(message).toContain("run `pulumi config set aws:region eu-west-1`");
    expect(message).not.toContain("baseName is");
    await resolve({ config: { installation: "prod" }, upstream: { iam: { ...iam, region: "us-east-1" } } });
    // Roles that were given by hand are the giver's to narrow.
    await resolve({ config: everyInput, upstream: { iam } });
  });

  it("reports all missing inputs of all stacks in one error, with the key, the stack looked at and every remedy", async () => {
    const message = await refusalOf({ upstream: { networking: false, iam: false } });
    expect(message).toContain("2 problems");
    expect(message).toContain(
      "vpcId, isolatedSubnetIds, workloadSecurityGroupId: not set here, and stack organization/selfhosted-02-networking/test",
    );
    expect(message).toContain("it does not exist");
    expect(message).toContain("Run `pulumi up` in 02-networking");
    expect(message).toContain("pulumi config set vpcId vpc-0123456789abcdef0");
    expect(message).toContain("pulumi config set networkingStack organization/project/stack");
    expect(message).toContain("databaseMonitoringRoleArn: not set here, and stack organization/selfhosted-01-iam/test");
    expect(message).toContain("pulumi config set databaseMonitoringRoleArn arn:aws:iam::123456789012:role/name");
  });

  it("names the outputs that an existing upstream stack lacks", async () => {
    const message = await refusalOf({ upstream: { networking: { workloadSecurityGroupId: undefined } } });
    expect(message).toContain("1 problem ");
    expect(message).toMatch(/workloadSecurityGroupId: not set here, and stack \S+networking\/test has no such output/);
  });
});

describe("the profile", () => {
  it("chooses defaults, and a key that is set has the last word", async () => {
    const days = async (config: object) => (await resolve({ config: { ...config } })).config.settings.days;
    expect(await days({})).toBe(30);
    expect(await days({ profile: "small" })).toBe(0);
    expect(await days({ profile: "small", days: 30 })).toBe(30);
  });

  it("is one of those there are", async () => {
    expect(await refusalOf({ config: { profile: "tiny" } })).toContain("profile must be standard or small");
  });
});

describe("a skipped stack", () => {
  it("is never referenced nor asked for when every input is given", async () => {
    const { run } = await resolve({ config: everyInput, upstream: { networking: false, iam: false, insights: false } });
    expect(run.references).toEqual([]);
    expect(run.invokes).not.toContain("pulumi:pulumi:readStackOutputs");
  });

  it("is referenced once, however many inputs come from it", async () => {
    const { run } = await resolve();
    expect(run.references.sort()).toEqual([
      "organization/selfhosted-01-iam/test",
      "organization/selfhosted-02-networking/test",
    ]);
  });

  it("is not referenced while the feature that needs it is off, and its inputs are undefined", async () => {
    const { run, config } = await resolve({ upstream: { insights: false } });
    expect(config.upstream.insights).toBeUndefined();
    expect(run.references.join()).not.toContain("insights");
  });

  it("is referenced once the feature is on", async () => {
    const { run, config } = await resolve({ config: { search: true } });
    expect(config.upstream.insights?.searchEndpoint).toBe("https://search.example.com:443");
    expect(run.references).toContain("organization/selfhosted-06-insights/test");
  });

  it("refuses an input of a feature that is off, which would be ignored silently", async () => {
    const message = await refusalOf({ config: { searchEndpoint: "https://search.example.com" } });
    expect(message).toContain("searchEndpoint is set, but this stack's settings leave 06-insights out");
  });
});

describe("half-given sets", () => {
  it("are refused in the consumer: a VPC would be mixed with another VPC's subnets", async () => {
    const message = await refusalOf({ config: { vpcId: network.vpcId } });
    expect(message).toContain("the network is half given: vpcId set, isolatedSubnetIds not");
    expect(message).toContain("`pulumi config rm vpcId`");
  });

  it("are refused in the folder that adopts ids", async () => {
    const message = await refusalOf({ config: { databaseEndpoint: "db.example.com", databasePort: 3306 } });
    expect(message).toContain("the database is half given: databaseEndpoint, databasePort set");
    expect(message).toContain("databaseName, databaseUsername, databasePassword not");
  });
});

describe("ids given in the folder itself", () => {
  it("are adopted as a whole set, its secret as a secret", async () => {
    const database = {
      databaseEndpoint: "db.example.com",
      databasePort: 3307,
      databaseName: "pulumi",
      databaseUsername: "root1",
    };
    const { config } = await resolve({ config: { ...database, databasePassword: "Adopted-1" } });
    expect(config.given.database).toMatchObject(database);
    const password = config.given.database?.databasePassword;
    expect(password && (await pulumi.isSecret(password))).toBe(true);
  });

  it("are adopted one by one where an output stands alone", async () => {
    const { config } = await resolve({ config: { checkpointsBucketName: "their-bucket" } });
    expect(config.given.checkpointsBucketName).toBe("their-bucket");
    expect(config.given.eventsBucketName).toBeUndefined();
  });
});

describe("values are judged by kind before any resource is made", () => {
  it.each([
    [
      "an id with another prefix",
      { vpcId: "subnet-0aaaaaaaaaaaaaaaa", isolatedSubnetIds: network.isolatedSubnetIds },
      "vpcId must be an id like vpc-",
    ],
    [
      "one subnet, where AWS asks for two zones",
      { ...network, isolatedSubnetIds: ["subnet-0aaaaaaaaaaaaaaaa"] },
      "isolatedSubnetIds must have at least 2 items",
    ],
    [
      "a list with a wrong item",
      { ...network, isolatedSubnetIds: ["subnet-0aaaaaaaaaaaaaaaa", "nonsense"] },
      "isolatedSubnetIds [1] must be an id like subnet-",
    ],
    [
      "a list that names an item twice",
      { ...network, isolatedSubnetIds: ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0aaaaaaaaaaaaaaaa"] },
      "isolatedSubnetIds names an item twice",
    ],
    [
      "text where a list belongs",
      { ...network, isolatedSubnetIds: "subnet-0aaaaaaaaaaaaaaaa" },
      "isolatedSubnetIds must be a list",
    ],
    [
      "a role of another account",
      { databaseMonitoringRoleArn: "arn:aws:iam::210987654321:role/x" },
      "databaseMonitoringRoleArn belongs to account 210987654321, this stack deploys to 123456789012",
    ],
    [
      "a role of another partition",
      { databaseMonitoringRoleArn: "arn:aws-cn:iam::123456789012:role/x" },
      "is in partition aws-cn, this account is in aws",
    ],
    [
      "an ARN of another service",
      { databaseMonitoringRoleArn: "arn:aws:s3:::bucket" },
      "databaseMonitoringRoleArn must be an ARN like arn:aws:iam",
    ],
    [
      "a key of another region",
      { encryptionKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd" },
      "encryptionKeyArn is in region eu-west-1, this stack deploys to us-east-1",
    ],
    ["a number out of bounds", { replicas: 0 }, "replicas must be a whole number from 1 to 15"],
    ["text where a number belongs", { replicas: "many" }, "replicas must be a whole number"],
    ["text where true or false belongs", { search: "yes" }, "search must be true or false"],
  ])("refuses %s", async (_case, config, expected) => {
    expect(await refusalOf({ config })).toContain(expected);
  });

  it("also judges what an upstream stack published", async () => {
    const message = await refusalOf({ upstream: { networking: { vpcId: "net-1" } } });
    expect(message).toContain("vpcId of stack organization/selfhosted-02-networking/test must be an id like vpc-");
  });

  it("reports a misspelt key with the one that was meant, instead of ignoring it", async () => {
    const message = await refusalOf({ config: { vpdId: "vpc-0aaaaaaaaaaaaaaaa" } });
    expect(message).toContain("vpdId is not a key of this stack; did you mean vpcId? run `pulumi config rm vpdId`");
  });

  it("reports a required setting with the command that sets it", async () => {
    const message = await refusalOf({ config: { owner: "" } });
    expect(message).toContain("owner is missing (who is paged); run `pulumi config set owner team`");
  });

  it("asks for the region before it asks AWS anything", async () => {
    const { run, message } = await tryResolve({ providerConfig: { "aws:region": undefined } });
    expect(message).toContain("pulumi config set aws:region us-east-1");
    expect(run.invokes).toEqual([]);
  });

  it("lists problems of every sort in one run", async () => {
    const message = await refusalOf({
      config: { replicas: 0, vpdId: "x", vpcId: network.vpcId },
      upstream: { iam: false },
    });
    expect(message).toContain("4 problems");
  });
});

describe("stack names are free", () => {
  const there = {
    otherStacks: { "acme/selfhosted-01-iam/prod": { databaseMonitoringRoleArn: everyInput.databaseMonitoringRoleArn } },
  };

  it("uses another stack and organization for all upstream stacks", async () => {
    const options = {
      config: {
        ...network,
        workloadSecurityGroupId: "sg-0aaaaaaaaaaaaaaaa",
        upstreamStack: "prod",
        upstreamOrganization: "acme",
      },
    };
    const { run } = await resolve({ ...options, ...there, upstream: { iam: false } });
    expect(run.references).toEqual(["acme/selfhosted-01-iam/prod"]);
  });

  it("takes one upstream stack's full name in any form, as the legacy layout of DIY backends needs", async () => {
    const otherStacks = { "iam-prod": { databaseMonitoringRoleArn: everyInput.databaseMonitoringRoleArn } };
    const { run } = await resolve({ config: { iamStack: "iam-prod" }, otherStacks, upstream: { iam: false } });
    expect(run.references.sort()).toEqual(["iam-prod", "organization/selfhosted-02-networking/test"]);
  });

  it("makes one reference when two upstream stacks are one and the same", async () => {
    const otherStacks = { "acme/platform/prod": { ...everyInput } };
    const config = { iamStack: "acme/platform/prod", networkingStack: "acme/platform/prod" };
    const { run } = await resolve({ config, otherStacks });
    expect(run.references).toEqual(["acme/platform/prod"]);
  });
});

describe("secrets", () => {
  it("stay secret through the resolver when they come from an upstream stack", async () => {
    const { config } = await resolve({ config: { search: true } });
    const password = config.upstream.insights?.searchPassword;
    expect(password && (await pulumi.isSecret(password))).toBe(true);
  });

  it("stay secret when they come from the stack's own config", async () => {
    const { config } = await resolve({ config: { restoreKey: "hush" }, secrets: ["restoreKey"] });
    expect(config.settings.restoreKey && (await pulumi.isSecret(config.settings.restoreKey))).toBe(true);
  });

  it("are refused when they are stored in plain text, without showing them", async () => {
    const message = await refusalOf({ config: { restoreKey: "hush" }, secrets: [] });
    expect(message).toContain("restoreKey is stored in plain text; run `pulumi config set --secret restoreKey`");
    expect(message).not.toContain("hush");
  });
});
