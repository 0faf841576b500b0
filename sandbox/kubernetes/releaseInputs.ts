import { isDeepStrictEqual } from "node:util";
import {
  UNKNOWN,
  type Configuration,
  type DiffResult,
  type Identity,
  type Properties,
  type Value,
} from "../provider/types";
import { chartRecord, type ReleaseRequest } from "./charts";
import { autoname } from "./checking";
import { hasUnknown, text } from "./objects";

/** Completes and judges the inputs of a `helm.sh/v3:Release`. */
export function checkRelease(
  { name }: Identity,
  inputs: Properties,
  previous: Properties | undefined,
  configuration: Configuration,
  seed: Buffer,
) {
  const failures: { property: string; reason: string }[] = [];
  const { chart, version, repositoryOpts } = inputs;
  const repo = (repositoryOpts as { repo?: string } | null | undefined)?.repo;
  if (typeof chart === "string" && chart !== UNKNOWN && !repo && !/^oci:|^https?:|^[./]/.test(chart)) {
    const reason = `no repository is given for the chart "${chart}": set repositoryOpts.repo, or an oci:// reference as the chart`;
    failures.push({ property: "repositoryOpts.repo", reason });
  }
  if (version === undefined || version === "") {
    const reason = "the sandbox can't look up a chart's newest version, and an installation shouldn't either: pin it";
    failures.push({ property: "version", reason });
  } else if (version !== UNKNOWN && !/^v?\d+\.\d+\.\d+/.test(text(version))) {
    failures.push({
      property: "version",
      reason: `"${text(version)}" is not a version; charts have versions like 1.2.3`,
    });
  }
  const values = inputs["values"];
  const refusal = isValues(values) && !hasUnknown(values) ? chartRecord(text(chart))?.validate?.(values) : undefined;
  if (refusal !== undefined) failures.push({ property: "values", reason: refusal });
  const completed: Properties = {
    ...inputs,
    name: inputs["name"] ?? previous?.["name"] ?? autoname(name, seed),
    namespace: inputs["namespace"] ?? configuration["namespace"] ?? "default",
  };
  return { inputs: completed, failures };
}

/** What changed of a release, and what of it asks for another one: Helm can't rename or move one. */
export function diffRelease(previous: Properties, inputs: Properties): DiffResult {
  const changed = [...new Set([...Object.keys(previous), ...Object.keys(inputs)])].filter(
    (property) => !isDeepStrictEqual(previous[property], inputs[property]),
  );
  const replaces = changed.filter((property) => property === "name" || property === "namespace");
  return { changed, replaces, deleteBeforeReplace: false };
}

/** The release that complete inputs describe. */
export function requestOf(inputs: Properties): ReleaseRequest {
  const { name, namespace, chart, version, values } = inputs;
  return {
    name: text(name),
    namespace: text(namespace),
    chart: text(chart),
    version: text(version),
    values: isValues(values) ? values : {},
    inputs,
  };
}

/** True for a map, as `values` are given. */
function isValues(values: Value | undefined): values is Record<string, Value> {
  return typeof values === "object" && values !== null && !Array.isArray(values);
}
