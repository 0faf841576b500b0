// Starts the daemon's TypeScript without checking its types again, compiled by swc: three times less work than with the
// TypeScript compiler, which then needn't be loaded at all.
"use strict";
const path = require("node:path");

const project = path.resolve(__dirname, "..", "..", "tsconfig.base.json");
require("ts-node").register({ project, transpileOnly: true, swc: true });
// The Pulumi runtime takes a stack trace for every promise it makes; mapping each to the sources cost a sixth of the
// daemon's time. Lines in the log are those of the compiled files, which swc keeps close.
Error.prepareStackTrace = undefined;
require("../daemon").run(process.argv[2]);
