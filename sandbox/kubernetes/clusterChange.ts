import * as YAML from "yaml";
import { UNKNOWN, type Configuration } from "../provider/types";

/**
 * Which provider options, changed, mean another cluster, so that all that was made through the provider is made anew.
 * With a `clusterIdentifier` nothing else counts; without one, the cluster of the current context does.
 * Source: pulumi-kubernetes, provider/pkg/provider/provider.go, DiffConfig.
 */
export function otherCluster(previous: Configuration, configuration: Configuration): string[] {
  const directory = "renderYamlToDirectory";
  if (previous[directory] !== configuration[directory]) return [directory];
  const [before, after] = [previous["clusterIdentifier"], configuration["clusterIdentifier"]];
  if (before !== undefined || after !== undefined) return before === after ? [] : ["clusterIdentifier"];
  const [old, now] = [activeCluster(previous), activeCluster(configuration)];
  return old === undefined || now === undefined || old === now ? [] : ["kubeconfig"];
}

/** The current context's cluster, as comparable text; undefined while the kubeconfig is unknown or is a file's name. */
function activeCluster({ kubeconfig, context }: Configuration): string | undefined {
  if (kubeconfig === UNKNOWN || kubeconfig === undefined || kubeconfig === null) return undefined;
  const parsed = (typeof kubeconfig === "string" ? YAML.parse(kubeconfig) : kubeconfig) as {
    "current-context"?: string;
    contexts?: { name: string; context: { cluster: string } }[];
    clusters?: { name: string; cluster: unknown }[];
  } | null;
  const wanted = context ?? parsed?.["current-context"];
  const name = parsed?.contexts?.find((one) => one.name === wanted)?.context.cluster;
  return JSON.stringify(parsed?.clusters?.find((one) => one.name === name)?.cluster);
}
