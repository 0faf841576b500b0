import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import { Renderer, isRendering } from "../../../sandbox/kubernetes/rendering";
import { SchemaOnly } from "../../../sandbox/kubernetes/schemaOnly";
import { FOLDER, UNKNOWN } from "../../../sandbox/provider/types";

describe("a Kubernetes provider that writes objects to files", () => {
  let folder: string;
  let renderer: Renderer;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rendering-"));
    renderer = new Renderer(new SchemaOnly(join(folder, "typings")));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const resource = {
    urn: "urn:pulumi:test::test::kubernetes:apps/v1:Deployment::web",
    type: "kubernetes:apps/v1:Deployment",
    name: "web",
  };
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "shop" } };
  const configuration = () => ({ renderYamlToDirectory: "out", [FOLDER]: folder });
  const file = () => join(folder, "out", "1-manifest", "apps_v1-deployment-shop-web.yaml");

  it("writes one file for each object, for its owner alone, and none in a preview", () => {
    expect(isRendering(configuration())).toBe(true);
    renderer.write(resource, deployment, true, configuration());
    expect(existsSync(file())).toBe(false);
    expect(renderer.write(resource, deployment, false, configuration()).id).toBe("shop/web");
    expect(parse(readFileSync(file(), "utf8"))).toEqual(deployment);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    renderer.remove(resource, deployment, configuration());
    expect(existsSync(file())).toBe(false);
  });

  it("refuses a kubeconfig, and values that nobody knows yet", () => {
    expect(() => renderer.write(resource, deployment, false, { ...configuration(), kubeconfig: "{}" })).toThrow(
      '"kubeconfig" arg is not compatible with "renderYamlToDirectory" arg',
    );
    const unknown = { ...deployment, spec: { replicas: UNKNOWN } };
    expect(() => renderer.write(resource, unknown, false, configuration())).toThrow(
      "has a value that is not known yet",
    );
  });
});
