import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

/**
 * What a killed engine left half-written beside a stack's state in a `file://` backend: the state itself is replaced in
 * one step, but the file next to it (`<stack>.json.attrs`: content type and checksum) is emptied and rewritten in place,
 * and empty it stops every command with `failed to load checkpoint: EOF`. A missing one is as good as a whole one, so
 * these can be deleted. Source: gocloud.dev v0.46.0, blob/fileblob/attrs.go, getAttrs and setAttrs.
 * @param url As `pulumi whoami --json` tells it; other backends have no such files.
 */
export async function halfWritten(url: string, project: string, stackName: string): Promise<string[]> {
  const directory = stateDirectory(url);
  if (directory === undefined) return [];
  // The second is the layout of backends made before Pulumi 3.61.
  const states = [`stacks/${project}/${stackName}`, `stacks/${stackName}`].map((file) => path.join(directory, file));
  const locks = path.join(directory, "locks", "organization", project, stackName);
  const files = (await Promise.all([...states.map(besideState), attributes(locks)])).flat();
  const whole = await Promise.all(files.map(isWhole));
  return files.filter((_, index) => !whole[index]);
}

/** Folder `.pulumi` behind `file:///srv/state?no_tmp_dir=true` or `file://~`; undefined for `s3://…` and `https://…`. */
function stateDirectory(url: string): string | undefined {
  const [, directory] = /^file:\/\/([^?]*)/.exec(url) ?? [];
  return directory === undefined ? undefined : path.resolve(directory.replace(/^~/, homedir()), ".pulumi");
}

async function besideState(file: string): Promise<string[]> {
  const known = [".json.attrs", ".json.gz.attrs", ".json.zst.attrs"].map((end) => file + end);
  return (await attributes(path.dirname(file))).filter((name) => known.includes(name));
}

async function attributes(directory: string): Promise<string[]> {
  // Not every backend has both layouts, and one without a lock has no folder for it.
  if (!existsSync(directory)) return [];
  const names = await readdir(directory);
  return names.filter((name) => name.endsWith(".attrs")).map((name) => path.join(directory, name));
}

async function isWhole(file: string): Promise<boolean> {
  const text = await readFile(file, "utf8");
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
