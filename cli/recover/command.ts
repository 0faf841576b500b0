import path from "node:path";
import { createInterface } from "node:readline/promises";
import { Command, InvalidArgumentError } from "commander";

type Answer = [urn: string, id: string | undefined];

interface Flags {
  stack: string;
  configFile?: string;
  id: Answer[];
  absent: Answer[];
  dryRun?: true;
  up?: true;
  yes?: true;
}

/** `selfhosted recover`. @param root Folder that holds the stack folders. */
export function recoverCommand(root: string): Command {
  return new Command("recover")
    .summary("mend a stack whose pulumi was killed, so that nothing is made twice")
    .description(
      "Frees the stack's lock, looks for everything whose creation was interrupted, and enters what is there in the state.",
    )
    .argument("<folder>", "the stack to mend, e.g. 05-database")
    .option("-s, --stack <name>", "name of the Pulumi stack", "prod")
    .option("--config-file <file>", "as pulumi's own option: use the configuration in this file")
    .option("--id <urn=id>", "what you found by hand; may be repeated", foundId, [])
    .option("--absent <urn>", "what you found not to be there; may be repeated", notFound, [])
    .option("--dry-run", "show what is unfinished, and change nothing")
    .option("--up", "go on with pulumi up, unless that would delete or replace anything")
    .option("-y, --yes", "the run that holds the lock is dead: don't ask")
    .action(async (word: string, flags: Flags) => {
      // What every stack reads takes a while to load.
      const [{ stackOf }, { recover }] = await Promise.all([import("../byo"), import(".")]);
      await recover({
        root,
        stack: stackOf(word),
        stackName: flags.stack,
        configFile: flags.configFile && path.resolve(flags.configFile),
        answers: new Map([...flags.id, ...flags.absent]),
        dryRun: flags.dryRun ?? false,
        up: flags.up ?? false,
        say: (line) => {
          console.log(line);
        },
        confirm: async (question) => flags.yes ?? (await confirmed(question)),
      });
    });
}

/** `<urn>=<id>`; no URN of ours has an equals sign. */
function foundId(word: string, before: Answer[]): Answer[] {
  const at = word.indexOf("=");
  if (at < 0) throw new InvalidArgumentError("it must be <urn>=<id>");
  return [...before, [word.slice(0, at), word.slice(at + 1)]];
}

function notFound(urn: string, before: Answer[]): Answer[] {
  return [...before, [urn, undefined]];
}

/** Asks on the terminal. @throws Error where there is none, for nobody agrees there. */
async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error(`${question} Run this again with --yes if so.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} (y/N) `)).trim());
  } finally {
    terminal.close();
  }
}
