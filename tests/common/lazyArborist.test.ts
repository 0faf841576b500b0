import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "@jest/globals";

const root = join(__dirname, "../..");

it("a program starts without npm's Arborist, and gets the real one when it asks", () => {
  // By the loader that tsconfig.run.json sets up, as Pulumi starts the stacks.
  const source = `
    const loaded = () => Object.keys(require.cache).some((file) => /@npmcli.arborist.lib.arborist/.test(file));
    const { computeCodePaths } = require("@pulumi/pulumi/runtime/closure/codePaths");
    const before = loaded();
    computeCodePaths().then((paths) => console.log(JSON.stringify({ before, after: loaded(), packed: paths.size > 0 })));
  `;
  const env = { ...process.env, TS_NODE_PROJECT: join(root, "tsconfig.run.json"), NODE_OPTIONS: "" };
  const printed = execFileSync(process.execPath, ["--require", "ts-node/register", "--eval", source], {
    cwd: join(root, "08-service"),
    env,
    encoding: "utf8",
  });
  expect(JSON.parse(printed)).toEqual({ before: false, after: true, packed: true });
});
