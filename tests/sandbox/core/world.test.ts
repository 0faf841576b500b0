import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { World, type WorldObject } from "../../../sandbox/world";

const vpc: WorldObject = {
  type: "aws:ec2/vpc:Vpc",
  id: "vpc-1",
  name: "main",
  region: "us-west-2",
  createdAt: "2026-01-01T00:00:00.000Z",
  properties: { cidrBlock: "10.0.0.0/16" },
};

function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), "world-"));
}

describe("a world", () => {
  it("is on disk as soon as it was changed, and nothing half-written beside it", () => {
    const folder = emptyFolder();
    const path = join(folder, "world.json");
    const world = new World(path);
    world.put(vpc);
    expect(new World(path).get(vpc.type, vpc.id)).toEqual(vpc);
    world.remove(vpc.type, vpc.id);
    expect(new World(path).all()).toEqual([]);
    expect(readdirSync(folder)).toEqual(["world.json"]);
  });

  it("says how to begin anew when its file is broken", () => {
    const path = join(emptyFolder(), "world.json");
    writeFileSync(path, "{");
    expect(() => new World(path)).toThrow("npm run sandbox:reset");
  });

  it("gives ids as EC2 shapes them", () => {
    expect(new World().newHexId("vpc")).toMatch(/^vpc-0[0-9a-f]{16}$/);
  });
});
