import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import * as YAML from "yaml";
import type { CrdSource } from "./chartTable";
import { conditionsOf, isTrue } from "./controllers/conditions";
import { discover } from "./discovery";
import { ApiError, type KubernetesObject, type RestClient } from "./rest";

const run = promisify(execFile);
const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Milliseconds for the API to serve a new kind. Measured: 0.1 s on two idle cores. */
const SERVE_TIMEOUT = 120_000;

interface Definition extends KubernetesObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}

/** Installs custom resource definitions and waits until the API serves them. Helm never changes or deletes them later. */
export async function installCrds(client: RestClient, sources: readonly CrdSource[]): Promise<void> {
  const definitions = (await Promise.all(sources.map(readDefinitions))).flat();
  await Promise.all(
    definitions.map(async (definition) => {
      if (await client.find(`${CRDS}/${definition.metadata.name}`)) return;
      try {
        await client.request("POST", CRDS, { fieldManager: "helm" }, definition);
      } catch (error) {
        // Another chart that ships it was faster.
        if (!(error instanceof ApiError && error.code === 409)) throw error;
      }
    }),
  );
  const deadline = Date.now() + SERVE_TIMEOUT;
  let waiting = await unserved(client, definitions);
  while (waiting.length > 0) {
    if (Date.now() > deadline) {
      const names = waiting.map(({ metadata }) => metadata.name);
      throw new Error(`CustomResourceDefinition ${names.join(", ")} was not established in time`);
    }
    await sleep(25);
    waiting = await unserved(client, waiting);
  }
}

/**
 * Definitions of which some version isn't served yet. That a definition is established, that the API lists its kind and
 * that it takes requests for it come true one by one.
 */
async function unserved(client: RestClient, definitions: readonly Definition[]): Promise<Definition[]> {
  const listed = await discover(client);
  const served = await Promise.all(
    definitions.map(async ({ metadata, spec }) => {
      const { status } = await client.get<KubernetesObject & { status?: { conditions?: unknown } }>(
        `${CRDS}/${metadata.name}`,
      );
      const versions = spec.versions.filter((version) => version.served).map(({ name }) => `${spec.group}/${name}`);
      const { kind, plural } = spec.names;
      return (
        isTrue(conditionsOf(status), "Established") &&
        versions.every((version) => listed.some((type) => type.apiVersion === version && type.kind === kind)) &&
        (await Promise.all(versions.map((version) => client.find(`/apis/${version}/${plural}`)))).every(Boolean)
      );
    }),
  );
  return definitions.filter((_, index) => !served[index]);
}

async function readDefinitions(source: CrdSource): Promise<Definition[]> {
  const files = "file" in source ? [source.file] : await moduleFiles(source);
  const texts = await Promise.all(files.map((file) => fs.readFile(file, "utf8")));
  return texts
    .flatMap((text) => YAML.parseAllDocuments(text).map((document) => document.toJS() as Definition | null))
    .filter((object): object is Definition => object?.kind === "CustomResourceDefinition");
}

async function moduleFiles(source: Exclude<CrdSource, { file: string }>): Promise<string[]> {
  const name = `${source.module}@${source.version}`;
  let directory: string;
  try {
    // Outside any module, so that nothing but the download itself is asked of Go.
    const { stdout } = await run("go", ["mod", "download", "-json", name], { cwd: path.parse(__dirname).root });
    directory = path.join((JSON.parse(stdout) as { Dir: string }).Dir, source.folder);
  } catch (error) {
    throw new Error(
      `The CRDs of ${name} could not be downloaded; install Go (https://go.dev/doc/install) and run this again.`,
      {
        cause: error,
      },
    );
  }
  return (await fs.readdir(directory))
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => path.join(directory, file));
}
