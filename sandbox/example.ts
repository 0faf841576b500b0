import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, parseDocument } from "yaml";

/** A stack's configuration as its `Pulumi.EXAMPLE.yaml` shows it. */
export interface Example {
  /** Text of a `Pulumi.<stack>.yaml` with all that isn't secret, comments and all. */
  readonly text: string;
  /** Secrets by full key (`selfhosted-08-service:licenseKey`), to be set with `pulumi config set --secret`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Reads the EXAMPLE file of a stack folder. A value under `secure:` is what a person would type after
 * `pulumi config set --secret`; every other value is taken as it stands.
 */
export function readExample(folder: string): Example {
  const file = join(folder, "Pulumi.EXAMPLE.yaml");
  const document = parseDocument(readFileSync(file, "utf8"));
  if (document.errors.length > 0)
    throw new Error(`${file}: ${document.errors.map(({ message }) => message).join("; ")}`);
  const config = document.get("config");
  const secrets: Record<string, string> = {};
  if (isMap(config)) {
    for (const { key, value } of [...config.items]) {
      if (!isScalar(key) || !isMap(value) || !value.has("secure")) continue;
      secrets[String(key.value)] = String(value.get("secure"));
      config.delete(key);
    }
    // A stack whose keys are all optional: an empty map would read as a value.
    if (config.items.length === 0) document.delete("config");
  } else {
    document.delete("config");
  }
  const text =
    document.contents === null || (isMap(document.contents) && document.contents.items.length === 0)
      ? ""
      : String(document);
  return { text, secrets };
}
