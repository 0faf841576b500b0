import { describe, expect, it } from "@jest/globals";
import { otherCluster } from "../../../sandbox/kubernetes/clusterChange";

const kubeconfig = (server: string) =>
  JSON.stringify({
    "current-context": "a",
    contexts: [{ name: "a", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server } }],
  });

describe("another cluster behind a provider", () => {
  it("is told by the current context's cluster when there is no identifier", () => {
    expect(otherCluster({ kubeconfig: kubeconfig("https://one") }, { kubeconfig: kubeconfig("https://one") })).toEqual(
      [],
    );
    expect(otherCluster({ kubeconfig: kubeconfig("https://one") }, { kubeconfig: kubeconfig("https://two") })).toEqual([
      "kubeconfig",
    ]);
  });

  it("is told by the identifier alone when there is one", () => {
    const [one, two] = [kubeconfig("https://one"), kubeconfig("https://two")];
    expect(
      otherCluster({ kubeconfig: one, clusterIdentifier: "x" }, { kubeconfig: two, clusterIdentifier: "x" }),
    ).toEqual([]);
    expect(
      otherCluster({ kubeconfig: one, clusterIdentifier: "x" }, { kubeconfig: one, clusterIdentifier: "y" }),
    ).toEqual(["clusterIdentifier"]);
  });

  it("is told by the directory when objects are written to files", () => {
    const directory = (renderYamlToDirectory: string) => ({ renderYamlToDirectory });
    expect(otherCluster(directory("one"), directory("one"))).toEqual([]);
    expect(otherCluster(directory("one"), directory("two"))).toEqual(["renderYamlToDirectory"]);
  });
});
