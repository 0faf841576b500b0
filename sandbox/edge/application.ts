import { shared } from "@selfhosted/common";

/** What a container answers. */
export interface Response {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const REFUSED: Response = { status: 0, contentType: "", body: "" };
const NOT_FOUND: Response = { status: 404, contentType: "text/plain", body: "404 page not found\n" };

/** Ports with TLS in the pods. Source: Pulumi's self-hosting docs, API and console pages. */
const TLS_PORTS = { api: 8443, console: 3443 } as const;

const CONSOLE_PAGE = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Pulumi (sandbox)</title></head>
  <body><p>This page stands for the console of Pulumi Cloud in a rehearsal. Nothing here is real.</p></body>
</html>
`;

/**
 * Stands for the vendor's containers, known by the last word of their image's name: what is documented of them is the
 * ports they listen on and the path that answers 200 when they are up, and no more is answered here.
 */
export function respond(image: string, port: number, path: string): Response {
  const name = /([^/]+?)(?::[\w.-]+)?(?:@.*)?$/.exec(image)?.[1];
  if (name === "service") {
    if (port !== shared.ports.api && port !== TLS_PORTS.api) return REFUSED;
    return path === shared.healthPaths.api ? { status: 200, contentType: "application/json", body: "{}" } : NOT_FOUND;
  }
  if (name === "console") {
    if (port !== shared.ports.console && port !== TLS_PORTS.console) return REFUSED;
    return path === shared.healthPaths.console
      ? { status: 200, contentType: "text/html; charset=utf-8", body: CONSOLE_PAGE }
      : NOT_FOUND;
  }
  return REFUSED;
}
