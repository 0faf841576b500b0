import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Progress } from "../../08-service/fargate/taskRunner";
import type { StackName } from "@selfhosted/common";
import { RECORD } from "../../sandbox/aws/route53/names";
import { bringUpAll, destroyAll } from "./support/chain";
import { DnsAccount } from "./support/dnsAccount";
import { Sandbox } from "./support/sandbox";
import { failuresOf, verified } from "./support/verify";

const sandbox = Sandbox.forThisFile();

/** 03 and 04 are never initialised. */
const STACKS: readonly StackName[] = ["iam", "networking", "database", "service", "dns"];

beforeAll(async () => {
  await bringUpAll(sandbox(), {
    stacks: STACKS,
    configs: { service: { platform: "fargate", insights: "off", esc: "off", imageTag: "3.44.0" } },
  });
});

/** Image that each service's tasks run, as ECS has it. */
function running(): Record<string, string> {
  const world = sandbox().world();
  const services = world.filter(({ type }) => type === "aws:ecs/service:Service");
  return Object.fromEntries(
    services.map(({ name, properties }) => {
      const definition = world.find(({ properties: { arn } }) => arn === properties["taskDefinition"]);
      const [container] = JSON.parse(definition?.properties["containerDefinitions"] as string) as { image: string }[];
      return [name, container?.image ?? ""];
    }),
  );
}

const versions = (tag: string) => ({
  "pulumi-api": `pulumi/service:${tag}`,
  "pulumi-console": `pulumi/console:${tag}`,
});

function withFaults(...faults: readonly object[]): void {
  const file = join(sandbox().home, "faults.json");
  if (faults.length === 0) rmSync(file);
  else writeFileSync(file, JSON.stringify(faults));
}

describe("08-service on Fargate", () => {
  it("runs without a cluster, and has nothing to do the second time", async () => {
    expect(running()).toEqual(versions("3.44.0"));
    await sandbox().up("service", "--expect-no-changes");
  });

  it("a version whose migrations fail leaves the running one alone, and says where their log is", async () => {
    withFaults({ task: "pulumi-test-pulumi-migrations", exitCode: 1 });
    sandbox().configure("service", { imageTag: "3.45.0" });
    const said = await sandbox().upFails("service");
    expect(said).toMatch(/task [0-9a-f]{32} of pulumi-test-pulumi-migrations ended with exit code 1/);
    expect(said).toMatch(
      /aws logs tail \/pulumi-selfhosted\/pulumi\/test\/pulumi-migrations --since 1d --log-stream-names task\/pulumi-migrations\/[0-9a-f]{32}/,
    );
    expect(running()).toEqual(versions("3.44.0"));
  });

  it("waits for migrations that take longer than a Lambda function may; tasks that don't start then are taken back", async () => {
    withFaults(
      // A look is every three seconds.
      { task: "pulumi-test-pulumi-migrations", looks: 400 },
      { image: "service:3.45.0", reason: "CannotPullContainerError: manifest unknown" },
    );
    expect(await sandbox().upFails("service")).toContain("ECS deployment circuit breaker");
    const results = sandbox()
      .world()
      .filter(({ type }) => type === "aws:lambda/invocation:Invocation")
      .map(({ name, properties }) => [name, (JSON.parse(properties["result"] as string) as Progress).isDone]);
    expect(Object.fromEntries(results)).toMatchObject({ "pulumi-migrations": false, "pulumi-migrations-2": true });
    expect(running()["pulumi-api"]).toBe("pulumi/service:3.44.0");
    withFaults();
    await sandbox().up("service");
    expect(running()).toEqual(versions("3.45.0"));
    await sandbox().up("service", "--expect-no-changes");
  });

  it("answers as it must, and ECS runs the version that was asked for", async () => {
    const said = await verified(sandbox());
    expect([said.version, failuresOf(said)]).toEqual(["3.45.0", {}]);
    expect(said.checks.slice(-4).map(({ name, status, detail }) => `${name} ${status}: ${detail}`)).toEqual([
      "cluster passed: pulumi-test, 2 of 2 ECS services",
      "version of the api passed: pulumi/service:3.45.0, 2 tasks run",
      "version of the console passed: pulumi/console:3.45.0, 2 tasks run",
      expect.stringMatching(/^migrations passed: task [0-9a-f]{32} ended with exit code 0$/),
    ]);
  });

  it("speaks TLS to the tasks and gives background jobs their own; users are led over once all serve", async () => {
    sandbox().configure("service", { podTls: true, apiMode: "split" });
    const said = await sandbox().up("service");
    const order = [
      ...["TargetGroup console-tasks-tls created", "Service pulumi-console updated", "ListenerRule console updated"],
      "TargetGroup console-tasks deleted",
    ].map((event) => said.indexOf(event));
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(order).not.toContain(-1);
    expect(said.indexOf("Service pulumi-api-jobs created")).toBeLessThan(said.indexOf("ListenerRule api updated"));
    expect(failuresOf(await verified(sandbox()))).toEqual({});
    await sandbox().up("service", "--expect-no-changes");
  });

  it("another licence rolls the API, and runs no migrations", async () => {
    await sandbox().configureSecret("service", "licenseKey", "another-licence");
    const said = await sandbox().up("service");
    expect(said).toMatch(/aws:ecs:Service pulumi-api updated/);
    expect(said).not.toMatch(/aws:ecs:Service pulumi-console updat/);
    // Replaced, an invocation would be named.
    expect(said).not.toContain("aws:lambda:Invocation");
  });

  it("gives the names to the zones of another account, public and private, which its role alone leads to", async () => {
    const theirs = new DnsAccount(sandbox());
    const own = () =>
      sandbox()
        .world()
        .filter(({ type, name }) => type === RECORD && /^(api|console)/.test(name));
    expect(own()).toHaveLength(2);
    sandbox().configure("dns", { zoneRoleArn: theirs.roleArn, zoneRoleExternalId: "wrong", splitHorizon: true });
    expect(await sandbox().upFails("dns")).toContain("not authorized to perform: sts:AssumeRole");
    sandbox().configure("dns", { zoneRoleExternalId: theirs.externalId });
    expect(await sandbox().upFails("dns")).toMatch(
      /the account of arn:aws:iam::210987654321:role\/dns has several zones example.com .*pulumi config set privateZoneId/,
    );
    sandbox().configure("dns", { privateZoneId: theirs.privateZoneId });
    await sandbox().up("dns");
    const both = (zone: string) => ["api", "app"].map((name) => [zone, `${name}.pulumi.example.com`]);
    expect(theirs.names().sort()).toEqual([...both(theirs.publicZoneId), ...both(theirs.privateZoneId)].sort());
    expect(own()).toEqual([]);
    await sandbox().up("dns", "--expect-no-changes");
    await sandbox().destroy("dns");
    expect(theirs.names()).toEqual([]);
  });

  it("goes without a trace", async () => {
    await destroyAll(sandbox(), ["service"]);
    const left = sandbox()
      .world()
      .filter(({ type }) => /:(ecs|lambda|secretsmanager|servicediscovery|appautoscaling)\//.test(type));
    expect(left.filter(({ name }) => name !== "database").map(({ type, name }) => [type, name])).toEqual([]);
  });
});
