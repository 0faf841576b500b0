import * as http from "node:http";
import * as https from "node:https";
import * as tls from "node:tls";
import type { Network } from "./network";

/** Milliseconds for a connection and for an answer. */
const TIMEOUT = 10_000;

/** How much of a body is kept: enough to tell what answered. */
const BODY_BYTES = 2_000;

/** An answer by HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** What a server showed when it was spoken to by TLS. */
export interface Handshake {
  readonly certificate: tls.PeerCertificate;
  /** Why the certificate isn't trusted, in OpenSSL's or Node's word for it. */
  readonly distrust: string | undefined;
  /** E.g. `TLSv1.3`. */
  readonly version: string;
}

/**
 * Asks for a page. Certificates aren't judged here: they have a check of their own, and a page's fault should show beside
 * a certificate's.
 */
export async function get(network: Network, url: URL): Promise<Answer> {
  const secure = url.protocol === "https:";
  const { address, port } = await network.endpointOf(url.hostname, Number(url.port) || (secure ? 443 : 80));
  const options: https.RequestOptions = {
    host: address,
    port,
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host, "user-agent": "selfhosted-verify" },
    servername: url.hostname,
    rejectUnauthorized: false,
    timeout: TIMEOUT,
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).get(options, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body = (body + chunk).slice(0, BODY_BYTES)));
      response.once("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
      response.once("error", reject);
    });
    request.once("timeout", () => request.destroy(new Error(`no answer within ${TIMEOUT / 1_000} s`)));
    request.once("error", reject);
  });
}

/** Speaks TLS with a server, whatever its certificate. */
export async function shakeHands(
  network: Network,
  host: string,
  options: { readonly ca?: readonly string[] | undefined; readonly oldest?: boolean } = {},
): Promise<Handshake> {
  const { address, port } = await network.endpointOf(host, 443);
  const ca = options.ca && [...tls.rootCertificates, ...options.ca];
  // OpenSSL itself speaks TLS 1.1 and older only at its lowest level of security.
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
  return new Promise((resolve, reject) => {
    const socket = tls.connect(
      {
        host: address,
        port,
        servername: host,
        rejectUnauthorized: false,
        timeout: TIMEOUT,
        ca,
        ...(options.oldest ? old : {}),
      },
      () => {
        // Typed as an Error, and a word in fact (nodejs.org/api/tls.html, tlsSocket.authorizationError).
        const distrust = socket.authorized ? undefined : String(socket.authorizationError);
        resolve({ certificate: socket.getPeerCertificate(), distrust, version: socket.getProtocol() ?? "" });
        socket.destroy();
      },
    );
    socket.once("timeout", () => socket.destroy(new Error(`no answer within ${TIMEOUT / 1_000} s`)));
    socket.once("error", reject);
  });
}
