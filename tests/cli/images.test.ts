import { describe, expect, it } from "@jest/globals";
import { listImages } from "@selfhosted/cli/images";
import { charts, images, parseImage } from "@selfhosted/common/images";
import { readExampleFile } from "../support/example";

describe("selfhosted images", () => {
  it("prints every image of the table once, with who pulls it", () => {
    const listed = listImages().map(({ image }) => image);
    const table = [
      ...Object.values<string>(images),
      ...Object.values(charts).flatMap((chart) => Object.values(chart.images)),
    ];
    expect([...listed].sort()).toEqual([...new Set(table)].sort());
    expect(listImages()).toContainEqual({ image: "quay.io/argoproj/argocd:v3.4.4", usedBy: "argo-cd" });
  });

  it("prints the service's images in the version that is to be installed, by default that of the EXAMPLE file", () => {
    const ofService = (version?: string) => listImages(version).filter(({ image }) => image.includes("/pulumi/"));
    expect(ofService("4.0.0").map(({ image }) => image)).toEqual([
      "docker.io/pulumi/service:4.0.0",
      "docker.io/pulumi/console:4.0.0",
      "docker.io/pulumi/migrations:4.0.0",
    ]);
    const tags = new Set(ofService().map(({ image }) => parseImage(image).tag));
    expect([...tags]).toEqual([readExampleFile("service").set["imageTag"]]);
  });
});
