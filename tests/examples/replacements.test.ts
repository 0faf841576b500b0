import { describe, expect, it } from "@jest/globals";
import { specs } from "@selfhosted/cli/specs";
import { configKeys, contract, stackNames, type Setting } from "@selfhosted/common";
import { readExampleFile } from "../support/example";
import { runStack } from "../support/mocks";
import { commentOf, otherValue, replacedBetween } from "./replacements";

describe.each(stackNames.map((stack) => [contract[stack].folder, stack] as const))(
  "%s/Pulumi.EXAMPLE.yaml",
  (_folder, stack) => {
    it("announces every key whose change replaces something", async () => {
      const spec = specs[stack];
      const example = readExampleFile(stack);
      const required = Object.entries<Setting>(spec.settings).filter(
        ([, { kind, optional, default: value }]) => kind.secret && optional === undefined && value === undefined,
      );
      const base = { ...example.set, ...Object.fromEntries(required.map(([key, { kind }]) => [key, kind.example])) };
      const before = await runStack(stack, { config: base });
      expect(before.error).toBeUndefined();

      const settings: Readonly<Record<string, Setting>> = {
        ...Object.fromEntries([...configKeys(spec)].filter(([key]) => key === "baseName" || key === "installation")),
        ...spec.settings,
      };
      const unannounced: string[] = [];
      for (const [key, setting] of Object.entries(settings)) {
        const value = otherValue(setting, example.shown[key]);
        if (value === undefined || setting.kind.secret) continue;
        const after = await runStack(stack, { config: { ...base, [key]: value } });
        // What is refused by itself (half a pair, another key's contradiction) changes nothing.
        const replaced = after.error ? [] : await replacedBetween(before, after);
        const comment = commentOf(example.text, contract[stack].project, key);
        if (replaced.length > 0 && !/replace/i.test(comment)) unannounced.push(`${key}: ${replaced.join("; ")}`);
      }
      // Otherwise: say in the line above the key what its change replaces.
      expect(unannounced).toEqual([]);
    });
  },
);
