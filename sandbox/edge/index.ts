import * as http from "node:http";
import * as https from "node:https";
import type { Server } from "node:net";
import { reason } from "@selfhosted/cli/reason";
import { LOAD_BALANCER } from "../aws/lb/names";
import { text } from "../aws/values";
import type { World, WorldObject } from "../world";
import { respond } from "./application";
import { Authority } from "./authority";
import { NameServer } from "./nameServer";
import { edgePorts, type EdgePorts } from "./ports";
import { addressOf, resolve, type Resolution } from "./resolve";
import { actionFor, listenerOn, serves, type Action, type Request } from "./routing";
import { hasHealthyTargets, healthyTargets } from "./targets";

/** One open server, and what it was opened for. */
interface Opened {
  readonly server: Server;
  /** A change of it asks for another server. */
  readonly policy: string;
  readonly listening: Promise<void>;
}

/**
 * What of the pretended account can be reached from outside: its names, by a DNS server on loopback, and its load
 * balancers, each at a loopback address of its own, with ports that need no privileges. A load balancer begins to listen
 * when its name is looked up, so a world that nobody looks at costs nothing.
 */
export class Edge {
  private readonly authority: Authority;
  private readonly names: NameServer;
  private readonly opened = new Map<string, Opened>();
  private ports: EdgePorts = { dns: 0, http: 0, https: 0 };

  constructor(
    private readonly world: World,
    private readonly home: string,
  ) {
    this.authority = new Authority(home);
    this.names = new NameServer((name, type) => this.answer(name, type));
  }

  /** Answers to names from now on. @throws Error when their port is taken. */
  async start(): Promise<void> {
    this.ports = await edgePorts(this.home);
    await Promise.all([this.names.listen(this.ports.dns), this.authority.prepare()]);
  }

  async stop(): Promise<void> {
    await this.names.close();
    for (const key of this.opened.keys()) this.close(key);
  }

  private async answer(name: string, type: string): Promise<Resolution> {
    const isHealthy = (loadBalancer: WorldObject) => hasHealthyTargets(this.world, this.home, loadBalancer);
    const found = await resolve(this.world, name, type, isHealthy);
    const addresses = new Set((found ?? []).map(({ data }) => data));
    const reached = this.world.list(LOAD_BALANCER).filter((one) => addresses.has(addressOf(one)));
    await Promise.all(reached.map((loadBalancer) => this.open(loadBalancer)));
    return found;
  }

  /** Listens where the load balancer has a listener, and nowhere else. */
  private async open(loadBalancer: WorldObject): Promise<void> {
    const address = addressOf(loadBalancer);
    for (const [port, own] of [
      [80, this.ports.http],
      [443, this.ports.https],
    ] as const) {
      const listener = listenerOn(this.world, loadBalancer, port);
      const key = `${address}:${port}`;
      const policy = text(listener?.properties.sslPolicy) ?? "";
      const before = this.opened.get(key);
      if (before && listener && before.policy === policy) {
        await before.listening;
        continue;
      }
      this.close(key);
      if (!listener) continue;
      const serve: http.RequestListener = (request, response) => {
        this.serve(address, port, request).then(
          ({ status, headers, body }) => response.writeHead(status, headers).end(body),
          (error: unknown) => response.writeHead(500).end(reason(error)),
        );
      };
      const server = port === 80 ? http.createServer(serve) : this.secure(address, policy, serve);
      const listening = listen(server, own, address);
      this.opened.set(key, { server, policy, listening });
      await listening;
    }
  }

  private secure(address: string, policy: string, serve: http.RequestListener): https.Server {
    const minVersion = leastVersion(policy);
    return https.createServer(
      {
        minVersion,
        // OpenSSL speaks what is older than TLS 1.2 only at its lowest level of security.
        ...(minVersion < "TLSv1.2" ? { ciphers: "DEFAULT:@SECLEVEL=0" } : {}),
        SNICallback: (serverName, done) => {
          const listener = this.listenerAt(address, 443, serverName);
          if (!listener) {
            done(new Error("no listener"));
            return;
          }
          this.authority.contextFor(this.world, listener, serverName).then(
            (context) => {
              done(null, context);
            },
            (error: unknown) => {
              done(error instanceof Error ? error : new Error(String(error)));
            },
          );
        },
      },
      serve,
    );
  }

  private async serve(address: string, port: number, message: http.IncomingMessage) {
    const host = (message.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    const url = new URL(message.url ?? "/", "http://sandbox");
    const request: Request = {
      ...{ host, path: url.pathname, query: url.search.slice(1), method: message.method ?? "GET" },
      // Whoever asks is on this machine.
      source: "127.0.0.1",
    };
    const listener = this.listenerAt(address, port, host);
    if (!listener) throw new Error("the load balancer has no such listener any more");
    return this.carryOut(actionFor(this.world, listener, request), request);
  }

  private async carryOut(action: Action, { path }: Request) {
    if ("location" in action) return { status: action.status, headers: { location: action.location }, body: "" };
    if ("body" in action) {
      return { status: action.status, headers: { "content-type": action.contentType }, body: action.body };
    }
    const groups = await Promise.all(action.forward.map((arn) => healthyTargets(this.world, this.home, arn)));
    const [target] = groups.flat();
    // Source: "Troubleshoot your Application Load Balancers", HTTP 503.
    if (!target)
      return { status: 503, headers: { "content-type": "text/html" }, body: "503 Service Temporarily Unavailable" };
    const { status, contentType, body } = respond(target.image, target.port, path);
    // Says which version answered, in words that nobody takes for the vendor's.
    return { status, headers: { "content-type": contentType, "x-sandbox-image": target.image }, body };
  }

  /** The listener of the load balancer at an address: where several share one, that which serves the host. */
  private listenerAt(address: string, port: number, host: string): WorldObject | undefined {
    const there = this.world
      .list(LOAD_BALANCER)
      .filter((one) => addressOf(one) === address)
      .flatMap((one) => listenerOn(this.world, one, port) ?? []);
    return there.find((listener) => serves(this.world, listener, host)) ?? there[0];
  }

  private close(key: string): void {
    const { server } = this.opened.get(key) ?? {};
    this.opened.delete(key);
    server?.close();
  }
}

/** The oldest version of TLS that a policy speaks, by its name, see `sslPolicies.ts`. */
export function leastVersion(policy: string): "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3" {
  const version = /(?:TLS13-|FS-|TLS-)(1-[0-3])/.exec(policy)?.[1];
  if (version === "1-3") return "TLSv1.3";
  if (version === "1-2") return "TLSv1.2";
  return version === "1-1" ? "TLSv1.1" : "TLSv1";
}

function listen(server: Server, port: number, address: string): Promise<void> {
  return new Promise((done, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      // A listening load balancer is no reason for a process to live on.
      server.unref();
      done();
    });
  });
}
