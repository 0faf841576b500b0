import { describe, expect, it } from "@jest/globals";
import { specs } from "@selfhosted/cli/specs";
import {
  configKeys,
  contract,
  outputSpecs,
  stackNames,
  type ConfigSpec,
  type Settings,
  type StackName,
} from "@selfhosted/common";
import { readExampleFile } from "../support/example";
import { runStack } from "../support/mocks";

const isRequired = (spec: ConfigSpec<StackName, Settings, unknown>, key: string) => {
  const setting = spec.settings[key];
  return setting !== undefined && !setting.optional && setting.default === undefined;
};

describe.each(stackNames.map((stack) => [contract[stack].folder, stack] as const))(
  "%s/Pulumi.EXAMPLE.yaml",
  (_folder, stack) => {
    const spec = specs[stack];
    const keys = configKeys(spec);
    const example = readExampleFile(stack);

    it("shows every key that the program reads, once, and no other", () => {
      expect([...example.mentions].sort()).toEqual([...keys.keys()].sort());
    });

    it("explains every key on the line above it", () => {
      const lines = example.text.split("\n");
      const bare = lines.filter((line, index) => {
        const isKey = line.includes(`${contract[stack].project}:`) && /^ {2}(# )?selfhosted-/.test(line);
        return isKey && !/^ {2}# (?!selfhosted-)\S/.test(lines[index - 1] ?? "");
      });
      expect(bare).toEqual([]);
    });

    it("names the default of every key that has one", () => {
      const undefaulted = Object.entries(spec.settings).filter(
        ([, setting]) => setting.default !== undefined && !/default/i.test(example.text),
      );
      expect(undefaulted).toEqual([]);
    });

    it("says what is another default in the small profile", () => {
      const explained = (key: string) =>
        /((?:^ {2}# (?!selfhosted-).*\n)+)$/m.exec(
          example.text.slice(0, example.text.indexOf(`${contract[stack].project}:${key}:`)).replace(/ {2}(# )?$/, ""),
        )?.[1];
      const silent = Object.entries(spec.settings).filter(
        ([key, { small }]) =>
          small !== undefined &&
          !explained(key)?.includes(`(small: ${typeof small === "string" ? small : JSON.stringify(small)})`),
      );
      expect(silent.map(([key]) => key)).toEqual([]);
    });

    it("sets all that is required and not secret, and nothing that is secret", () => {
      const missing = [...keys.keys()].filter(
        (key) => isRequired(spec, key) && !keys.get(key)?.kind.secret && !(key in example.set),
      );
      expect(missing).toEqual([]);
      const exposed = Object.entries(example.shown).filter(
        ([key, value]) => keys.get(key)?.kind.secret && value !== null,
      );
      expect(exposed).toEqual([]);
    });

    it.each([...keys].filter(([, { kind }]) => !kind.secret))("shows a valid value of %s", (key, { kind }) => {
      expect(kind.schema.safeParse(example.shown[key]).error?.issues).toBeUndefined();
    });

    it("brings the stack up as it stands, with the required secrets set", async () => {
      const secrets = [...keys].filter(([key, { kind }]) => isRequired(spec, key) && kind.secret);
      const config = { ...example.set, ...Object.fromEntries(secrets.map(([key, { kind }]) => [key, kind.example])) };
      const run = await runStack(stack, { config, secrets: secrets.map(([key]) => key) });
      expect(run.error).toBeUndefined();
      const always = outputSpecs(stack).filter(([, { madeWith }]) => madeWith === undefined);
      expect(Object.keys(run.outputs).sort()).toEqual(always.map(([name]) => name).sort());
    });
  },
);
