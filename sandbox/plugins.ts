import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ask, connect } from "./bin/connect";
import { pulumiHome } from "./home";
import { providers, sdkVersion } from "./providers";

/**
 * Writes a plugin for every stand-in provider into the sandbox's `PULUMI_HOME`, under the exact version that the
 * installed SDK asks for: the engine then takes it without looking at PATH or at the network, and has nothing to warn of.
 */
export async function installPlugins(home: string): Promise<void> {
  for (const name of Object.keys(providers)) {
    const folder = join(pulumiHome(home), "plugins", `resource-${name}-v${await sdkVersion(name)}`);
    mkdirSync(folder, { recursive: true });
    const executable = join(folder, `pulumi-resource-${name}`);
    writeFileSync(executable, shim(home, name));
    chmodSync(executable, 0o755);
  }
}

/** Ends this home's daemon, and every Kubernetes API it runs, if there is one. */
export async function stopDaemon(home: string): Promise<void> {
  const socket = await connect(home);
  if (!socket) return;
  await ask(socket, { stop: true });
  await new Promise((done) => socket.once("close", done));
}

function shim(home: string, name: string): string {
  const script = resolve(__dirname, "bin", "provider.js");
  const words = [process.execPath, script, home, name].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  return `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`;
}
