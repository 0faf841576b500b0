import path from "node:path";
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { contract, outputSpec, type StackName } from "@selfhosted/common";
import { imagesCommand } from "./images";
import { reason } from "./reason";
import { recoverCommand } from "./recover/command";
import { verifyCommand } from "./verify/command";

const root = path.resolve(__dirname, "..");

async function byo(word: string, words: string[], options: { stack: string; dryRun?: true }): Promise<void> {
  // It knows what every stack reads, which takes a while to load.
  const { assignments, parseValues, stackOf, writeAssignment } = await import("./byo");
  const stack = stackOf(word);
  const values = parseValues(stack, await withTypedSecrets(stack, words));
  const consumers = assignments(stack, values);
  if (consumers.length === 0) throw new Error(`nothing after ${contract[stack].folder} reads these values`);
  for (const consumer of consumers) {
    if (!options.dryRun) await writeAssignment(root, options.stack, consumer);
    const shown = Object.entries(consumer.values).map(
      ([key, { value, secret }]) => `  ${key}: ${secret ? "[secret]" : value}`,
    );
    console.log([`${consumer.folder}/Pulumi.${options.stack}.yaml`, ...shown].join("\n"));
  }
  const next = consumers[0]?.folder ?? "";
  console.log(
    options.dryRun
      ? "Nothing was written (--dry-run)."
      : `${contract[stack].folder} need not be deployed. Next: cd ${next} && pulumi up --stack ${options.stack}`,
  );
}

/** A secret named without a value is read from standard input, so that it stays out of shell history and `ps`. */
async function withTypedSecrets(stack: StackName, words: readonly string[]): Promise<string[]> {
  const complete: string[] = [];
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    for (const word of words) {
      const secret = outputSpec(stack, word)?.kind.secret ?? false;
      complete.push(secret ? `${word}=${await lines.question(`${word}: `)}` : word);
    }
  } finally {
    lines.close();
  }
  return complete;
}

const program = new Command("selfhosted").description(
  "Tools over the nine stacks; each folder also works with plain pulumi.",
);

program
  .command("byo")
  .summary("use what another team made instead of deploying a stack")
  .description("Writes a skipped stack's values into the configuration of every stack that reads them.")
  .argument("<folder>", "the stack to skip, e.g. 02-networking")
  .argument(
    "<key=value...>",
    "its values, e.g. vpcId=vpc-… privateSubnetIds=subnet-…,subnet-…; a secret's name alone asks for it",
  )
  .option("-s, --stack <name>", "name of the consumers' stacks", "prod")
  .option("--dry-run", "show what would be written, and write nothing")
  .action(byo);

program.addCommand(imagesCommand());
program.addCommand(verifyCommand());
program.addCommand(recoverCommand(root));

program.parseAsync().catch((error: unknown) => {
  console.error(reason(error));
  process.exitCode = 1;
});
