import { describe, expect, it } from "@jest/globals";
import { contract, type StackName } from "@selfhosted/common";
import { runStack } from "../support/mocks";

const cases: readonly [StackName, Record<string, unknown>][] = [
  ["cluster", {}],
  ["database", {}],
  ["insights", {}],
  ["insights", { mode: "cluster" }],
  ["esc", {}],
];

describe.each(cases.map(([stack, config]) => [contract[stack].folder, JSON.stringify(config), stack, config] as const))(
  "%s %s",
  (_folder, _config, stack, config) => {
    it("ends a refused destroy at one resource, behind all others, whose name says how to lift the protection", async () => {
      for (const protect of [true, false]) {
        const run = await runStack(stack, { config: { ...config, protect } });
        const guard = run.one("selfhosted:index:Protection");
        expect(guard.name).toContain("pulumi config set protect false; pulumi up");
        // There without the protection too: gone from the program it would be deleted, while it is still protected.
        expect(guard.protect).toBe(protect);
        const others = run.resources.map(({ type, name }) => `${type}::${name}`);
        expect(others.length).toBeGreaterThan(4);
        expect(new Set([...guard.dependsOn, `selfhosted:index:Protection::${guard.name}`])).toEqual(new Set(others));
      }
    });
  },
);
