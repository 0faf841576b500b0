import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import { cacheDirectory, type Progress } from "@selfhosted/cli/engine";
import { reason } from "@selfhosted/cli/reason";
import * as YAML from "yaml";
import { programsIn, type Programs } from "./programs";

const run = promisify(execFile);

/** List of the servers that Kubernetes publishes for tests, with their checksums (sigs.k8s.io/controller-tools). */
const INDEX = "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml";
/** Milliseconds for an answer before a server counts as out of reach. */
const REACH_TIMEOUT = 5_000;
/** Milliseconds for some 60 MB. */
const DOWNLOAD_TIMEOUT = 5 * 60_000;

interface Index {
  releases: Record<string, Record<string, { hash: string; selfLink: string }>>;
}

/** etcd, kube-apiserver and kubectl as the controller-tools project publishes them: the newest for this machine. */
export async function downloadServers(progress: Progress, index = INDEX, cache = cacheDirectory()): Promise<Programs> {
  const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const folder = path.join(cache, `kubernetes-${platform}`);
  if (await exists(folder)) return programsIn(folder);
  const releases = YAML.parse((await get(index, REACH_TIMEOUT)).toString("utf8")) as Index;
  const [newest] = Object.entries(releases.releases)
    .flatMap(([version, files]) =>
      Object.entries(files)
        .filter(([name]) => name === `envtest-${version}-${platform}.tar.gz`)
        .map(([, file]) => ({ version, ...file })),
    )
    .sort((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }))
    // A pre-release ends in `-alpha.1` and the like.
    .filter(({ version }) => !version.includes("-"));
  if (!newest) throw new Error(`${index} lists no servers for ${platform}`);
  progress(`downloading Kubernetes ${newest.version} (etcd, kube-apiserver, kubectl), about 60 MB`);
  const archive = await get(newest.selfLink, DOWNLOAD_TIMEOUT);
  if (createHash("sha512").update(archive).digest("hex") !== newest.hash) {
    throw new Error(`${newest.selfLink} doesn't have the checksum that ${index} gives`);
  }
  await unpack(archive, folder);
  return programsIn(folder);
}

/** Unpacks beside the folder and moves it there when it is whole. */
async function unpack(archive: Buffer, folder: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}.unfinished`;
  await mkdir(unfinished, { recursive: true });
  try {
    const file = path.join(unfinished, "servers.tar.gz");
    await writeFile(file, archive);
    // In the archive: controller-tools/envtest/etcd and so on.
    await run("tar", ["-xzf", file, "-C", unfinished, "--strip-components=2"]);
    await rm(file);
    await rename(unfinished, folder);
  } catch (error) {
    // Another process was faster.
    if (!(await exists(folder))) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function get(url: string, timeoutMs: number): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`${new URL(url).host} can't be reached (${reason(cause)})`);
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
