// What the engine starts as `pulumi-resource-<name>`: asks the sandbox's daemon for that provider, prints its port as a
// plugin must, and lives until the engine ends it. Arguments: home, provider name, then the engine's own.
"use strict";
const { ask, ensureDaemon } = require("./connect");

const [home, name, ...engineArguments] = process.argv.slice(2);
const engine = engineArguments.filter((argument) => !argument.startsWith("-")).at(-1);

async function main() {
  const socket = await ensureDaemon(home);
  const { port } = await ask(socket, { serve: name, engine, folder: process.cwd() });
  process.stdout.write(`${port}\n`);
  socket.once("close", () => process.exit(0));
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
