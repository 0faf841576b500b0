// Starts the daemon's TypeScript without checking its types again.
"use strict";
const path = require("node:path");

process.env.TS_NODE_PROJECT = path.resolve(__dirname, "..", "..", "tsconfig.base.json");
require("ts-node/register/transpile-only");
require("../daemon").run(process.argv[2]);
