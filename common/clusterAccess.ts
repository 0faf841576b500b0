import { execFile } from "node:child_process";
import * as http from "node:http";
import * as https from "node:https";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { reasonOf } from "./problems";

/** Milliseconds for an answer of the API: within a network that reaches it, it takes a few. */
const API_TIMEOUT = 8_000;
/** Milliseconds for a token; the AWS CLI asks AWS nothing for it, but may have to renew its own credentials. */
const TOKEN_TIMEOUT = 30_000;

/** As much of a kubeconfig as the way in takes. */
interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly { readonly name: string; readonly context: { cluster: string; user: string } }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: ClusterEntry }[];
  readonly users?: readonly { readonly name: string; readonly user: UserEntry }[];
}

interface ClusterEntry {
  readonly server: string;
  readonly "certificate-authority-data"?: string;
  readonly "proxy-url"?: string;
}

interface UserEntry {
  readonly token?: string;
  readonly exec?: {
    readonly command: string;
    readonly args?: readonly string[];
    readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  };
}

/**
 * Knocks at the cluster's door as whoever runs this, and warns with what to do when it stays shut: the Kubernetes provider
 * would say no more than that the cluster is unreachable, or asks for credentials. A warning, for there are ways in that
 * this doesn't know; where a proxy leads to the cluster, it says nothing.
 */
export async function warnOfShutDoor(kubeconfig: pulumi.Output<string>): Promise<void> {
  const text = await new Promise<string>((resolve) => {
    kubeconfig.apply(resolve);
  });
  const trouble = await troubleOf(parse(text) as Kubeconfig);
  if (trouble !== undefined) await pulumi.log.warn(trouble);
}

async function troubleOf({ contexts, clusters, users, ...rest }: Kubeconfig): Promise<string | undefined> {
  const context = contexts?.find(({ name }) => name === rest["current-context"])?.context;
  const cluster = clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = users?.find(({ name }) => name === context?.user)?.user;
  const proxies = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].some((name) => process.env[name]);
  if (cluster === undefined || cluster["proxy-url"] !== undefined || proxies) return undefined;
  const [token, status] = await Promise.allSettled([tokenOf(user), ask(cluster, undefined)]);
  if (status.status === "rejected") return unreachable(cluster.server, status.reason);
  if (token.status === "rejected") {
    return `the cluster's kubeconfig gives you no token (${reasonOf(token.reason)}); run \`aws sts get-caller-identity\` to see whether AWS knows you`;
  }
  if (token.value === undefined || (await ask(cluster, token.value).catch(() => 0)) !== 401) return undefined;
  return (
    "the cluster doesn't let you in: it admits who made it and the admins of 03-cluster. Name your role there, as one of " +
    "them: `pulumi config set --path 'admins[0]' arn:aws:iam::123456789012:role/platform-admin && pulumi up` " +
    "(`aws sts get-caller-identity` says who you are)"
  );
}

function unreachable(server: string, reason: unknown): string | undefined {
  const { code, message } = reason as NodeJS.ErrnoException;
  // A certificate that isn't trusted is the provider's to judge.
  if (code !== undefined && !/^(?:E[A-Z]+)$/.test(code)) return undefined;
  return (
    `the Kubernetes API ${server} doesn't answer from here (${message}). Unless 03-cluster's publicAccessCidrs name the ` +
    "address you come from, it is within the VPC only: run this where that can be reached (VPN, peering, a runner in a " +
    "private subnet), and give the range to 03-cluster: `pulumi config set privateAccessCidrs '[\"10.0.0.0/16\"]' && pulumi up`"
  );
}

/** Asks the API for what everybody may know who is signed in. @returns HTTP status. */
function ask(cluster: ClusterEntry, token: string | undefined): Promise<number> {
  const url = new URL("/api", cluster.server);
  const ca = cluster["certificate-authority-data"];
  const options = {
    timeout: API_TIMEOUT,
    agent: false,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(ca !== undefined && { ca: Buffer.from(ca, "base64") }),
  } as const;
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "http:" ? http : https).get(url, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.once("timeout", () => request.destroy(new Error(`no answer within ${API_TIMEOUT / 1_000} s`)));
    request.once("error", reject);
  });
}

/** The user's token, by their kubeconfig; `undefined` where they sign in otherwise. @throws what to say when there is none. */
async function tokenOf(user: UserEntry | undefined): Promise<string | undefined> {
  if (user?.exec === undefined) return user?.token;
  const { command, args = [], env } = user.exec;
  const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const options = { env: { ...process.env, ...own }, timeout: TOKEN_TIMEOUT };
  try {
    const { stdout } = await promisify(execFile)(command, [...args], options);
    return (JSON.parse(stdout) as { status?: { token?: string } }).status?.token;
  } catch (error) {
    const { code, stderr = "" } = error as NodeJS.ErrnoException & { stderr?: string };
    const said = code === "ENOENT" ? "is not on PATH, install it" : (stderr.trim().split("\n").at(-1) ?? "");
    throw new Error(`${command} ${said}`.trim(), { cause: error });
  }
}
