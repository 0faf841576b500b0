import path from "node:path";
import { Command, Option } from "commander";
import { DEFAULT_MINIMUM_DAYS } from "./certificates";
import { readFacts } from "./facts";
import { readGiven } from "./files";
import { verify } from "./index";
import type { Outcome } from "./outcome";
import { line, total } from "./report";

const root = path.resolve(__dirname, "../..");

interface Options {
  readonly stack: string;
  readonly dnsServer?: string;
  readonly connectTo: readonly string[];
  readonly ca?: string;
  readonly minimumDays: number;
  readonly cwd?: string;
  readonly kubeconfig?: string;
  readonly cluster: boolean;
  readonly json?: true;
}

/** `selfhosted verify`: exits with 1 when anything isn't as it must be. */
export function verifyCommand(): Command {
  return new Command("verify")
    .summary("prove that the service answers as it must")
    .description(
      "Looks at the service as its users do (names, certificate, redirect, API, console) and at its cluster (version, migrations).",
    )
    .option("-s, --stack <name>", "name of the stacks of 08-service and 09-dns", "prod")
    .addOption(
      new Option("--dns-server <address[:port]>", "DNS server to ask, e.g. one that sees the private zone").env(
        "SELFHOSTED_VERIFY_DNS_SERVER",
      ),
    )
    .addOption(
      new Option(
        "--connect-to <host:port:otherHost:otherPort>",
        "connect elsewhere, as curl does it, any part empty: before names are moved, or through a tunnel; repeatable",
      )
        .env("SELFHOSTED_VERIFY_CONNECT_TO")
        .default([] as string[], "where the names lead")
        .argParser((words: string, before: string[]) => [
          ...before,
          ...words.split(/\s+/).filter((word) => word !== ""),
        ]),
    )
    .addOption(new Option("--ca <file>", "PEM file of a certificate authority of your own").env("SELFHOSTED_VERIFY_CA"))
    .option("--minimum-days <number>", "days that the certificates must still hold", wholeNumber, DEFAULT_MINIMUM_DAYS)
    .option("-C, --cwd <folder>", "folder in which the stacks' folders are; this repository unless given")
    .option("--kubeconfig <file>", "kubeconfig of the cluster; that of 03-cluster unless given")
    .option("--no-cluster", "leave out what only the cluster knows: versions and migrations")
    .option("--json", "print the outcomes as JSON")
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { stack, json } = options;
  const read = await readFacts(path.resolve(options.cwd ?? root), stack, options);
  const facts =
    options.kubeconfig === undefined ? read : { ...read, kubeconfig: readGiven("--kubeconfig", options.kubeconfig) };
  const say = (text: string) => {
    if (!json) console.log(text);
  };
  say(`Stack ${stack}${facts.version === undefined ? "" : `, version ${facts.version}`}`);
  const outcomes: Outcome[] = [];
  for await (const outcome of verify(facts, options)) {
    outcomes.push(outcome);
    say(line(outcome));
  }
  say(total(outcomes));
  const passed = outcomes.every(({ status }) => status !== "failed");
  if (json) console.log(JSON.stringify({ stack, version: facts.version, passed, checks: outcomes }, undefined, 2));
  if (!passed) process.exitCode = 1;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new Error(`--minimum-days ${text}: give a whole number`);
  return Number(text);
}
