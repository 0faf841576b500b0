import { imageReference, parseImage, type Chart, type ImageName } from "@selfhosted/common/images";
import type { ClusterServicesConfig } from "./config";

/** The version of a chart to install: the configured one, or the table's. */
export function chartVersion({ settings }: ClusterServicesConfig, chart: Chart): string {
  return settings.chartVersions[chart.name] ?? chart.version;
}

/** An image as charts ask for it: `repository` with the registry in it, and without a tag where the chart knows it. */
export interface ChartImage extends Omit<ImageName, "tag"> {
  readonly repository: string;
  /** Undefined with a chart version of the operator's, whose images the table doesn't know. */
  readonly tag: string | undefined;
  /** All of it, as a pod says it. */
  readonly reference: string;
}

/** One of a chart's images, from the mirror where one is configured. */
export function imageOf<C extends Chart>(
  config: ClusterServicesConfig,
  chart: C,
  image: keyof C["images"] & string,
): ChartImage {
  const { settings } = config;
  const own = chart.images[image] ?? "";
  const { registry, path, tag } = parseImage(own, settings.imageRegistry);
  const isTheTables = chartVersion(config, chart) === chart.version;
  return {
    registry,
    path,
    repository: `${registry}/${path}`,
    tag: isTheTables ? tag : undefined,
    reference: imageReference(own, settings.imageRegistry),
  };
}

/** `{ repository, tag }`, as most charts want an image. */
export function imageValues<C extends Chart>(
  config: ClusterServicesConfig,
  chart: C,
  image: keyof C["images"] & string,
): { readonly repository: string; readonly tag: string | undefined } {
  const { repository, tag } = imageOf(config, chart, image);
  return { repository, tag };
}

/**
 * Values of a DaemonSet that belongs on every node, the service's too, and goes before what could run elsewhere: a node
 * takes only so many pods. `priorityKey` is the chart's word for the priority class.
 */
export function onEveryNode(priorityKey = "priorityClassName") {
  return { tolerations: [{ operator: "Exists" }], [priorityKey]: "system-node-critical" };
}

/** What a chart is told. */
export interface ChartArgs {
  readonly namespace: string;
  readonly values: Record<string, unknown>;
}
