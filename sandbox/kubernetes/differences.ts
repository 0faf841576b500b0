import { isDeepStrictEqual } from "node:util";
import type { Configuration, DiffResult, Properties, Value } from "../provider/types";
import { isAutonamed } from "./checking";
import { isEnabled } from "./connection";
import { metadataOf, type KindOf } from "./objects";

/**
 * Fields that only a new object can have otherwise, by kind, as Pulumi's provider replaces them (and the API server's
 * validation of updates demands). What this table misses, the API server says itself, in a dry run.
 */
const immutable: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["spec.selector"],
  DaemonSet: ["spec.selector"],
  StatefulSet: [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  Job: ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  ConfigMap: ["data", "binaryData"],
  Secret: ["type", "data", "stringData"],
  Service: ["spec.clusterIP"],
  RoleBinding: ["roleRef"],
  ClusterRoleBinding: ["roleRef"],
  StorageClass: ["parameters", "provisioner"],
  ResourceQuota: ["spec.scopes"],
  Pod: ["spec"],
  PersistentVolumeClaim: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
};

/** Compares inputs with those of the last deployment. */
export function compareInputs(
  kind: KindOf,
  previous: Properties,
  inputs: Properties,
  configuration: Configuration,
): DiffResult {
  const changed = [...new Set([...Object.keys(previous), ...Object.keys(inputs)])].filter(
    (property) => !isDeepStrictEqual(previous[property], inputs[property]),
  );
  const paths = kind.isPatch
    ? []
    : ["metadata.name", "metadata.namespace", ...immutableOf(kind.kind, inputs, configuration)];
  const replaces = paths
    .filter((path) => !isDeepStrictEqual(at(previous, path), at(inputs, path)))
    .map((path) => path.split(".")[0] ?? path);
  return withReplacements({ changed, replaces: [] }, replaces, previous, inputs);
}

/** The same difference, with these properties forcing a new object. */
export function withReplacements(
  difference: DiffResult,
  replaces: readonly string[],
  previous: Properties,
  inputs: Properties,
): DiffResult {
  const [before, after] = [metadataOf(previous), metadataOf(inputs)];
  // Two objects of one name can't exist side by side.
  const sameName = before.name === after.name && before.namespace === after.namespace;
  return {
    changed: difference.changed,
    replaces: [...new Set(replaces)],
    deleteBeforeReplace: replaces.length > 0 && sameName && !isAutonamed(inputs),
  };
}

function immutableOf(kind: string, inputs: Properties, configuration: Configuration): readonly string[] {
  // The provider's switches let the two change in place; an object marked immutable never does.
  const option = { ConfigMap: "enableConfigMapMutable", Secret: "enableSecretMutable" }[kind];
  if (option && isEnabled(configuration, option) && inputs["immutable"] !== true)
    return kind === "Secret" ? ["type"] : [];
  return immutable[kind] ?? [];
}

function at(value: Value, path: string): Value | undefined {
  return path
    .split(".")
    .reduce<Value | undefined>(
      (part, field) => (typeof part === "object" && part !== null && !Array.isArray(part) ? part[field] : undefined),
      value,
    );
}
