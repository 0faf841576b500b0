#!/usr/bin/env node
require("ts-node").register({ transpileOnly: true, swc: true, cwd: __dirname });
require("../index.ts");
