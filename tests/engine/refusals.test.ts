import { describe, expect, it } from "@jest/globals";
import type { StackName } from "@selfhosted/common";
import { Sandbox, type ConfigValue } from "./support/sandbox";

const sandbox = Sandbox.forThisFile();

interface Refusal {
  readonly stack: StackName;
  readonly config: Record<string, ConfigValue>;
  readonly says: readonly string[];
}

const network = {
  vpcId: "vpc-0123456789abcdef0",
  publicSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  privateSubnetIds: ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
  isolatedSubnetIds: ["subnet-0123456789abcdef4", "subnet-0123456789abcdef5"],
};

const refusals: [string, Refusal][] = [
  [
    "upstream stacks that don't exist",
    {
      stack: "cluster",
      config: {},
      says: [
        "clusterRoleArn",
        "stack organization/selfhosted-01-iam/case-0 can't be read (it does not exist)",
        "Run `pulumi up` in 01-iam",
        "pulumi config set vpcId vpc-0123456789abcdef0",
      ],
    },
  ],
  [
    "a malformed id",
    {
      stack: "networking",
      config: { ...network, vpcId: "my-vpc" },
      says: ["vpcId must be an id like vpc-0123456789abcdef0"],
    },
  ],
  [
    "a half-given network",
    {
      stack: "networking",
      config: { vpcId: network.vpcId },
      says: ["the network is half given: vpcId set, publicSubnetIds"],
    },
  ],
  [
    "a network that isn't there",
    {
      stack: "networking",
      config: network,
      says: [
        "vpcId: no VPC vpc-0123456789abcdef0 can be read",
        "privateSubnetIds: no subnet subnet-0123456789abcdef2 can be read",
      ],
    },
  ],
  [
    "a role of another account",
    {
      stack: "networking",
      config: { flowLogsRoleArn: "arn:aws:iam::999999999999:role/flow-logs" },
      says: ["flowLogsRoleArn belongs to account 999999999999, this stack deploys to 123456789012"],
    },
  ],
  [
    "a key of another region",
    {
      stack: "database",
      config: { encryptionKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd" },
      says: ["encryptionKeyArn is in region eu-west-1, this stack deploys to us-east-1"],
    },
  ],
  [
    "a misspelt key",
    {
      stack: "networking",
      config: { cidrBlok: "10.0.0.0/16" },
      says: ["cidrBlok is not a key of this stack; did you mean cidrBlock?"],
    },
  ],
  [
    "a secret in plain text",
    {
      stack: "service",
      config: { licenseKey: "plain-licence" },
      says: ["licenseKey is stored in plain text; run `pulumi config set --secret licenseKey`"],
    },
  ],
];

describe("wrong input is refused with its remedy before any resource is made", () => {
  it.each(refusals.map(([what, refusal], index) => [what, refusal, index] as const))(
    "%s",
    async (_what, refusal, index) => {
      const one = sandbox().as(`case-${String(index)}`);
      await one.init(refusal.stack, refusal.config);
      const said = await one.upFails(refusal.stack);
      for (const words of refusal.says) expect(said).toContain(words);
      expect(said).not.toContain("plain-licence");
      expect(await made(one, refusal.stack)).toEqual([]);
    },
  );

  it("an upstream stack that lacks an output is named with both remedies", async () => {
    const one = sandbox().as("empty");
    await one.init("iam");
    await one.init("networking");
    const said = await one.upFails("networking");
    expect(said).toContain("stack organization/selfhosted-01-iam/empty has no such output");
    expect(said).toContain("Run `pulumi up` in 01-iam");
    expect(said).toContain("pulumi config set flowLogsRoleArn arn:aws:iam::123456789012:role/name");
    expect(await made(one, "networking")).toEqual([]);
  });
});

/** What a stack manages besides the stack itself and references to others. */
async function made(one: Sandbox, stack: StackName): Promise<string[]> {
  const resources = await one.resources(stack);
  return resources.filter(({ type }) => !type.startsWith("pulumi:")).map(({ urn }) => urn);
}
