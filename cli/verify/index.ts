import { certificateCheck, tlsCheck } from "./certificates";
import { clusterChecks, readWorkloads } from "./cluster";
import type { Facts } from "./facts";
import { readGiven } from "./files";
import { dnsCheck } from "./names";
import { Network } from "./network";
import { carryOut, Skipped, type Check, type Outcome } from "./outcome";
import { readTaskServices, taskChecks } from "./tasks";
import { apiCheck, consoleCheck, redirectCheck } from "./pages";

export type { Outcome } from "./outcome";

/** How the service is looked at. */
export interface VerifyOptions {
  readonly dnsServer?: string | undefined;
  readonly connectTo: readonly string[];
  /** Path of a PEM file with authorities that are trusted besides the well-known ones. */
  readonly ca?: string | undefined;
  readonly minimumDays: number;
  /** Whether the cluster is asked for versions and migrations. */
  readonly cluster: boolean;
}

/** What stands for the cluster in tests. */
interface Surroundings {
  readonly readWorkloads: typeof readWorkloads;
  readonly readTaskServices: typeof readTaskServices;
}

/**
 * Looks at the service from outside, as its users do, and at its cluster. Every check is carried out, each but those that
 * an earlier one makes pointless; outcomes come in a fixed order, each as soon as it is there.
 * @throws Error for options that can't be read.
 */
export async function* verify(
  facts: Facts,
  options: VerifyOptions,
  surroundings: Surroundings = { readWorkloads, readTaskServices },
): AsyncGenerator<Outcome> {
  const network = new Network(options);
  const ca = options.ca === undefined ? undefined : [readGiven("--ca", options.ca)];
  const hosts = [facts.apiDomain, facts.consoleDomain];
  const named = new Map(hosts.map((host) => [host, carryOut(dnsCheck(facts, network, host))]));
  const web = hosts.flatMap((host) =>
    [
      certificateCheck(facts, network, host, { ca, minimumDays: options.minimumDays }),
      tlsCheck(facts, network, host),
      redirectCheck(facts, network, host),
      host === facts.apiDomain ? apiCheck(facts, network) : consoleCheck(facts, network),
    ].map((check) => carryOut(once(named.get(host), check))),
  );
  const checks =
    facts.platform === "fargate"
      ? taskChecks(facts, surroundings.readTaskServices)
      : clusterChecks(facts, surroundings.readWorkloads);
  const cluster = options.cluster ? checks.map((check) => carryOut(check)) : [];
  for (const outcome of [...named.values(), ...web, ...cluster]) yield await outcome;
}

/** A check that makes sense only once another one didn't fail. */
function once(first: Promise<Outcome> | undefined, check: Check): Check {
  return {
    name: check.name,
    look: async () => {
      const before = await first;
      if (before?.status === "failed") throw new Skipped(`not tried, because of "${before.name}"`);
      return check.look();
    },
  };
}
