import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import type { StackName } from "@selfhosted/common";
import { bringUpAll } from "./support/chain";
import { Sandbox, type StateResource } from "./support/sandbox";

const sandbox = Sandbox.forThisFile();

const STACKS: readonly StackName[] = ["iam", "networking", "cluster", "clusterServices", "database", "service"];

beforeAll(async () => {
  await bringUpAll(sandbox(), {
    stacks: STACKS,
    configs: { service: { insights: "off", esc: "off", imageTag: "3.44.0" } },
  });
});

async function resource(type: string, name: string): Promise<StateResource> {
  const all = await sandbox().resources("service");
  const found = all.find((one) => one.urn.endsWith(`::${type}::${name}`));
  if (!found) throw new Error(`no ${type} ${name} in the state of 08-service`);
  return found;
}

/** Image that a Deployment runs, as the cluster reported it last. */
async function running(name: string): Promise<string> {
  const { outputs } = await resource("kubernetes:apps/v1:Deployment", name);
  const text = JSON.stringify(outputs);
  return /"image":"([^"]+)"/.exec(text)?.[1] ?? text;
}

const SERVERS = ["pulumi-api", "pulumi-console"];
const images = async () => Promise.all(SERVERS.map(running));

describe("08-service: another version", () => {
  it("runs the migrations once, then rolls the pods", async () => {
    const before = await resource("kubernetes:batch/v1:Job", "pulumi-migrations");
    sandbox().configure("service", { imageTag: "3.45.0" });
    await sandbox().up("service");
    expect(await images()).toEqual(["pulumi/service:3.45.0", "pulumi/console:3.45.0"]);
    expect((await resource("kubernetes:batch/v1:Job", "pulumi-migrations")).id).not.toBe(before.id);
    await sandbox().up("service", "--expect-no-changes");
  });

  it("whose migrations fail leaves the running one alone, and is taken up again once they can succeed", async () => {
    const faults = join(sandbox().home, "faults.json");
    writeFileSync(faults, JSON.stringify([{ job: "pulumi-service/pulumi-migrations", exitCode: 1 }]));
    sandbox().configure("service", { imageTag: "3.46.0" });
    const said = await sandbox().upFails("service");
    expect(said).toMatch(/pulumi-service\/pulumi-migrations-[0-9a-f]{8}/);
    expect(said).toContain("exit code 1");
    expect(await images()).toEqual(["pulumi/service:3.45.0", "pulumi/console:3.45.0"]);

    rmSync(faults);
    await sandbox().up("service");
    expect(await images()).toEqual(["pulumi/service:3.46.0", "pulumi/console:3.46.0"]);
    await sandbox().up("service", "--expect-no-changes");
  });

  it("that leaves out a major one is refused by what the state remembers, and so is a flip of the events' schema", async () => {
    sandbox().configure("service", { imageTag: "5.0.0", engineEventsLegacyWrite: true });
    const said = await sandbox().upFails("service");
    expect(said).toContain("imageTag 5.0.0 leaves out a major version after 3.46.0");
    expect(said).toContain("this installation writes engine events as schema V2");
    // What is remembered outlasts the refusal.
    expect(await sandbox().upFails("service")).toContain("after 3.46.0");
    sandbox().configure("service", { imageTag: "3.46.0", engineEventsLegacyWrite: undefined });
    await sandbox().up("service", "--expect-no-changes");
  });

  it("is rolled back by setting the tag back", async () => {
    sandbox().configure("service", { imageTag: "3.45.0" });
    await sandbox().up("service");
    expect(await images()).toEqual(["pulumi/service:3.45.0", "pulumi/console:3.45.0"]);
  });
});

describe("08-service: another size, number or licence", () => {
  it("is a change in place, and migrations don't run again", async () => {
    const before = await resource("kubernetes:batch/v1:Job", "pulumi-migrations");
    sandbox().configure("service", { size: "small", apiReplicas: 3 });
    await sandbox().configureSecret("service", "licenseKey", "another-licence");
    await sandbox().up("service");
    expect(JSON.stringify((await resource("kubernetes:apps/v1:Deployment", "pulumi-api")).inputs)).toContain("1000m");
    expect((await resource("kubernetes:batch/v1:Job", "pulumi-migrations")).id).toBe(before.id);
    await sandbox().up("service", "--expect-no-changes");
  });
});
