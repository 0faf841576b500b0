import { describe, expect, it } from "@jest/globals";
import { assignments } from "@selfhosted/cli/byo";
import { specs } from "@selfhosted/cli/specs";
import { configKeys, contract, outputSpecs, stackNames } from "@selfhosted/common";
import { readExampleFile } from "../support/example";
import { runStack } from "../support/mocks";

/** Every value that a stack hands to others, as its own kind shows one. */
const outputsOf = (stack: (typeof stackNames)[number]) =>
  Object.fromEntries(
    outputSpecs(stack).flatMap(([name, spec]) => (spec.informative ? [] : [[name, spec.default ?? spec.kind.example]])),
  );

/** Each skipped stack with each stack that reads something of it. */
const pairs = stackNames.flatMap((skipped) =>
  assignments(skipped, outputsOf(skipped)).map(({ folder, values, project }) => ({ skipped, folder, values, project })),
);

describe("what `byo` writes for a skipped stack", () => {
  it.each(pairs)(
    "is taken by $folder as it stands, in place of $skipped",
    async ({ skipped, folder, values, project }) => {
      const consumer = stackNames.find((name) => contract[name].folder === folder) ?? "iam";
      const keys = configKeys(specs[consumer]);
      const { set } = readExampleFile(consumer);
      const secrets = [...keys].filter(([name, { kind }]) => kind.secret && isRequired(consumer, name));
      const run = await runStack(consumer, {
        config: {
          ...set,
          ...Object.fromEntries(secrets.map(([name, { kind }]) => [name, kind.example])),
          ...Object.fromEntries(
            Object.entries(values).map(([name, { value }]) => [name.slice(project.length + 1), value]),
          ),
        },
        upstream: { [skipped]: false },
      });
      expect(run.error).toBeUndefined();
      expect(run.references.filter((full) => full.includes(contract[skipped].project))).toEqual([]);
    },
  );
});

function isRequired(consumer: (typeof stackNames)[number], name: string): boolean {
  const setting = specs[consumer].settings[name];
  return setting !== undefined && setting.optional !== true && setting.default === undefined;
}
