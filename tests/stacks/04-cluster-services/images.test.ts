import { describe, expect, it } from "@jest/globals";
import { charts, imageReference, images, parseImage, type Chart } from "@selfhosted/common/images";
import type { Run } from "../../support/mocks";
import { runEverything } from "./everything";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const MIRROR = "registry.example.com/mirror";

/** Charts of other stacks: 06-insights' search in the cluster. */
const ofOthers = ["opensearch"];
/** This stack's part of the table. */
const table = [
  ...Object.values<Chart>(charts)
    .filter(({ name }) => !ofOthers.includes(name))
    .flatMap((chart) => Object.values(chart.images)),
  images.clamav,
];

/**
 * Every image that a run names: strings that are one, and `{ repository, tag }` with or without `registry`, the two forms
 * in which charts take them. That a chart pulls no other is seen only by rendering it, see common/images.ts.
 */
function imagesOf(run: Run): string[] {
  const found = new Set<string>();
  const look = (value: unknown, key: string) => {
    if (typeof value === "string") {
      if (key === "image") found.add(value);
    } else if (Array.isArray(value)) for (const one of value) look(one, key);
    else if (typeof value === "object" && value !== null) {
      const { registry, repository, tag } = value as { registry?: string; repository?: string; tag?: string };
      if (key === "image" && repository !== undefined) {
        found.add(`${registry === undefined ? "" : `${registry}/`}${repository}:${tag ?? ""}`);
      }
      for (const [name, one] of Object.entries(value)) look(one, name);
    }
  };
  for (const { inputs } of run.resources) look(inputs, "");
  return [...found].sort();
}

describe("images", () => {
  it.each(["karpenter", "cluster-autoscaler"])(
    "are all in the table, and all of the table is used (%s)",
    async (autoscaling) => {
      const other = autoscaling === "karpenter" ? charts.clusterAutoscaler : charts.karpenter;
      const used = imagesOf(await runEverything({ autoscaling }));
      const expected = table.filter((image) => !Object.values<string>(other.images).includes(image));
      expect(used).toEqual(expected.sort());
    },
  );

  it.each(["karpenter", "cluster-autoscaler"])(
    "all come from the mirror where there is one (%s)",
    async (autoscaling) => {
      const used = imagesOf(await runEverything({ autoscaling, imageRegistry: MIRROR }));
      expect(used.length).toBeGreaterThan(15);
      expect(used.filter((image) => !image.startsWith(`${MIRROR}/`))).toEqual([]);
      // The same paths and tags as at home.
      expect(used.filter((image) => !table.some((own) => imageReference(own, MIRROR) === image))).toEqual([]);
    },
  );

  it("are a chart's own choice where the operator chose the chart's version", async () => {
    const run = await runEverything({ chartVersions: { flagger: "1.43.0" } });
    const flagger = run.one(RELEASE, "flagger").inputs;
    expect(flagger).toMatchObject({ version: "1.43.0", values: { image: { repository: "ghcr.io/fluxcd/flagger" } } });
    expect((flagger["values"] as { image: object }).image).not.toHaveProperty("tag");
  });

  it("have a registry, a path and a tag that isn't latest", () => {
    for (const image of [...table, ...Object.values<string>(images)]) {
      const { registry, path, tag } = parseImage(image);
      expect([image, registry.includes("."), path !== "", tag !== "" && tag !== "latest"]).toEqual([
        image,
        true,
        true,
        true,
      ]);
    }
  });
});
