import { setTimeout as sleep } from "node:timers/promises";
import { Network } from "../../../cli/verify/network";
import { get } from "../../../cli/verify/web";
import type { Sandbox } from "./sandbox";

/** Milliseconds between two questions. */
const PAUSE = 300;

/** What users of an address got while something was done. */
export interface Watched<T> {
  readonly done: T;
  /** How often it answered 200. */
  readonly answers: number;
  /** Other answers, given twice in a row: a single one may come of looking at the clusters one after the other. */
  readonly outages: readonly string[];
}

/** Asks for a page all the while; no answer in time is a slow machine's, and counts for nothing. */
export async function watched<T>({ env }: Sandbox, url: string, work: () => Promise<T>): Promise<Watched<T>> {
  const connectTo = (env["SELFHOSTED_VERIFY_CONNECT_TO"] ?? "").split(" ");
  const network = new Network({ dnsServer: env["SELFHOSTED_VERIFY_DNS_SERVER"], connectTo });
  const ask = () => get(network, new URL(url)).then(({ status }) => String(status), reasonFor);
  const got: string[] = [];
  const working = { still: true };
  const done = work().finally(() => (working.still = false));
  while (working.still) {
    const answer = await ask();
    if (answer !== "") got.push(answer);
    await sleep(PAUSE);
  }
  return {
    done: await done,
    answers: got.filter((answer) => answer === "200").length,
    outages: got.filter((answer, index) => answer !== "200" && got[index + 1] !== "200" && index + 1 < got.length),
  };
}

function reasonFor(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? "";
}
