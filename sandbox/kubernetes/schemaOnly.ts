import { checkInputs } from "../provider/inputs";
import { Typings } from "../provider/typings";
import type { CheckFailure, Configuration, Existing, Identity, Properties } from "../provider/types";
import { completeInputs } from "./checking";
import { compareInputs } from "./differences";
import { kindOf, metadataOf } from "./objects";
import { diffRelease } from "./releaseInputs";

/**
 * What is left of the Kubernetes half without an API server: inputs are compared with the SDK's typings, and objects
 * live in Pulumi's state alone. No pod runs, nothing is refused that only a server knows.
 */
export class SchemaOnly {
  private readonly typings: Typings;

  constructor(typingsFolder: string) {
    this.typings = new Typings("kubernetes", typingsFolder);
  }

  async check(resource: Identity, inputs: Properties, previous: Properties | undefined, seed: Buffer) {
    const kind = kindOf(resource, inputs);
    if (kind.apiVersion.startsWith("helm.sh/")) return { inputs, failures: [] as CheckFailure[] };
    const typing = await this.typings.inputs(moduleOf(resource.type));
    // A custom resource's fields are in its CRD alone.
    const failures = typing ? await checkInputs(this.typings, typing, inputs) : [];
    return { inputs: await completeInputs(resource, kind, inputs, previous, undefined, seed), failures };
  }

  diff(resource: Identity, previous: Existing, inputs: Properties, configuration: Configuration) {
    const before = previous.inputs ?? previous.properties;
    const kind = kindOf(resource, inputs);
    if (kind.apiVersion.startsWith("helm.sh/")) return diffRelease(before, inputs);
    return compareInputs(kind, before, inputs, configuration);
  }

  record(resource: Identity, inputs: Properties): Existing {
    const { name = resource.name, namespace } = metadataOf(inputs);
    return { id: namespace === undefined ? name : `${namespace}/${name}`, properties: inputs };
  }
}

/** `kubernetes:rbac.authorization.k8s.io/v1:ClusterRole` is in the SDK's file `rbac/v1/clusterRole`. */
function moduleOf(type: string): string {
  const [packageName = "", groupVersion = "", kind = ""] = type.split(":");
  const [group = "", version = ""] = groupVersion.split("/");
  const file = kind.charAt(0).toLowerCase() + kind.slice(1);
  return `${packageName}:${group.split(".")[0] ?? ""}/${version}/${file}:${kind}`;
}
