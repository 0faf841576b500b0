import * as https from "node:https";

/**
 * The few requests the sandbox makes to a Kubernetes API. Not `@kubernetes/client-node`: its generic client cannot ask
 * for `fieldValidation=Strict` on an apply (1.4.0), and loading it takes the daemon 0.5 s and 60 MB.
 */

/** Any Kubernetes object, as JSON. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  resourceVersion?: string;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** A refusal by the API server, with its own words (`Status.message`). */
export class ApiError extends Error {
  constructor(
    /** HTTP status code. */
    readonly code: number,
    /** Machine-readable `Status.reason`, e.g. `AlreadyExists`, `Invalid`. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The API server gave no answer at all. */
export class UnreachableError extends Error {
  constructor(server: string, cause: Error) {
    super(`${server}: ${cause.message}`, { cause });
    this.name = "UnreachableError";
  }
}

export interface ApiServer {
  /** `https://127.0.0.1:port`. */
  readonly endpoint: string;
  /** PEM of the certificate authority. */
  readonly certificateAuthority: string;
  readonly token: string;
}

export type Query = Record<string, string | boolean | number | undefined>;

/** One API server, with connections kept alive. */
export class RestClient {
  private readonly agent: https.Agent;

  constructor(readonly server: ApiServer) {
    this.agent = new https.Agent({ ca: server.certificateAuthority, keepAlive: true, maxSockets: 16 });
  }

  get<T>(path: string, query?: Query): Promise<T> {
    return this.request<T>("GET", path, query);
  }

  /** `undefined` when the object, its kind or its namespace doesn't exist. */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path);
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** @throws {ApiError} when the server refuses, {@link UnreachableError} when it doesn't answer. */
  async request<T>(
    method: string,
    path: string,
    query: Query = {},
    body?: unknown,
    { contentType = "application/json", accept = "application/json" } = {},
  ): Promise<T> {
    const url = new URL(path, this.server.endpoint);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const { code, text } = await new Promise<{ code: number; text: string }>((resolve, reject) => {
      const request = https.request(
        url,
        {
          method,
          agent: this.agent,
          timeout: 30_000,
          headers: {
            authorization: `Bearer ${this.server.token}`,
            accept,
            ...(payload === undefined
              ? {}
              : { "content-type": contentType, "content-length": Buffer.byteLength(payload) }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
          });
        },
      );
      request.on("timeout", () => request.destroy(new Error("no answer within 30 s")));
      request.on("error", (error) => {
        reject(new UnreachableError(this.server.endpoint, error));
      });
      request.end(payload);
    });
    if (code >= 200 && code < 300) return (text.startsWith("{") ? JSON.parse(text) : text) as T;
    const status = text.startsWith("{") ? (JSON.parse(text) as { message?: string; reason?: string }) : {};
    throw new ApiError(code, status.reason ?? "", status.message ?? `HTTP ${code} from ${url.pathname}: ${text}`);
  }

  /** Calls `onEvent` for each change of a collection until the returned function is called, or the server ends it. */
  watch(path: string, onEvent: () => void, onEnd: () => void): () => void {
    const url = new URL(path, this.server.endpoint);
    url.searchParams.set("watch", "1");
    url.searchParams.set("timeoutSeconds", "86400");
    const request = https.request(
      url,
      { ca: this.server.certificateAuthority, headers: { authorization: `Bearer ${this.server.token}` } },
      (response) => {
        response.on("data", onEvent);
        response.on("error", onEnd);
        response.on("end", onEnd);
      },
    );
    // A watch is no reason for a process to live on.
    request.on("socket", (socket) => socket.unref());
    request.on("error", onEnd);
    request.end();
    return () => request.destroy();
  }

  close(): void {
    this.agent.destroy();
  }
}
