// `npm test`: everything that is checked, fast checks first, all of them even where one fails; ends with the count.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);
const scratch = mkdtempSync(join(tmpdir(), "selfhosted-test-"));

/** The file behind a package's command, started without a shell so that it works everywhere. */
function command(name, of = name) {
  const manifest = join(root, "node_modules", of, "package.json");
  const { bin } = require(manifest);
  return join(dirname(manifest), typeof bin === "string" ? bin : bin[name]);
}

/** Each is one test: what it says is shown only when it fails. */
const checks = [
  { title: "format", script: command("prettier"), args: ["--check", "--log-level", "warn", "."] },
  { title: "lint", script: command("eslint"), args: ["."] },
  { title: "unused code and packages", script: command("knip"), args: [] },
  { title: "types", script: command("tsc", "typescript"), args: ["--noEmit", "--pretty"] },
];

/** What programs log is for their operators; a test that cares about it looks itself. */
const unit = { title: "unit", projects: ["unit"], more: ["--silent"] };

/** They need programs that a machine's first run builds for minutes; until these are there, all else is looked at. */
const real = { title: "engine", projects: ["kubernetes", "engine"], more: [] };
const tools = { script: join(root, "sandbox/bin/run.js"), args: ["../tests/tools/main"] };

let passed = 0;
let failed = 0;
const skipped = [];

function node(script, args, stdio) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (part) => (text += part));
    child.once("close", (code) => done({ code: code ?? 1, text }));
  });
}

async function check({ title, script, args }) {
  const started = Date.now();
  const { code, text } = await node(script, args, ["ignore", "pipe", "pipe"]);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? "PASS" : "FAIL"} ${title} (${seconds} s)${code === 0 ? "" : `\n${text}`}`);
  if (code === 0) passed += 1;
  else failed += 1;
}

async function suite({ title, projects, more }) {
  const file = join(scratch, `${title}.json`);
  const args = ["--selectProjects", ...projects, "--maxWorkers=2", ...more, "--json", "--outputFile", file];
  await node(command("jest"), args, ["ignore", "ignore", "inherit"]);
  try {
    const result = JSON.parse(readFileSync(file, "utf8"));
    passed += result.numPassedTests;
    // A file that doesn't even load has no tests to count, and must not pass for that.
    failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    for (const { assertionResults } of result.testResults)
      skipped.push(
        ...assertionResults.filter(({ status }) => status === "pending").map((test) => test.ancestorTitles[0]),
      );
  } catch {
    console.log(`FAIL ${title}: jest ended without a result`);
    failed += 1;
  }
}

const preparing = node(tools.script, tools.args, ["ignore", "ignore", "inherit"]);
await Promise.all(checks.map(check));
await suite(unit);
if ((await preparing).code === 0) await suite(real);
else {
  console.log("FAIL kubernetes, engine: not run, for what is said above about the engine or the Kubernetes API");
  failed += 1;
}

rmSync(scratch, { recursive: true, force: true });
for (const title of new Set(skipped))
  console.log(`SKIPPED ${skipped.filter((one) => one === title).length} tests of "${title}"`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
