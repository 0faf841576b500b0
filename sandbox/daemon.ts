import { existsSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { Server as GrpcServer, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { reason } from "@selfhosted/cli/reason";
import { socketPath, type DaemonAnswer, type DaemonRequest } from "./bin/connect";
import { Edge } from "./edge";
import { worldPath } from "./home";
import { providerService } from "./provider/server";
import { providers } from "./providers";
import type { Provider } from "./provider/types";
import { accountAsFound } from "./seed";
import { World } from "./world";

/** Two hours without an engine: the rehearsal is over, and nothing should be left running. */
const IDLE_MS = 2 * 60 * 60 * 1000;
/** The engine's own limit for one message, 400 MiB (pulumi/sdk/go/common/util/rpcutil). */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/**
 * The one long-lived process of a sandbox: holds the world in memory and serves every stand-in provider. A shim
 * (`bin/provider.js`) holds a connection for as long as its engine wants the provider; each gets a port of its own, so
 * that what one engine configures never reaches another.
 */
class Daemon {
  private readonly world: World;
  private readonly loaded = new Map<string, Promise<Provider>>();
  private readonly listener: Server;
  private readonly edge: Edge;
  private connections = 0;
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly home: string) {
    this.world = new World(worldPath(home), accountAsFound);
    this.listener = createServer((socket) => {
      this.accept(socket);
    });
    // A socket file left by a killed daemon: nobody listens there, or this process would not have been started.
    if (existsSync(socketPath(home))) rmSync(socketPath(home));
    this.listener.listen(socketPath(home), () => {
      log(`listening, process ${process.pid}`);
    });
    this.edge = new Edge(this.world, home);
    this.edge.start().catch((error: unknown) => {
      log(`names and load balancers can't be reached: ${reason(error)}`);
    });
    this.restIfUnused();
  }

  private accept(socket: Socket): void {
    this.connections += 1;
    clearTimeout(this.idle);
    const servers: GrpcServer[] = [];
    let received = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      received += chunk.toString();
      const lines = received.split("\n");
      received = lines.pop() ?? "";
      for (const line of lines) {
        this.answer(JSON.parse(line) as DaemonRequest, servers).then(
          (answer) => socket.write(`${JSON.stringify(answer)}\n`),
          (error: unknown) => {
            log(error instanceof Error ? (error.stack ?? error.message) : String(error));
            socket.write(`${JSON.stringify({ error: reason(error) })}\n`);
          },
        );
      }
    });
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      this.connections -= 1;
      for (const server of servers) server.forceShutdown();
      this.restIfUnused();
    });
  }

  private async answer(request: DaemonRequest, servers: GrpcServer[]): Promise<DaemonAnswer> {
    if ("serve" in request) {
      const provider = await this.provider(request.serve);
      const server = new GrpcServer({ "grpc.max_receive_message_length": MAX_MESSAGE_BYTES });
      server.addService(ResourceProviderService, providerService(provider, request.engine, request.folder));
      servers.push(server);
      return { port: await bind(server) };
    }
    if ("stop" in request) {
      // After the answer is on its way.
      setTimeout(() => void this.stop(), 50);
    }
    return { pid: process.pid };
  }

  private provider(name: string): Promise<Provider> {
    const load = providers[name];
    if (!load) {
      const known = Object.keys(providers).join(", ");
      return Promise.reject(
        new Error(
          `the sandbox has no stand-in for the Pulumi provider "${name}" (it has ${known}): see CONTRIBUTING.md`,
        ),
      );
    }
    const loading = this.loaded.get(name) ?? load({ home: this.home, world: this.world });
    this.loaded.set(name, loading);
    return loading;
  }

  private restIfUnused(): void {
    if (this.connections > 0) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.stop(), IDLE_MS);
  }

  private async stop(): Promise<void> {
    log("stopping");
    this.listener.close();
    rmSync(socketPath(this.home), { force: true });
    await this.edge.stop();
    for (const provider of this.loaded.values()) await (await provider).stop?.();
    process.exit(0);
  }
}

function bind(server: GrpcServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

function log(message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${message}\n`);
}

/** Runs the daemon of this home until it is told to stop or has long been idle. */
export function run(home: string): void {
  // A fault in one engine's component must not end the world of all others.
  process.on("uncaughtException", (error) => {
    log(`uncaught: ${error.stack ?? error.message}`);
  });
  process.on("unhandledRejection", (reason) => {
    log(`unhandled: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
  });
  new Daemon(home);
}
