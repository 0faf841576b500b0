import { rm } from "node:fs/promises";
import path from "node:path";
import { contract, type StackName } from "@selfhosted/common";
import { logicalName, repaired, type Checkpoint } from "./checkpoint";
import { halfWritten } from "./fileBackend";
import { isRunning, lockOwners } from "./lock";
import { LockedError, PulumiStack } from "./pulumi";
import { search, type Answers, type Outcome } from "./search";

/** How a stack is recovered. */
export interface RecoverOptions {
  /** Folder that holds the stack folders. */
  readonly root: string;
  readonly stack: StackName;
  /** Name of the Pulumi stack, e.g. `prod`. */
  readonly stackName: string;
  /** As pulumi's `--config-file`. */
  readonly configFile?: string;
  /** What the operator found by hand. */
  readonly answers: Answers;
  /** Look and say, change nothing. */
  readonly dryRun: boolean;
  /** Go on with `pulumi up`, unless that would delete something. */
  readonly up: boolean;
  readonly say: (line: string) => void;
  readonly confirm: (question: string) => Promise<boolean>;
}

/**
 * Brings a stack whose `pulumi` was killed back to where it can go on: frees its lock, and finds out of every creation
 * that was under way whether the object is there. What is there is entered in the state, so that nothing is made twice.
 *
 * The engine alone does neither: a plain `up` makes interrupted creations again, and `pulumi refresh
 * --import-pending-creates` ends without an entry (pulumi/pulumi v3.246.0, pkg/cmd/pulumi/operations/refresh.go: nothing
 * acts on the operation it notes). `pulumi stack import` is what takes unfinished operations off a state.
 * @throws Error when a person must look first, or the run that holds the lock is alive.
 */
export async function recover(options: RecoverOptions): Promise<void> {
  const { root, stack, stackName, say } = options;
  const { folder } = contract[stack];
  const pulumi = new PulumiStack(stackName, path.join(root, folder), options.configFile);
  await mendBackend(pulumi, options);
  let plan = await look(pulumi, options);
  if (options.dryRun) {
    say("Nothing was changed (--dry-run).");
    return;
  }
  try {
    await pulumi.replaceCheckpoint(plan.checkpoint);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    await freeLock(pulumi, error.message, options);
    // Whoever held it may have gone on since.
    plan = await look(pulumi, options);
    await pulumi.replaceCheckpoint(plan.checkpoint);
  }
  if (plan.toRead.length > 0) await pulumi.refresh(plan.toRead);
  const { deployment } = await pulumi.checkpoint();
  const present = new Set((deployment.resources ?? []).map(({ urn }) => urn));
  for (const urn of plan.candidates) {
    const what = `${logicalName(urn)} ${present.has(urn) ? "is there: adopted" : "isn't there: the next up makes it"}`;
    say(`  ${what}`);
  }
  const next = `cd ${folder} && pulumi up --stack ${stackName}`;
  if (!options.up) {
    say(`Nothing is unfinished now. Next: ${next}`);
    return;
  }
  const deleted = await pulumi.deletions();
  if (deleted.length > 0) {
    throw new Error(`up would delete or replace ${deleted.map(logicalName).join(", ")}; look at it yourself: ${next}`);
  }
  await pulumi.up();
}

async function mendBackend(pulumi: PulumiStack, { stack, dryRun, say }: RecoverOptions): Promise<void> {
  const files = await halfWritten(await pulumi.backend(), contract[stack].project, pulumi.name);
  if (files.length > 0 && dryRun) {
    throw new Error(`without --dry-run ${files.join(", ")} is deleted: half-written, and no state can be read before`);
  }
  for (const file of files) {
    await rm(file, { force: true });
    say(`${file} was half-written: deleted; the state beside it is whole`);
  }
}

/** What an interrupted run left, and the state without it. */
interface Plan {
  readonly checkpoint: Checkpoint;
  /** What may be there. */
  readonly candidates: readonly string[];
  /** What must be read from the provider before anybody relies on the state. */
  readonly toRead: readonly string[];
}

async function look(pulumi: PulumiStack, { stack, answers, say }: RecoverOptions): Promise<Plan> {
  const checkpoint = await pulumi.checkpoint();
  const pending = checkpoint.deployment.pending_operations ?? [];
  const found = await search(checkpoint, answers, () => pulumi.awsConfig());
  const outcomes = new Map<string, Outcome>(found.map(([{ urn }, outcome]) => [urn, outcome]));
  const left = pending.length === 1 ? "1 operation" : `${pending.length} operations`;
  say(`${contract[stack].folder}, stack ${pulumi.name}: ${pending.length === 0 ? "nothing" : left} unfinished`);
  for (const { type, resource } of pending) {
    const outcome = type === "creating" ? outcomes.get(resource.urn) : undefined;
    say(`  ${type} ${resource.type} ${logicalName(resource.urn)}: ${told(outcome)}`);
  }
  const unclear = found.filter(([, { outcome }]) => outcome === "unclear");
  if (unclear.length > 0) {
    const commands = unclear.map(([{ urn }]) => `  --id '${urn}=<its id>' or --absent '${urn}'`);
    throw new Error(["Look in AWS's console, then run this again with", ...commands].join("\n"));
  }
  const candidates = new Map(
    found.flatMap(([{ urn }, outcome]) => (outcome.outcome === "candidate" ? [[urn, outcome.id] as const] : [])),
  );
  const inState = new Set((checkpoint.deployment.resources ?? []).map(({ urn }) => urn));
  const changed = pending.filter(({ type, resource }) => type !== "creating" && inState.has(resource.urn));
  return {
    checkpoint: repaired(checkpoint, candidates),
    candidates: [...candidates.keys()],
    toRead: [...new Set([...candidates.keys(), ...changed.map(({ resource }) => resource.urn)])],
  };
}

function told(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "read again";
  return outcome.outcome === "candidate" ? `looked for as ${outcome.id}` : outcome.why;
}

async function freeLock(pulumi: PulumiStack, message: string, { stack, confirm }: RecoverOptions): Promise<void> {
  const { folder } = contract[stack];
  const owners = lockOwners(message);
  const alive = owners.find(isRunning);
  if (alive) {
    throw new Error(
      `the stack is locked by process ${alive.pid} on this machine, which still runs; let it end or interrupt it with \`kill -INT ${alive.pid}\`; if it is no pulumi, run \`pulumi cancel\` in ${folder}`,
    );
  }
  const by = owners.map(({ user, host, pid, since }) => `process ${pid} of ${user} on ${host} since ${since}`);
  const who = by.length === 0 ? "another run" : by.join(" and ");
  if (!(await confirm(`The stack is locked by ${who}. Is that run dead?`))) {
    throw new Error("nothing was changed: the stack is still locked");
  }
  await pulumi.cancel();
}
