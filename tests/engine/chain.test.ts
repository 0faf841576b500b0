import { describe, expect, it } from "@jest/globals";
import { accountAsFound } from "../../sandbox/seed";
import type { WorldObject } from "../../sandbox/world";
import { afterUpstream, bringUpAll, destroyAll } from "./support/chain";
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

  it("have nothing to do when they are brought up again", async () => {
    await afterUpstream(inOrder, (stack) => sandbox().up(stack, "--expect-no-changes"));
  });

  it("are found by a refresh just as they were made", async () => {
    await afterUpstream(inOrder, (stack) =>
      sandbox().run(stack, ["refresh", "--yes", "--skip-preview", "--expect-no-changes"]),
    );
  });

  it("leave the account as they found it when they are destroyed, the last first", async () => {
    await destroyAll(sandbox());
    const named = (objects: readonly WorldObject[]) => objects.map(({ type, id }) => `${type} ${id}`);
    expect(named(sandbox().world())).toEqual(named(accountAsFound()));
  });
});
