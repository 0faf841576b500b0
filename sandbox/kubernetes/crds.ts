import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import * as YAML from "yaml";
import type { CrdSource } from "./chartTable";
import { conditionsOf, isTrue } from "./controllers/conditions";
import type { KubernetesObject, RestClient } from "./rest";

const run = promisify(execFile);
const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Installs custom resource definitions and waits until the API serves them. Helm never changes or deletes them later. */
export async function installCrds(client: RestClient, sources: readonly CrdSource[]): Promise<void> {
  const definitions = (await Promise.all(sources.map(readDefinitions))).flat();
  await Promise.all(
    definitions.map(async (definition) => {
      const found = `${CRDS}/${definition.metadata.name}`;
      if (await client.find(found)) return;
      await client.request("POST", CRDS, { fieldManager: "helm" }, definition);
      for (let tries = 0; tries < 200; tries++) {
        const { status } = await client.get<KubernetesObject & { status?: { conditions?: unknown } }>(found);
        if (isTrue(conditionsOf(status), "Established")) return;
        await sleep(25);
      }
      throw new Error(`CustomResourceDefinition ${definition.metadata.name} was not established in time`);
    }),
  );
}

async function readDefinitions(source: CrdSource): Promise<KubernetesObject[]> {
  const files = "file" in source ? [source.file] : await moduleFiles(source);
  const texts = await Promise.all(files.map((file) => fs.readFile(file, "utf8")));
  return texts
    .flatMap((text) => YAML.parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject | null))
    .filter((object): object is KubernetesObject => object?.kind === "CustomResourceDefinition");
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
