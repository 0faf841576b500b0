// Runs one of the sandbox's TypeScript commands without checking its types again: `node sandbox/bin/run.js reset`.
"use strict";
const module_ = require("node:module");
const path = require("node:path");

const root = path.resolve(__dirname, "..", "..");
process.env.TS_NODE_PROJECT = path.join(root, "tsconfig.run.json");
// From Node 22.8 on: keeps compiled code between runs.
module_.enableCompileCache?.();
try {
  require("ts-node/register/transpile-only");
} catch (error) {
  if (error.code !== "MODULE_NOT_FOUND") throw error;
  process.stderr.write("The project's packages are not installed: run `npm ci` in the repository first.\n");
  process.exit(1);
}
require(path.join(root, "sandbox", process.argv[2]))
  .main(process.argv.slice(3))
  .then(
    (code) => {
      process.exitCode = code ?? 0;
    },
    (error) => {
      process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
      process.exitCode = 1;
    },
  );
