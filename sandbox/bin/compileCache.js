// Keeps V8's compiled form of what a Pulumi program loads (mostly the SDK, 15 MB of JavaScript) in NODE_COMPILE_CACHE,
// for versions of Node that don't do so themselves: a quarter of a program's start. Every other process is left alone.
"use strict";
if (process.env.NODE_COMPILE_CACHE && /[/\\]cmd[/\\]run([/\\]|$)/.test(process.argv[1] ?? "")) {
  require("v8-compile-cache-lib").install({ cacheDir: process.env.NODE_COMPILE_CACHE });
}
