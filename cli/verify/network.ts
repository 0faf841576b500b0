import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { Failure } from "./outcome";

/** Milliseconds for an answer of a DNS server; it is asked twice. */
const DNS_TIMEOUT = 3_000;

/** Where a connection to `host:port` really goes; an empty part means any, or the same. */
interface Detour {
  readonly host: string;
  readonly port: string;
  readonly toHost: string;
  readonly toPort: string;
}

/** How the service is reached. */
export interface NetworkOptions {
  /** `address` or `address:port` of the DNS server to ask; the system's own unless given. */
  readonly dnsServer?: string | undefined;
  /** As curl's `--connect-to`: `host:port:otherHost:otherPort`, any of them empty. */
  readonly connectTo: readonly string[];
}

/** Names and connections as the options want them. */
export class Network {
  private readonly resolver = new Resolver({ timeout: DNS_TIMEOUT, tries: 2 });
  private readonly detours: readonly Detour[];
  private readonly server: string;

  /** @throws Error for options that can't be read. */
  constructor({ dnsServer, connectTo }: NetworkOptions) {
    this.detours = connectTo.map(parseDetour);
    this.server = dnsServer === undefined ? "the system's DNS server" : `DNS server ${dnsServer}`;
    if (dnsServer === undefined) return;
    try {
      this.resolver.setServers([dnsServer]);
    } catch {
      throw new Error(`--dns-server ${dnsServer}: give an address, or address:port, e.g. 10.0.0.2 or 127.0.0.1:5353`);
    }
  }

  /**
   * IPv4 and IPv6 addresses of a name, none when it has none.
   * @throws Failure when the DNS server gives no answer.
   */
  async addressesOf(host: string): Promise<string[]> {
    if (isIP(host) > 0) return [host];
    const found = await Promise.all([
      this.ask(host, () => this.resolver.resolve4(host)),
      this.ask(host, () => this.resolver.resolve6(host)),
    ]);
    return found.flat();
  }

  /** Whether connections to the host go elsewhere than its name says, so that DNS doesn't matter. */
  isDetoured(host: string): boolean {
    return [80, 443].some((port) => (this.detour(host, port)?.toHost ?? "") !== "");
  }

  /**
   * Where to connect for `host:port`.
   * @throws Failure when the name has no address.
   */
  async endpointOf(host: string, port: number): Promise<{ readonly address: string; readonly port: number }> {
    const detour = this.detour(host, port);
    const name = (detour?.toHost ?? "") === "" ? host : (detour?.toHost ?? host);
    const [address] = await this.addressesOf(name);
    if (address === undefined) throw new Failure(`${name} has no address`, `look at the check "DNS ${host}"`);
    return { address, port: Number(detour?.toPort) || port };
  }

  private detour(host: string, port: number): Detour | undefined {
    return this.detours.find(
      (one) => (one.host === "" || one.host === host) && (one.port === "" || one.port === String(port)),
    );
  }

  private async ask(host: string, question: () => Promise<string[]>): Promise<string[]> {
    try {
      return await question();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOTFOUND" || code === "ENODATA") return [];
      throw new Failure(
        `${this.server} gives no answer for ${host} (${code ?? String(error)})`,
        "ask another one: --dns-server <address>",
      );
    }
  }
}

function parseDetour(text: string): Detour {
  const part = String.raw`(\[[^\]]*\]|[^:]*)`;
  const match = new RegExp(`^${part}:(\\d*):${part}:(\\d*)$`).exec(text);
  if (!match) {
    throw new Error(`--connect-to ${text}: write host:port:otherHost:otherPort, e.g. api.example.com:443:10.0.0.7:443`);
  }
  const [, host = "", port = "", toHost = "", toPort = ""] = match;
  return { host, port, toHost: toHost.replace(/^\[|\]$/g, ""), toPort };
}
