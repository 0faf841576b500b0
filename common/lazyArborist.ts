import { createRequire, Module } from "node:module";

/**
 * Pulumi's runtime loads npm's Arborist at every start, a seventh of a small program's time, for what no stack here does:
 * packing a function of the program with its packages. It is loaded once somebody asks for it. Loaded before a program by
 * ts-node (`tsconfig.run.json`).
 * Source: `import * as arborist` in @pulumi/pulumi, runtime/closure/codePaths.ts
 */
const pulumi = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const file = pulumi.resolve("@npmcli/arborist");
const standIn = new Module(file);
standIn.exports = {
  // Taken as it is, and not copied, by who imports all of it.
  __esModule: true,
  get Arborist(): unknown {
    Reflect.deleteProperty(pulumi.cache, file);
    return (pulumi(file) as { Arborist: unknown }).Arborist;
  },
};
standIn.loaded = true;
pulumi.cache[file] = standIn;
