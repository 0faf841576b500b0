import { shared } from "@selfhosted/common";
import { reason } from "../reason";
import type { Facts } from "./facts";
import type { Network } from "./network";
import { Failure, type Check } from "./outcome";
import { bringBack, lookAtLogs, lookAtPods, reach } from "./remedies";
import { get, type Answer } from "./web";

/** Redirects that a browser would follow to the console's page of sign-in; more are a loop. */
const MOST_REDIRECTS = 5;

/** Whether HTTP is sent on to HTTPS under the same name. */
export function redirectCheck(facts: Facts, network: Network, host: string): Check {
  const url = new URL(`http://${host}/`);
  return {
    name: `redirect ${host}`,
    look: async () => {
      const { status, headers } = await ask(network, url, reach(facts, 80));
      const target = headers.location === undefined ? undefined : new URL(headers.location, url);
      if (status < 301 || status > 308 || target?.protocol !== "https:" || target.hostname !== host) {
        throw new Failure(
          `${url.href} answers ${status}${target ? ` to ${target.href}` : ", and no redirect"}`,
          `the listener on port 80 must redirect to HTTPS: ${bringBack(facts)}`,
        );
      }
      return `${status} to ${target.href}`;
    },
  };
}

/** Whether the API says that it is up. */
export function apiCheck(facts: Facts, network: Network): Check {
  const url = new URL(shared.healthPaths.api, `https://${facts.apiDomain}`);
  return {
    name: `API ${url.href}`,
    look: async () => {
      const answer = await ask(network, url, reach(facts, 443));
      if (answer.status !== 200) throw refusal(facts, url, answer, "api");
      return "200";
    },
  };
}

/** Whether the console's first page is served. */
export function consoleCheck(facts: Facts, network: Network): Check {
  const start = new URL(shared.healthPaths.console, `https://${facts.consoleDomain}`);
  return {
    name: `console ${start.href}`,
    look: async () => {
      let url = start;
      for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
        const answer = await ask(network, url, reach(facts, 443));
        const { location } = answer.headers;
        if (answer.status >= 300 && answer.status < 400 && location !== undefined) {
          url = new URL(location, url);
          if (url.hostname !== start.hostname) return `${answer.status} to ${url.href}`;
          continue;
        }
        if (answer.status !== 200) throw refusal(facts, url, answer, "console");
        const type = answer.headers["content-type"] ?? "no content type";
        if (!type.startsWith("text/html")) {
          throw new Failure(`${url.href} answers with ${type}, not with a page`, lookAtLogs(facts, "console"));
        }
        return `200, ${type}`;
      }
      throw new Failure(`${start.href} redirects in a circle`, lookAtLogs(facts, "console"));
    },
  };
}

/** A page, or what kept it from being answered. */
async function ask(network: Network, url: URL, remedy: string): Promise<Answer> {
  try {
    return await get(network, url);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${url.href}: ${reason(error)}`, remedy);
  }
}

/** What a wrong status means, from a load balancer: what each means is on AWS's page "Troubleshoot your Application Load Balancers". */
function refusal(facts: Facts, url: URL, { status, body }: Answer, component: "api" | "console"): Failure {
  const said = `${url.href} answers ${status}`;
  if (status === 503)
    return new Failure(`${said}: the load balancer has no healthy target`, lookAtPods(facts, component));
  if (status === 502 || status === 504) {
    return new Failure(
      `${said}: a target ${status === 502 ? "ends the connection" : "answers too late"}`,
      lookAtLogs(facts, component),
    );
  }
  if (status === 404 && body.includes("No such host")) {
    return new Failure(`${said}: the load balancer doesn't know the name`, bringBack(facts));
  }
  const first = body.trim().split("\n")[0]?.slice(0, 120) ?? "";
  return new Failure(first === "" ? said : `${said}: ${first}`, lookAtLogs(facts, component));
}
