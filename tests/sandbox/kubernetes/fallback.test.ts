import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { findPrograms, NoServersError } from "../../../sandbox/kubernetes/binaries";
import { startCluster, stopCluster } from "../../../sandbox/kubernetes/clusters";
import { downloadServers } from "../../../sandbox/kubernetes/download";
import { addNodes, removeNodes } from "../../../sandbox/kubernetes/nodes";
import { kubernetesProvider } from "../../../sandbox/kubernetes/provider";
import { deployment, kubeconfig } from "../../kubernetes/support";

let scratch: string;
beforeEach(() => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), "selfhosted-servers-"));
});
afterEach(() => {
  fs.rmSync(scratch, { recursive: true, force: true });
});

describe("servers that the controller-tools project publishes", () => {
  let server: Server;
  let origin: string;
  const files = new Map<string, Buffer>();
  beforeEach(async () => {
    files.clear();
    server = createServer((request, response) => {
      const file = files.get(request.url ?? "");
      response.writeHead(file ? 200 : 404).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
  });

  const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const publish = (versions: string[], hash?: string): void => {
    const folder = path.join(scratch, "controller-tools", "envtest");
    fs.mkdirSync(folder, { recursive: true });
    const lines = versions.flatMap((version) => {
      for (const name of ["etcd", "kube-apiserver", "kubectl"])
        fs.writeFileSync(path.join(folder, name), version, { mode: 0o755 });
      const archive = execFileSync("tar", ["-czf", "-", "-C", scratch, "controller-tools"]);
      const name = `envtest-${version}-${platform}.tar.gz`;
      files.set(`/${name}`, archive);
      const digest = hash ?? createHash("sha512").update(archive).digest("hex");
      return [`  ${version}:`, `    ${name}:`, `      hash: ${digest}`, `      selfLink: ${origin}/${name}`];
    });
    files.set("/index", Buffer.from(["releases:", ...lines].join("\n")));
  };

  it("are the newest, checked against the published sums, and kept", async () => {
    publish(["v1.9.0", "v1.36.0", "v1.37.0-alpha.1", "v1.35.2"]);
    const cache = path.join(scratch, "cache");
    const said: string[] = [];
    const programs = await downloadServers((message) => said.push(message), `${origin}/index`, cache);
    expect(fs.readFileSync(programs["kube-apiserver"], "utf8")).toBe("v1.36.0");
    expect(said).toEqual([expect.stringContaining("downloading Kubernetes v1.36.0")]);
    files.clear();
    expect(await downloadServers(() => undefined, `${origin}/index`, cache)).toEqual(programs);
  });

  it("are refused with a wrong sum, and nothing is kept", async () => {
    publish(["v1.36.0"], "0".repeat(128));
    const cache = path.join(scratch, "cache");
    await expect(downloadServers(() => undefined, `${origin}/index`, cache)).rejects.toThrow("checksum");
    expect(fs.existsSync(cache)).toBe(false);
  });
});

describe("a machine where no server can be had", () => {
  const { PATH, SELFHOSTED_CACHE } = process.env;
  const { fetch } = globalThis;
  beforeEach(() => {
    Object.assign(process.env, { PATH: scratch, SELFHOSTED_CACHE: scratch });
    globalThis.fetch = () => Promise.reject(new Error("offline"));
  });
  afterEach(() => {
    process.env["PATH"] = PATH;
    if (SELFHOSTED_CACHE === undefined) delete process.env["SELFHOSTED_CACHE"];
    else process.env["SELFHOSTED_CACHE"] = SELFHOSTED_CACHE;
    globalThis.fetch = fetch;
  });

  it("is told every way that was tried, and what to install", async () => {
    const failure: unknown = await findPrograms().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NoServersError);
    expect((failure as Error).message).toMatch(
      /KUBEBUILDER_ASSETS: not set(.|\n)*no `go` on PATH(.|\n)*can't be reached \(offline\)(.|\n)*Install Go/,
    );
  });

  it("gets clusters by name, whose objects are checked by their schemas", async () => {
    const { endpoint, certificateAuthorityData } = await startCluster({ name: "bare", version: "1.34", home: scratch });
    expect(endpoint).toBe("https://bare.eks.invalid");
    const group = {
      nodeGroup: "a",
      count: 1,
      labels: {},
      taints: [],
      instanceType: "m6i.large",
      zones: ["us-west-2a"],
    };
    await addNodes("bare", scratch, group);

    const provider = kubernetesProvider(scratch);
    const configuration = { kubeconfig: kubeconfig("bare", endpoint, certificateAuthorityData) };
    expect(provider.diffConfiguration?.({ clusterIdentifier: "a" }, { clusterIdentifier: "b" })).toEqual([
      "clusterIdentifier",
    ]);
    const identity = {
      urn: "urn:pulumi:a::b::kubernetes:apps/v1:Deployment::web",
      type: "kubernetes:apps/v1:Deployment",
      name: "web",
    };
    const check = (inputs: ReturnType<typeof deployment>) =>
      provider.check(identity, inputs, undefined, configuration, Buffer.alloc(32));
    const typo = await check(deployment("web", { imagePulPolicy: "Always" }));
    expect(typo.failures.map(({ property }) => property)).toEqual(["spec.template.spec.containers[0].imagePulPolicy"]);
    const { inputs, failures } = await check(deployment("web"));
    expect(failures).toEqual([]);
    const made = await provider.create(identity, inputs, false, configuration);
    expect(made.id).toBe("default/web");
    expect(await provider.read(identity, made.id, made.properties, configuration, inputs)).toMatchObject({ inputs });
    const changed = (await check(deployment("web", { image: "example/web:2" }))).inputs;
    const previous = { ...made, inputs };
    expect(await provider.diff(identity, made.id, previous, changed, configuration)).toMatchObject({
      changed: ["spec"],
      replaces: [],
    });
    await provider.delete(identity, made.id, made.properties, configuration);
    await removeNodes("bare", scratch, "a");
    await stopCluster("bare", scratch);
  });
});
