import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { otherTeam } from "./otherTeam";
import type { Sandbox } from "./sandbox";

/** A certificate that another team imported into ACM: its ARN, and a file with what signed it. */
export async function importedCertificate(sandbox: Sandbox): Promise<{ arn: string; ca: string }> {
  const { arn = "", pem = "" } = (await otherTeam(sandbox, "certificate")).outputs;
  const ca = join(sandbox.home, "customer-ca.pem");
  writeFileSync(ca, pem);
  return { arn, ca };
}
