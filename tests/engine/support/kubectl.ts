import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Sandbox } from "./sandbox";

/** Runs kubectl on the cluster of a sandbox's 03-cluster, as an operator would, and returns what it printed. */
export async function kubectl(sandbox: Sandbox, ...words: string[]): Promise<string> {
  const { kubeconfig } = await sandbox.outputs("cluster", { showSecrets: true });
  const file = join(sandbox.home, "kubeconfig.json");
  writeFileSync(file, String(kubeconfig), { mode: 0o600 });
  const env = { ...process.env, ...sandbox.env };
  const { stdout } = await promisify(execFile)("kubectl", ["--kubeconfig", file, ...words], { env });
  return stdout;
}
