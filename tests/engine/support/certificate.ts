import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { salted } from "../../../sandbox/passphrase";
import { pulumi } from "../../../sandbox/pulumi";
import type { Sandbox } from "./sandbox";

const PROGRAM = join(__dirname, "..", "programs", "certificate");

/** A certificate that another team imported into ACM: its ARN, and a file with what signed it. */
export async function importedCertificate({ home, stack, env }: Sandbox): Promise<{ arn: string; ca: string }> {
  const project = join(home, "projects", "certificate");
  const config = join(project, `Pulumi.${stack}.yaml`);
  mkdirSync(project, { recursive: true });
  copyFileSync(join(PROGRAM, "Pulumi.yaml"), join(project, "Pulumi.yaml"));
  writeFileSync(config, salted("config:\n  aws:region: us-east-1\n"));
  const run = async (cwd: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await pulumi(args, { cwd, env });
    if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
    return stdout;
  };
  await run(project, "stack", "init", stack);
  await run(PROGRAM, "up", "--yes", "--skip-preview", "--stack", stack, "--config-file", config);
  const outputs = JSON.parse(await run(project, "stack", "output", "--json", "--stack", stack)) as {
    arn: string;
    pem: string;
  };
  const ca = join(home, "customer-ca.pem");
  writeFileSync(ca, outputs.pem);
  return { arn: outputs.arn, ca };
}
