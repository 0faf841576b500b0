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

/**
 * An image as a task definition names it. The registry's login goes along where the image comes from the service's own
 * registry, for every other one would refuse it.
 */
export function taskImage(settings: Settings, image: string) {
  const credentialsParameter = settings.registryCredentialsArn;
  const isOwn = registryOf(image) === registryOf(serviceImage(settings, "service"));
  return {
    image,
    repositoryCredentials: credentialsParameter !== undefined && isOwn ? { credentialsParameter } : undefined,
  };
}

/** Host of the registry that an image comes from; Docker Hub's where its name has none. Source: distribution/reference. */
function registryOf(image: string): string {
  const [host = "", ...path] = image.split("/");
  return path.length > 0 && /[.:]|^localhost$/.test(host) ? host : "docker.io";
}
