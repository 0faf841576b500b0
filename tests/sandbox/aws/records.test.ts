import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import type { ResourceRecord } from "../../../sandbox/aws/record";
import { invokes, table } from "../../../sandbox/aws/table";
import { World } from "../../../sandbox/world";

const sdk = dirname(require.resolve("@pulumi/aws/package.json"));

/** The properties that the installed SDK's class of this type has, inputs and outputs. */
function sdkProperties(type: string): string[] {
  const file = join(sdk, `${type.split(":")[1] ?? ""}.d.ts`);
  if (!existsSync(file)) return [];
  const source = readFileSync(file, "utf8").replace(/\/\*\*[\s\S]*?\*\//g, "");
  return [...source.matchAll(/^ {4}(?:readonly )?(\w+)\??:/gm)].map(([, name = ""]) => name);
}

/** Everything a record says that names a property. */
function namesIn(record: ResourceRecord): string[] {
  const context = {
    world: new World(),
    inputs: {},
    name: "test",
    region: "us-west-2",
    account: "123456789012",
    partition: "aws",
  };
  return [
    ...Object.keys(record.outputs?.({ ...context, id: "test" }) ?? {}),
    ...Object.keys(record.defaults ?? {}),
    ...(record.autoname ? [record.autoname.property] : []),
    ...(record.references ?? []).map(({ path }) => path.split(/[.[]/)[0] ?? ""),
    ...(record.replaceOn ?? []),
    ...(record.updatable ?? []),
    ...(record.secrets ?? []),
  ];
}

describe("the record table", () => {
  it.each([...table.values()].map((record) => [record.type, record] as const))(
    "%s names only properties that the installed SDK has",
    (type, record) => {
      const known = sdkProperties(type);
      expect(known).not.toEqual([]);
      expect(namesIn(record).filter((name) => !known.includes(name))).toEqual([]);
    },
  );

  it.each([...table.values()].map((record) => [record.type, record] as const))(
    "%s refers only to types that the table has",
    (_type, record) => {
      const targets = (record.references ?? []).flatMap(({ to }) => to);
      expect(targets.filter((target) => !table.has(target))).toEqual([]);
    },
  );

  it("cites a page for every record", () => {
    expect([...table.values()].filter(({ source }) => !source.startsWith("https://")).map(({ type }) => type)).toEqual(
      [],
    );
  });

  it("answers only functions that the installed SDK has", () => {
    const unknown = Object.keys(invokes).filter((token) => {
      const module = (token.split(":")[1] ?? "").replace(/^index\//, "");
      return !existsSync(join(sdk, `${module}.d.ts`));
    });
    expect(unknown).toEqual([]);
  });
});
