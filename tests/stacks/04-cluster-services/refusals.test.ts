import { describe, expect, it } from "@jest/globals";
import { runStack } from "../../support/mocks";
import { clusterLookup, runEverything } from "./everything";

/** What the stack refuses a configuration for, and that it then made nothing. */
async function refusal(config: Record<string, unknown>, upstream = {}): Promise<string> {
  const run = await runStack("clusterServices", { config, upstream, invokes: clusterLookup });
  expect(run.resources).toEqual([]);
  return run.error?.message ?? "";
}

describe("04-cluster-services refuses, before anything is made,", () => {
  it("a Kubernetes version that a chart isn't made for", async () => {
    const old = { cluster: { clusterVersion: "1.29" } };
    const message = await refusal({ autoscaling: "karpenter", services: ["cert-manager"] }, old);
    expect(message).toContain(
      "the chart cert-manager v1.21.1 is for Kubernetes 1.33 to 1.36, and the cluster has 1.29",
    );
    expect(message).toContain("the chart karpenter 1.14.1 is for Kubernetes 1.30 to 1.36");
    const chosen = { "cert-manager": "v1.15.0", karpenter: "1.6.0" };
    const run = await runStack("clusterServices", {
      config: { autoscaling: "karpenter", services: ["cert-manager"], chartVersions: chosen },
      upstream: old,
      invokes: clusterLookup,
    });
    expect(run.error).toBeUndefined();
  });

  it("versions of charts and add-ons that it doesn't install", async () => {
    const message = await refusal({
      addons: ["coredns"],
      chartVersions: { "argo-cdd": "10.1.1" },
      addonVersions: { "metrics-server": "v0.8.0-eksbuild.1" },
    });
    expect(message).toContain("chartVersions names argo-cdd, which is no chart of this stack");
    expect(message).toContain("addonVersions names metrics-server, which is not in addons (coredns)");
  });

  it("a service without what it needs, and a key without its service, all at once", async () => {
    const message = await refusal({ services: ["argocd", "log-forwarding"], externalDnsDomains: ["example.com"] });
    for (const key of ["gitRepository", "gitPath", "logForwardingEndpoint", "logForwardingPassword"]) {
      expect(message).toContain(`${key} is missing; run \`pulumi config set ${key} …\``);
    }
    expect(message).toContain(
      "externalDnsDomains means nothing without external-dns in services; add it, or run `pulumi config rm externalDnsDomains`",
    );
  });

  it("a role that isn't there for a service that is on", async () => {
    const message = await refusal({ services: ["velero"] }, { iam: { veleroRoleArn: undefined } });
    expect(message).toContain("veleroRoleArn: not set here, and stack organization/selfhosted-01-iam/test has no such");
  });

  it.each([
    ["both ways into the repository", { gitSshPrivateKey: "key" }, "gitPassword and gitSshPrivateKey are both set"],
    ["a password without its user", { gitUsername: "" }, "gitUsername and gitPassword go together"],
    [
      "a password for a repository over SSH",
      { gitRepository: "git@github.com:example/clusters.git" },
      "gitPassword opens an https:// address",
    ],
    ["half a sign-in", { argoCdUrl: "" }, "sign-in to Argo CD is half given: argoCdUrl missing"],
    [
      "groups that nobody signs in with",
      { argoCdUrl: "", argoCdOidcIssuer: "", argoCdOidcClientId: "", argoCdOidcClientSecret: "" },
      "nobody signs in by groups; set argoCdOidcIssuer",
    ],
    [
      "a team in a namespace of the platform",
      { teams: [team({ namespaces: ["argocd"] }), team({ name: "b", namespaces: ["pulumi-service", "kube-system"] })] },
      "the namespace pulumi-service is 04-cluster-services's or the service's",
    ],
    [
      "a team in the namespace of search in the cluster",
      { teams: [team({ namespaces: ["pulumi-search"] })] },
      "the namespace pulumi-search is 04-cluster-services's or the service's",
    ],
    [
      "two teams of one name or in one namespace",
      { teams: [team({}), team({})] },
      "the namespace payments is of two teams; give it to one",
    ],
    ["a team without a repository", { teams: [team({ repositories: [] })] }, "teams [0.repositories]"],
    ["a team's misspelt key", { teams: [team({ owners: ["somebody"] })] }, 'Unrecognized key: "owners"'],
  ])("%s", async (_what, config, message) => {
    const run = await runEverything(config);
    expect(run.error?.message).toContain(message);
    expect(run.resources).toEqual([]);
  });

  it("teams without Argo CD", async () => {
    expect(await refusal({ teams: [team({})] })).toContain("teams are Argo CD's, which is not in services");
  });
});

function team(more: object): object {
  return { name: "payments", repositories: ["https://example.com/p.git"], namespaces: ["payments"], ...more };
}
