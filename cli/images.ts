import { Command } from "commander";
import { addonImages, charts, imageReference, images, parseImage, type Chart } from "@selfhosted/common/images";

interface Options {
  readonly json?: true;
  readonly to?: string;
  readonly serviceVersion: string;
}

/** One image, and who pulls it: a chart, or part of 08-service. */
interface Listed {
  readonly image: string;
  readonly usedBy: string;
}

/** Images of the service itself: what a version is made of. */
const ofService = ["service", "console", "migrations"] as const;

/** Every image that an installation with everything on pulls, but for those of EKS add-ons. */
export function listImages(serviceVersion = parseImage(images.service).tag): Listed[] {
  const all: Listed[] = Object.entries(images).map(([name, image]) => {
    const { registry, path } = parseImage(image);
    const isService = ofService.some((word) => word === name);
    return { image: isService ? `${registry}/${path}:${serviceVersion}` : image, usedBy: name };
  });
  for (const chart of Object.values<Chart>(charts)) {
    for (const image of Object.values(chart.images)) all.push({ image, usedBy: chart.name });
  }
  return all;
}

/** `selfhosted images`: what to mirror for an install without internet. */
export function imagesCommand(): Command {
  return new Command("images")
    .summary("list every image to mirror")
    .description(
      "Prints every image that the stacks pull, one a line. EKS add-ons pull theirs from AWS's registry of the region, which " +
        "needs no copy.",
    )
    .option("--to <registry>", "print each line with the mirror's name of the image behind it, e.g. for `crane copy`")
    .option("--json", "print images, charts and add-ons as JSON")
    .option("--service-version <tag>", "imageTag of 08-service", parseImage(images.service).tag)
    .action((options: Options) => {
      const listed = listImages(options.serviceVersion).map((entry) => ({
        ...entry,
        ...(options.to !== undefined && { mirror: imageReference(entry.image, options.to) }),
      }));
      if (options.json)
        console.log(JSON.stringify({ images: listed, charts: listCharts(), addons: addonImages }, null, 2));
      else for (const { image, mirror } of listed) console.log(mirror === undefined ? image : `${image} ${mirror}`);
    });
}

function listCharts() {
  return Object.values<Chart>(charts).map(({ name, repository, version, source }) => ({
    name,
    repository,
    version,
    source,
  }));
}
