import { describe, expect, it } from "@jest/globals";
import { accountAsFound } from "../../sandbox/seed";
import type { WorldObject } from "../../sandbox/world";
import { afterUpstream, bringUpAll, destroyAll } from "./support/chain";
import { leaks, secretValues } from "./support/leaks";
import { unfindable } from "./support/lost";
import { inOrder, Sandbox } from "./support/sandbox";

const sandbox = Sandbox.forThisFile();

// One story in order: each test goes on where the one before it ended.
describe("all nine stacks", () => {
  it("come up from their EXAMPLE files", async () => {
    await bringUpAll(sandbox());
    const { apiUrl, consoleUrl } = await sandbox().outputs("service");
    expect(apiUrl).toMatch(/^https:\/\/api\./);
    expect(consoleUrl).toMatch(/^https:\/\/app\./);
  });

  it("show no secret in plain text: not in state, history or backups, not in configuration, not on the screen or in a log", async () => {
    const secrets = await secretValues(sandbox());
    // Licence, kubeconfig, database, API user, search, SAML pair: a list that shrinks is a search for nothing.
    expect(secrets.size).toBeGreaterThanOrEqual(8);
    expect([...secrets.values()].filter((value) => value.length < 8)).toEqual([]);
    expect(leaks(sandbox(), secrets)).toEqual([]);
  });

  it("could be recovered, whatever of them was being made when pulumi was killed", async () => {
    expect(await unfindable(sandbox())).toEqual([]);
  });

  it("have nothing to do when they are brought up again", async () => {
    await afterUpstream(inOrder, (stack) => sandbox().up(stack, "--expect-no-changes"));
  });

  it("are found by a refresh just as they were made", async () => {
    await afterUpstream(inOrder, (stack) =>
      sandbox().run(stack, ["refresh", "--yes", "--skip-preview", "--expect-no-changes"]),
    );
  });

  it("leave the account as they found it when they are destroyed, the last first, but for the database's final snapshot and the keys of 05", async () => {
    await destroyAll(sandbox());
    const named = (objects: readonly WorldObject[]) => objects.map(({ type, id }) => `${type} ${id}`);
    const [left, kept] = [sandbox().world(), ["aws:rds/clusterSnapshot:ClusterSnapshot", "aws:kms/key:Key"]];
    const keptObjects = left.filter(({ type }) => kept.includes(type));
    // The snapshot is worth nothing without the key it is encrypted with, the rows in it nothing without the service's.
    expect(keptObjects.map(({ type, name }) => (type === kept[0] ? "snapshot" : name)).sort()).toEqual([
      "app",
      "data",
      "snapshot",
    ]);
    expect(named(left.filter(({ type }) => !kept.includes(type)))).toEqual(named(accountAsFound()));
  });
});
