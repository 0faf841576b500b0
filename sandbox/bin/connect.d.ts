import type { Socket } from "node:net";

export type DaemonRequest =
  | { readonly serve: string; readonly engine?: string; readonly folder?: string }
  | { readonly status: true }
  | { readonly stop: true };

export interface DaemonAnswer {
  /** Loopback port of the provider asked for. */
  readonly port?: number;
  readonly pid?: number;
}

export function socketPath(home: string): string;
export function connect(home: string): Promise<Socket | undefined>;
export function ensureDaemon(home: string): Promise<Socket>;
export function ask(socket: Socket, request: DaemonRequest): Promise<DaemonAnswer>;
