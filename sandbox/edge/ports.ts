import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../kubernetes/processes";

/** Loopback ports of a sandbox's edge, kept over restarts so that a shell's environment stays valid. */
export interface EdgePorts {
  readonly dns: number;
  /** Stands for port 80 of every load balancer, each at an address of its own. */
  readonly http: number;
  /** Stands for port 443. */
  readonly https: number;
}

/** Where the edge's files are. */
export function edgeFile(home: string, name: "ports.json" | "ca.pem" | "ca-key.pem"): string {
  return join(home, `edge-${name}`);
}

/** The ports of this home, chosen once. */
export async function edgePorts(home: string): Promise<EdgePorts> {
  const file = edgeFile(home, "ports.json");
  const known = readPorts(file);
  if (known) return known;
  const [dns = 0, http = 0, https = 0] = await freePorts(3);
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ dns, http, https }), { mode: 0o600 });
  try {
    // Of several processes that choose at the same time, the first one's choice holds for all.
    linkSync(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(own);
  }
  return readPorts(file) ?? { dns, http, https };
}

function readPorts(file: string): EdgePorts | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as EdgePorts;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** What lets `npm run verify` find the sandbox's names and load balancers; each stands for one of its options. */
export async function edgeVariables(home: string): Promise<Readonly<Record<string, string>>> {
  const { dns, http, https } = await edgePorts(home);
  return {
    SELFHOSTED_VERIFY_DNS_SERVER: `127.0.0.1:${dns}`,
    SELFHOSTED_VERIFY_CONNECT_TO: `:80::${http} :443::${https}`,
    SELFHOSTED_VERIFY_CA: edgeFile(home, "ca.pem"),
  };
}
