#!/usr/bin/env node
require("ts-node").register({ transpileOnly: true, cwd: __dirname });
require("../index.ts");
