import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import * as tls from "node:tls";
import { CERTIFICATE, namesOf } from "../aws/acm/proofs";
import { LISTENER_CERTIFICATE } from "../aws/lb/names";
import { text } from "../aws/values";
import type { Properties } from "../provider/types";
import type { World, WorldObject } from "../world";
import { edgeFile } from "./ports";

interface Pair {
  readonly certificate: string;
  readonly key: string;
}

const AUTHORITY_HOURS = 10 * 365 * 24;
/** Where ACM doesn't say when a certificate ends. */
const USUAL_MS = 395 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;

/** Stands for Amazon Trust Services: issues what ACM's certificates of the world say, by an authority of this home. */
export class Authority {
  private pair: Promise<Pair> | undefined;
  private readonly issued = new Map<string, Promise<tls.SecureContext>>();

  constructor(private readonly home: string) {}

  /** Makes the authority's certificate, which whoever asks must trust, unless it is there. */
  async prepare(): Promise<void> {
    await (this.pair ??= this.load());
  }

  /** The certificate that a listener shows for a server name: one that covers it, or else its default one. */
  async contextFor(world: World, listener: WorldObject, serverName: string): Promise<tls.SecureContext | undefined> {
    const more = world
      .list(LISTENER_CERTIFICATE)
      .filter(({ properties }) => properties.listenerArn === listener.id)
      .map(({ properties }) => text(properties.certificateArn) ?? "");
    const all = [text(listener.properties.certificateArn) ?? "", ...more].flatMap(
      (arn) => world.get(CERTIFICATE, arn) ?? [],
    );
    const chosen = all.find(({ properties }) => namesOf(properties).some((name) => covers(name, serverName))) ?? all[0];
    if (!chosen) return undefined;
    const key = `${chosen.id} ${text(chosen.properties.notAfter) ?? ""}`;
    const context = this.issued.get(key) ?? this.issue(chosen.properties);
    this.issued.set(key, context);
    return context;
  }

  private async issue(properties: Properties): Promise<tls.SecureContext> {
    const [body, chain] = [text(properties.certificateBody), text(properties.certificateChain)];
    if (body !== undefined) {
      return tls.createSecureContext({
        cert: [body, chain ?? ""].join("\n"),
        key: text(properties.privateKey) ?? text(properties.privateKeyWo),
      });
    }
    const authority = await (this.pair ??= this.load());
    const { makeLocallySigned, makeRequest } = await import("../tls/certificates");
    const key = newKey();
    const names = namesOf(properties);
    const { properties: request } = await makeRequest({
      privateKeyPem: key,
      subject: { commonName: names[0] ?? "" },
      dnsNames: names,
    });
    const end = Date.parse(text(properties.notAfter) ?? "");
    const { properties: made } = await makeLocallySigned({
      certRequestPem: request["certRequestPem"] ?? "",
      caCertPem: authority.certificate,
      caPrivateKeyPem: authority.key,
      validityPeriodHours: Math.max(0, (Number.isNaN(end) ? USUAL_MS : end - Date.now()) / HOUR_MS),
      allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
    });
    return tls.createSecureContext({ cert: `${text(made["certPem"]) ?? ""}${authority.certificate}`, key });
  }

  private async load(): Promise<Pair> {
    const [file, keyFile] = [edgeFile(this.home, "ca.pem"), edgeFile(this.home, "ca-key.pem")];
    if (existsSync(file) && existsSync(keyFile)) {
      return { certificate: readFileSync(file, "utf8"), key: readFileSync(keyFile, "utf8") };
    }
    const { makeSelfSigned } = await import("../tls/certificates");
    const key = newKey();
    const { properties } = await makeSelfSigned({
      privateKeyPem: key,
      subject: { commonName: "Sandbox certificate authority", organization: "Pulumi self-hosted" },
      validityPeriodHours: AUTHORITY_HOURS,
      isCaCertificate: true,
      allowedUses: ["cert_signing", "crl_signing"],
    });
    const certificate = text(properties["certPem"]) ?? "";
    writeFileSync(keyFile, key, { mode: 0o600 });
    writeFileSync(file, certificate, { mode: 0o600 });
    return { certificate, key };
  }
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** Whether a certificate's name covers a host; a wildcard stands for one label. */
function covers(name: string, host: string): boolean {
  const [label, ...rest] = host.toLowerCase().split(".");
  const own = name.toLowerCase();
  return own === host.toLowerCase() || (label !== undefined && own === `*.${rest.join(".")}`);
}
