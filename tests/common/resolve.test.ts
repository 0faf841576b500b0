import { describe, expect, it } from "@jest/globals";
import { defineConfig, kinds, readConfig, setting, type ConfigSpec } from "@selfhosted/common";
import type * as pulumi from "@pulumi/pulumi";
import { runProgram, type Run, type RunOptions } from "../support/mocks";

const spec = defineConfig("database", {
  settings: {
    replicas: setting.defaulted(kinds.integer(1, 15), 2, "instances"),
    search: setting.defaulted(kinds.boolean(), false, "whether search is on"),
  },
  needs: {
    networking: ["vpcId", "isolatedSubnetIds", "workloadSecurityGroupId"],
    iam: ["databaseMonitoringRoleArn"],
    insights: { when: (settings) => settings.search, outputs: ["searchEndpoint", "searchPassword"] },
  },
});

const PROJECT = "selfhosted-05-database";
const network = { vpcId: "vpc-0aaaaaaaaaaaaaaaa", isolatedSubnetIds: ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"] };
const everything = {
  ...network,
  workloadSecurityGroupId: "sg-0aaaaaaaaaaaaaaaa",
  databaseMonitoringRoleArn: "arn:aws:iam::123456789012:role/monitoring",
};

interface Seen {
  readonly run: Run;
  readonly config: Awaited<ReturnType<typeof readConfig<"database", (typeof spec)["settings"], (typeof spec)["needs"]>>> | undefined;
}

async function resolve(options: RunOptions = {}): Promise<Seen> {
  let config: Seen["config"];
  const run = await runProgram(
    PROJECT,
    () => async () => {
      config = await readConfig(spec);
      return {};
    },
    options,
  );
  return { run, config };
}

describe("one rule for every input", () => {
  it("takes the value in the stack's own config even when the upstream stack has one", async () => {
    const { config } = await resolve({ config: network });
    expect(config?.upstream.networking.vpcId).toBe("vpc-0aaaaaaaaaaaaaaaa");
    expect(config?.upstream.networking.workloadSecurityGroupId).toBe("sg-0123456789abcdef0");
  });

  it("takes the upstream stack's output when the stack's own config is silent", async () => {
    const { config, run } = await resolve({ upstream: { networking: { vpcId: "vpc-0cccccccccccccccc" } } });
    expect(run.error).toBeUndefined();
    expect(config?.upstream.networking.vpcId).toBe("vpc-0cccccccccccccccc");
  });

  it("reports all missing inputs in one error, each with its stack and both remedies", async () => {
    const { run } = await resolve({ upstream: { networking: false, iam: false } });
    expect(run.error?.message).toMatch("3 problems");
  });
});
