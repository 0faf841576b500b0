// `npm start`: installs the project's packages where they are missing, then runs the rehearsal. Needs nothing but Node.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Whether node_modules holds what the lock file asks for, by npm's own record of what it installed. */
function installed() {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const { packages: present } = JSON.parse(readFileSync(record, "utf8"));
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) =>
      !path.startsWith("node_modules/") || optional || link || present[path]?.version === version,
  );
}

if (!installed()) {
  const args = existsSync(join(root, "node_modules")) ? ["install"] : ["ci"];
  process.stderr.write(`Installing packages (npm ${args[0]}, about half a minute the first time) …\n`);
  const npm = process.env.npm_execpath;
  const result = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: "inherit" })
    : spawnSync("npm", args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  if (result.status !== 0) {
    process.stderr.write("npm could not install the packages: see its message above, then run `npm start` again.\n");
    process.exit(1);
  }
}

process.argv.splice(2, 0, "rehearsal");
createRequire(import.meta.url)("./run.js");
