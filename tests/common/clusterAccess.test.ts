import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { warnOfShutDoor } from "@selfhosted/common/clusterAccess";

const PROXIES = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

let api: Server;
let server: string;
/** The token that the API lets in. */
const KNOWN = "known";

beforeEach(async () => {
  api = createServer(({ headers }, response) => {
    response.statusCode = headers.authorization === `Bearer ${KNOWN}` ? 200 : 401;
    response.end("{}");
  });
  await new Promise<void>((done) => api.listen(0, "127.0.0.1", done));
  server = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
});

const close = () => new Promise((done) => api.close(done));
afterEach(close);

/** A kubeconfig whose user gets a token from a command, as ours do. */
function kubeconfig(script: string, more: { command?: string; cluster?: object } = {}): string {
  const exec = {
    command: more.command ?? process.execPath,
    args: ["-e", script],
    env: [{ name: "TOKEN", value: KNOWN }],
  };
  return JSON.stringify({
    "current-context": "main",
    contexts: [{ name: "main", context: { cluster: "main", user: "me" } }],
    clusters: [{ name: "main", cluster: { server, ...more.cluster } }],
    users: [{ name: "me", user: { exec } }],
  });
}

const printing = (token: string) => `console.log(JSON.stringify({ status: { token: ${token} } }))`;

async function warnings(text: string): Promise<string> {
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  const before = new Map(PROXIES.map((name) => [name, process.env[name]]));
  for (const name of PROXIES) Reflect.deleteProperty(process.env, name);
  try {
    await warnOfShutDoor(pulumi.secret(text));
    return warn.mock.calls.map(([message]) => message).join("\n");
  } finally {
    warn.mockRestore();
    for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
  }
}

describe("the cluster's door", () => {
  it("is nothing to speak of when it opens", async () => {
    expect(await warnings(kubeconfig(printing("process.env.TOKEN")))).toBe("");
  });

  it("that doesn't know who knocks: who makes oneself known, and where", async () => {
    const said = await warnings(kubeconfig(printing('"stranger"')));
    expect(said).toContain("pulumi config set --path 'admins[0]'");
    expect(said).not.toContain("stranger");
  });

  it("that can't be reached: from where it can, and by which key of 03-cluster", async () => {
    const text = kubeconfig(printing("process.env.TOKEN"));
    await close();
    expect(await warnings(text)).toMatch(/doesn't answer from here \(.*ECONNREFUSED[\s\S]*privateAccessCidrs/);
    // A proxy has its own ways.
    const proxied = { cluster: { "proxy-url": "http://proxy.example.com:3128" } };
    expect(await warnings(kubeconfig(printing("process.env.TOKEN"), proxied))).toBe("");
  });

  it("that takes a token which can't be had: why", async () => {
    const broken = kubeconfig("console.error('Unable to locate credentials'); process.exit(255)");
    expect(await warnings(broken)).toMatch(/no token \(.*Unable to locate credentials\).*aws sts get-caller-identity/);
    const absent = kubeconfig("", { command: "/nowhere/aws" });
    expect(await warnings(absent)).toContain("/nowhere/aws is not on PATH, install it");
  });

  it("of a kubeconfig that says nothing of it", async () => {
    expect(await warnings(JSON.stringify({ clusters: [], users: [], contexts: [] }))).toBe("");
  });
});
