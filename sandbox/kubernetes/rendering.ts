import * as fs from "node:fs";
import * as path from "node:path";
import * as YAML from "yaml";
import { FOLDER, UNKNOWN, type Configuration, type Existing, type Identity, type Properties } from "../provider/types";
import { kindOf, metadataOf, text } from "./objects";
import type { SchemaOnly } from "./schemaOnly";

/** Options that name a cluster, which there is none of when objects are only written down. */
const CLUSTER_OPTIONS = ["kubeconfig", "context", "cluster"];

/** Whether a provider writes objects to files in place of a cluster. */
export function isRendering(configuration: Configuration): boolean {
  return Boolean(configuration["renderYamlToDirectory"]);
}

/**
 * What the Kubernetes provider does with `renderYamlToDirectory`: one file for each object, no cluster, no waiting.
 * Source: pulumi-kubernetes, provider/pkg/provider/provider.go, renderYaml and CheckConfig.
 */
export class Renderer {
  constructor(private readonly schema: SchemaOnly) {}

  write(resource: Identity, inputs: Properties, preview: boolean, configuration: Configuration): Existing {
    for (const option of CLUSTER_OPTIONS.filter((one) => configuration[one])) {
      throw new Error(`"${option}" arg is not compatible with "renderYamlToDirectory" arg`);
    }
    const existing = this.schema.record(resource, inputs);
    if (preview) return existing;
    const file = fileOf(resource, inputs, configuration);
    if (JSON.stringify(inputs).includes(UNKNOWN)) throw new Error(`${file} has a value that is not known yet`);
    const { apiVersion, kind } = kindOf(resource, inputs);
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(file, YAML.stringify({ apiVersion, kind, ...inputs }), { mode: 0o600 });
    return existing;
  }

  remove(resource: Identity, properties: Properties, configuration: Configuration): void {
    fs.rmSync(fileOf(resource, properties, configuration), { force: true });
  }
}

function fileOf(resource: Identity, object: Properties, configuration: Configuration): string {
  const { apiVersion, kind } = kindOf(resource, object);
  const { name, namespace } = metadataOf(object);
  const folder = kind === "CustomResourceDefinition" ? "0-crd" : "1-manifest";
  const file = `${apiVersion.replaceAll(/[/:]/g, "_")}-${kind.toLowerCase()}-${namespace ?? "default"}-${name ?? ""}.yaml`;
  return path.resolve(text(configuration[FOLDER]), text(configuration["renderYamlToDirectory"]), folder, file);
}
