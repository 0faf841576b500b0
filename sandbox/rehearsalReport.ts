import type { StackName } from "@selfhosted/common";
import type { Variables } from "./env";
import { pulumi, type PulumiResult } from "./pulumi";
import { stackFolders, type StackFolder } from "./stacks";

/** What one stack's `up` did. */
export interface StackReport {
  /** Resources in the stack now, its components included. */
  readonly resources: number;
  readonly changed: boolean;
  /** For people, e.g. ` 41 resources, 41 created, 3.2 s`. */
  readonly line: string;
}

/** A stack that didn't come up, with what Pulumi said. */
export interface StackFailure {
  readonly folder: StackFolder;
  readonly why: string;
}

/** The part of a failed run that tells why: what follows `Diagnostics:` but for the outputs, or all of it. */
export function diagnostics({ stdout, stderr }: PulumiResult): string {
  const text = `${stdout}\n${stderr}`;
  const start = text.indexOf("Diagnostics:");
  return (start < 0 ? text : text.slice(start).replace(/\nOutputs:\n[^]*?\n(?=Resources:\n)/, "\n"))
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

interface Rehearsal {
  readonly stack: string;
  readonly env: Variables;
  readonly reports: ReadonlyMap<StackName, StackReport>;
  readonly failures: readonly StackFailure[];
  /** What `npm run verify` said, when it wasn't content. */
  readonly unproven: string | undefined;
  readonly elapsedMs: number;
}

/** What is said at the end: the addresses and how to go on, or what failed and what to do about it. */
export async function summary(rehearsal: Rehearsal): Promise<string> {
  const { stack, reports, failures, unproven, elapsedMs } = rehearsal;
  const resources = [...reports.values()].reduce((sum, report) => sum + report.resources, 0);
  const changed = [...reports.values()].some((report) => report.changed);
  const head = `${reports.size} of ${stackFolders.length} stacks are up, ${resources} resources${changed ? "" : ", nothing to do"}, ${(elapsedMs / 1_000).toFixed(0)} s.`;
  if (failures.length > 0) return [...failures.map((failure) => describe(failure, stack)), head].join("\n\n");
  if (unproven !== undefined) {
    return [
      unproven,
      `${head} But the service doesn't answer as it must: see above, and look again with`,
      lookAgain(stack),
    ].join("\n\n");
  }
  return [
    "",
    head,
    ...(await addresses(rehearsal)),
    "",
    "Go on by hand, in this shell, with plain pulumi and kubectl:",
    OPEN_SHELL,
    `  (cd 02-networking && pulumi stack select ${stack} && pulumi preview)`,
    `  npm run verify -- --stack ${stack}`,
    "Nothing of this is on AWS. `npm run sandbox:stop` ends its processes, `npm run sandbox:reset` forgets it all.",
  ].join("\n");
}

const OPEN_SHELL = '  eval "$(npm run -s sandbox:env)"';

function lookAgain(stack: string): string {
  return `${OPEN_SHELL} && npm run verify -- --stack ${stack}`;
}

function describe(failure: StackFailure, stack: string): string {
  const { folder } = failure.folder;
  return [
    `${folder} did not come up:`,
    "",
    failure.why,
    "",
    `Mend what it names (its configuration is ${folder}/Pulumi.${stack}.yaml) and run \`npm start\` again, which goes on where it`,
    `stopped; or look closer: eval "$(npm run -s sandbox:env)" && cd ${folder} && pulumi up --stack ${stack}`,
  ].join("\n");
}

/** Where the service would answer. */
async function addresses({ stack, env }: Rehearsal): Promise<string[]> {
  const service = stackFolders.find(({ name }) => name === "service");
  if (!service) return [];
  const { code, stdout } = await pulumi(["stack", "output", "--json", "--stack", stack], { cwd: service.path, env });
  if (code !== 0) return [];
  const outputs = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  return [
    ["API", outputs["apiUrl"]],
    ["Console", outputs["consoleUrl"]],
  ].flatMap(([label, url]) => (typeof url === "string" ? [`  ${String(label).padEnd(8)} ${url}`] : []));
}
