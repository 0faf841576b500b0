import { beforeAll, describe, expect, it } from "@jest/globals";
import { charts } from "@selfhosted/common/images";
import { parse } from "yaml";
import { exampleOutputs, runStack, type Run } from "../../support/mocks";

interface Values {
  readonly persistence: Record<string, unknown>;
  readonly podSecurityContext: Record<string, unknown>;
  readonly securityContext: Record<string, unknown>;
  readonly config: Record<string, string>;
  readonly [key: string]: unknown;
}

const HASH = "$2a$10$abcdefghijklmnopqrstuu";

/** What the providers of random and tls would answer. */
const computed = {
  "random:index/randomPassword:RandomPassword": () => ({ bcryptHash: HASH }),
  "tls:index/privateKey:PrivateKey": () => ({ privateKeyPem: "EC key", privateKeyPemPkcs8: "PKCS 8 key" }),
  "tls:index/locallySignedCert:LocallySignedCert": () => ({ certPem: "certificate" }),
};

describe("06-insights with mode cluster", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runStack("insights", {
      config: { mode: "cluster" },
      computed,
    });
  });
  const release = () => run.one("kubernetes:helm.sh/v3:Release").inputs;
  const values = () => release()["values"] as Values;
  const secret = (name: string) =>
    run.ofType("kubernetes:core/v1:Secret").find((one) => one.name === name)?.inputs ?? {};

  it("asks the cluster's stacks and not the network's, makes nothing in AWS and publishes a name of the cluster", () => {
    expect(run.error).toBeUndefined();
    expect(run.resources.filter(({ type }) => type.startsWith("aws:"))).toEqual([]);
    expect(run.references.join()).not.toContain("02-networking");
    expect(run.outputs["searchEndpoint"]).toBe("https://opensearch.pulumi-search.svc.cluster.local:9200");
    expect(run.secretOutputs).toEqual(["searchPassword"]);
  });

  it("installs the pinned chart with the image of the table, or both from mirrors", async () => {
    const { version, repository } = charts.opensearch;
    expect(release()).toMatchObject({
      chart: "opensearch",
      version,
      repositoryOpts: { repo: repository },
      atomic: true,
    });
    expect(values()["image"]).toEqual({ repository: "docker.io/opensearchproject/opensearch", tag: "2.19.5" });
    const mirrored = await runStack("insights", {
      config: { mode: "cluster", imageRegistry: "mirror.example/m", chartRegistry: "oci://mirror.example/charts" },
      computed,
    });
    const { inputs } = mirrored.one("kubernetes:helm.sh/v3:Release");
    expect(inputs["chart"]).toBe("oci://mirror.example/charts/opensearch");
    expect((inputs["values"] as Values)["image"]).toMatchObject({
      repository: "mirror.example/m/opensearchproject/opensearch",
    });
  });

  it("keeps its index on volumes of the contract's storage class, without a container that runs as root", () => {
    expect(values().persistence).toEqual({
      enabled: true,
      size: "20Gi",
      storageClass: exampleOutputs("clusterServices")["storageClassName"],
      enableInitChown: false,
    });
    expect(values().podSecurityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(values().securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
    const namespace = run.one("kubernetes:core/v1:Namespace").inputs["metadata"];
    expect(namespace).toMatchObject({
      name: "pulumi-search",
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
  });

  it("speaks TLS by certificates of its own to clients and among nodes, and never by the demonstration's", () => {
    const config = parse(values().config["opensearch.yml"] ?? "") as Record<string, Record<string, unknown>>;
    const tls = { pemcert_filepath: "certificates/tls.crt", enabled_protocols: ["TLSv1.2", "TLSv1.3"] };
    expect(config["plugins.security"]).toMatchObject({
      ssl: { http: { ...tls, enabled: true }, transport: tls },
      nodes_dn: ["CN=opensearch-node"],
    });
    expect(JSON.stringify(config)).not.toMatch(/demo/i);
    expect(values()["extraEnvs"]).toEqual([{ name: "DISABLE_INSTALL_DEMO_CONFIG", value: "true" }]);
    expect(run.one("tls:index/certRequest:CertRequest").inputs["dnsNames"]).toContain(
      "opensearch.pulumi-search.svc.cluster.local",
    );
    expect(Object.keys(secret("certificates")["stringData"] as object).sort()).toEqual([
      "ca.crt",
      "tls.crt",
      "tls.key",
    ]);
  });

  it("knows its one user by a hash: the password is in no object of the cluster and in no value of the chart", () => {
    const { "internal_users.yml": users = "" } = secret("users")["stringData"] as Record<string, string>;
    expect((parse(users) as Record<string, unknown>)["admin"]).toMatchObject({ hash: HASH, backend_roles: ["admin"] });
    const password = String(run.outputs["searchPassword"]);
    for (const { inputs, type } of run.resources) {
      if (type.startsWith("kubernetes:")) expect(JSON.stringify(inputs)).not.toContain(password);
    }
  });

  it("is reached from the service's namespace on 9200 and by its own nodes, and reaches names and nodes only", () => {
    const spec = run.one("kubernetes:networking.k8s.io/v1:NetworkPolicy").inputs["spec"];
    const ofNamespace = (name: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
    });
    expect(spec).toMatchObject({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        { from: [ofNamespace("pulumi-service")], ports: [{ port: 9200, protocol: "TCP" }] },
        { from: [{ podSelector: {} }] },
      ],
    });
    const port = (number: number, protocol = "TCP") => ({ port: number, protocol });
    // Names are asked for anywhere: with EKS Auto Mode no pod answers.
    expect((spec as { egress: unknown }).egress).toEqual([
      { to: [{ podSelector: {} }], ports: [port(9200), port(9300)] },
      { ports: [port(53), port(53, "UDP")] },
    ]);
  });

  it("finds its nodes and rolls them when their certificate is another", () => {
    expect(release()).toMatchObject({ namespace: "pulumi-search", name: "opensearch" });
    expect(values()).toMatchObject({ replicas: 3, singleNode: false, fullnameOverride: "opensearch" });
    expect(JSON.stringify(values()["podAnnotations"])).toMatch(/"pulumi-selfhosted\/certificate":"[0-9a-f]{16}"/);
  });
});

describe("06-insights with mode external", () => {
  it("asks for whose search it is, and publishes that", async () => {
    const refused = await runStack("insights", { config: { mode: "external" } });
    expect(refused.error?.message).toContain("pulumi config set --secret searchPassword");
    const given = {
      searchEndpoint: "https://search.corp.example:9200",
      searchUsername: "u",
      searchPassword: "Their-Password-1",
    };
    const adopted = await runStack("insights", { config: { mode: "external", ...given } });
    expect(adopted.outputs).toEqual(given);
    expect(adopted.resources).toEqual([]);
    const both = await runStack("insights", { config: { mode: "cluster", ...given } });
    expect(both.error?.message).toContain("run `pulumi config set mode external`");
  });
});
