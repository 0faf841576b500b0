import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { accountAsFound } from "../../../sandbox/seed";
import { World } from "../../../sandbox/world";

describe("the account as it is found", () => {
  it("owns the zone of the EXAMPLE files, and nothing else", () => {
    const names = accountAsFound().map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`);
    expect(names).toEqual(["Zone example.com", "Record example.com", "Record example.com"]);
  });

  it("is what a world begins with that has no file, and only then", () => {
    const path = join(mkdtempSync(join(tmpdir(), "seed-")), "world.json");
    const world = new World(path, accountAsFound);
    expect(world.all()).toEqual(accountAsFound());
    for (const { type, id } of accountAsFound()) world.remove(type, id);
    expect(new World(path, accountAsFound).all()).toEqual([]);
  });
});
