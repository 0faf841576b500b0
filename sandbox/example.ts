import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contract, type ConfigSpec, type Settings, type StackName } from "@selfhosted/common";

/** A stack's configuration as its `Pulumi.EXAMPLE.yaml` shows it. */
export interface Example {
  /** Text of the EXAMPLE file, which a person copies as it stands: it holds no secret. */
  readonly text: string;
  /** The secrets the stack can't do without, by full key, to be set with `pulumi config set --secret`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Reads the EXAMPLE file of a stack folder; for required secrets, which no file shows, the kind's own example. */
export async function readExample(folder: string): Promise<Example> {
  const text = readFileSync(join(folder, "Pulumi.EXAMPLE.yaml"), "utf8");
  const { spec } = (await import(join(folder, "config.ts"))) as { spec: ConfigSpec<StackName, Settings, unknown> };
  const { project } = contract[spec.stack];
  const required = Object.entries(spec.settings).filter(
    ([, setting]) => setting.kind.secret && !setting.optional && setting.default === undefined,
  );
  return {
    text,
    secrets: Object.fromEntries(required.map(([key, { kind }]) => [`${project}:${key}`, String(kind.example)])),
  };
}
