import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { contract, outputSpecs } from "@selfhosted/common";
import { readExample } from "../../../sandbox/example";
import { folderOf, inOrder, type Sandbox } from "./sandbox";

/**
 * What stands for AWS, and for the disks of its clusters: the owner of a secret has it in plain, as AWS does. Binaries'
 * caches hold no values.
 */
const NOT_OURS = /^(world\.json|clusters\/|compile-cache\/)/;

/** Outputs of generated secrets, by type token. */
const GENERATED: Readonly<Record<string, string>> = {
  "random:index/randomPassword:RandomPassword": "result",
  "tls:index/privateKey:PrivateKey": "privateKeyPem",
};

/** Every secret value of an installation, by what it is: given, generated and published ones. */
export async function secretValues(sandbox: Sandbox): Promise<Map<string, string>> {
  const secrets = new Map<string, string>();
  for (const stack of inOrder) {
    const given = (await readExample(folderOf(stack).path)).secrets;
    for (const [key, value] of Object.entries(given)) secrets.set(key, value);
    const outputs = await sandbox.outputs(stack, { showSecrets: true });
    for (const [name, { kind }] of outputSpecs(stack)) {
      if (kind.secret) secrets.set(`${contract[stack].folder} ${name}`, String(outputs[name]));
    }
    for (const { type, urn, outputs: made } of await sandbox.resources(stack, { showSecrets: true })) {
      const output = GENERATED[type];
      if (output !== undefined) secrets.set(`${urn} ${output}`, plaintext(made?.[output]));
    }
  }
  return secrets;
}

/** Files of the sandbox in which a secret stands readable: as it is, inside JSON, or in base64. */
export function leaks(sandbox: Sandbox, secrets: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const file of files(sandbox.home)) {
    const name = relative(sandbox.home, file);
    if (NOT_OURS.test(name)) continue;
    const text = readFileSync(file, "latin1");
    for (const [what, value] of secrets) {
      const forms = [value, JSON.stringify(value).slice(1, -1), Buffer.from(value).toString("base64")];
      if (forms.some((form) => text.includes(form))) found.push(`${what} in ${name}`);
    }
  }
  return found;
}

function files(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** A secret in an export made with `--show-secrets`: JSON text under `plaintext`. */
function plaintext(value: unknown): string {
  const { plaintext: json } = value as { plaintext?: string };
  if (json === undefined) throw new Error("a generated secret is not secret in the state");
  return String(JSON.parse(json));
}
