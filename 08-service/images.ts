import { imageReference, images } from "@selfhosted/common/images";
import type { ServiceConfig } from "./config";

type Settings = ServiceConfig["settings"];

/** Image of a part of the service. A digest beside the tag decides what is pulled; the tag then says its version to people. */
export function serviceImage(
  { imageRegistry, imagePrefix, imageTag, imageDigests }: Settings,
  name: "service" | "console" | "migrations",
): string {
  const prefix = imagePrefix ?? (imageRegistry === undefined ? "pulumi" : `${imageRegistry}/pulumi`);
  const image = `${prefix}/${name}:${imageTag}`;
  return imageDigests ? `${image}@${imageDigests[name]}` : image;
}

/** Image of a helper: the one that is configured, or the table's, from the mirror where there is one. */
export function helperImage({ imageRegistry, ...own }: Settings, name: "databaseClient" | "logRouter"): string {
  return own[`${name}Image`] ?? imageReference(images[name], imageRegistry);
}
