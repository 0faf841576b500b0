import { readFileSync } from "node:fs";
import path from "node:path";
import { contract, type StackName } from "@selfhosted/common";
import { parse } from "yaml";

/** A stack's EXAMPLE file, read from both sides: as it stands, and with every commented key switched on. */
export interface ExampleFile {
  readonly text: string;
  /** Keys set as the file stands, without the project prefix. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Every key the file shows, commented or not, with the value it shows; null where none is shown. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** Every mention of a key at the start of a line, in order, to find repeats. */
  readonly mentions: readonly string[];
}

/** Reads `Pulumi.EXAMPLE.yaml` of a stack. */
export function readExampleFile(stack: StackName): ExampleFile {
  const { folder, project } = contract[stack];
  const text = readFileSync(path.resolve(__dirname, "../..", folder, "Pulumi.EXAMPLE.yaml"), "utf8");
  const switchedOn = uncomment(text, project);
  return {
    text,
    set: own(text, project),
    shown: own(switchedOn, project),
    mentions: [...switchedOn.matchAll(new RegExp(`^  ${project}:(\\w+):`, "gm"))].map(([, key = ""]) => key),
  };
}

/** Takes the comment sign from every `# project:key: value` line and from the deeper lines that belong to it. */
function uncomment(text: string, project: string): string {
  let inside = false;
  return text
    .split("\n")
    .map((line) => {
      const body = /^ {2}# (.*)$/.exec(line)?.[1];
      if (body?.startsWith(`${project}:`)) inside = true;
      else if (!(inside && body?.startsWith("  "))) inside = false;
      return inside && body !== undefined ? `  ${body}` : line;
    })
    .join("\n");
}

function own(text: string, project: string): Record<string, unknown> {
  const { config } = parse(text) as { config?: Record<string, unknown> | null };
  const entries = Object.entries(config ?? {}).filter(([key]) => key.startsWith(`${project}:`));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(project.length + 1), value]));
}
