import { describe, expect, it } from "@jest/globals";
import { imageReference, images } from "@selfhosted/common/images";
import type { Run } from "../../support/mocks";
import { runService } from "./run";

const MIRROR = "registry.example.com/mirror";
/** 08-service's parts of the table; the rest is 04-cluster-services'. */
const own = [images.service, images.console, images.migrations];

/** Images of every pod, and of every container of a task. */
function imagesOf(run: Run): string[] {
  expect(run.error).toBeUndefined();
  const text = run.resources.map(({ inputs }) => JSON.stringify(inputs).replaceAll(String.raw`\"`, '"')).join("\n");
  return [...new Set([...text.matchAll(/"image":"([^"]+)"/g)].map(([, image = ""]) => image))].sort();
}

describe("08-service's images", () => {
  const onEks = {};
  const onFargate = {
    platform: "fargate",
    logDriver: "awsfirelens",
    logOptions: { Name: "http", Host: "logs.example.com" },
  };

  it.each([
    ["eks", onEks, [...own, images.databaseClient]],
    ["fargate", onFargate, [...own, images.databaseClient, images.logRouter]],
  ] as const)("are those of the table, which `npm run images` prints (%s)", async (_platform, config, expected) => {
    // Docker Hub's are written without its name.
    const used = imagesOf(await runService(config)).map((image) => image.replace(/^pulumi\//, "docker.io/pulumi/"));
    expect(used.sort()).toEqual([...expected].sort());
    const mirrored = imagesOf(await runService({ ...config, imageRegistry: MIRROR }));
    expect(mirrored).toEqual(expected.map((image) => imageReference(image, MIRROR)).sort());
  });

  it("are where a key of their own says, whatever the mirror", async () => {
    const run = await runService({
      imageRegistry: MIRROR,
      imagePrefix: "registry.corp.example/pulumi",
      databaseClientImage: "registry.corp.example/mysql:8.0.44",
    });
    expect(imagesOf(run).filter((image) => !image.startsWith("registry.corp.example/"))).toEqual([]);
  });
});
