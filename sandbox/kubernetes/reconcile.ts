import { connect } from "./clusters";
import { runAddons } from "./controllers/addons";
import { PodFaults } from "./controllers/faults";
import { collectGarbage } from "./controllers/garbage";
import { fillReplicaSets, reportDeployments, rollOutDeployments } from "./controllers/deployments";
import { reportJobs, runJobs } from "./controllers/jobs";
import { runPods } from "./controllers/kubelet";
import { finalizeNamespaces, furnishNamespaces } from "./controllers/namespaces";
import { reportPolicies } from "./controllers/policies";
import { schedulePods } from "./controllers/scheduling";
import { connectServices } from "./controllers/services";
import { reportSets, runDaemonSets, runStatefulSets } from "./controllers/sets";
import { ClusterState, watchedPaths } from "./controllers/state";
import { provideVolumes } from "./controllers/storage";
import { bindTargetGroups } from "./controllers/targetGroupBindings";
import { growNodes } from "./machines";
import { clusterDirectory, readCluster } from "./record";
import { ApiError, UnreachableError, type RestClient } from "./rest";

/** More passes than any change needs; reaching it means that two controllers undo each other. */
const MAX_PASSES = 30;

/** How long events of one change may trickle in, in milliseconds. */
const SETTLED_MS = 100;

/** Tells whether an ARN or name is a target group of the account; set by whoever has the AWS half's world. */
let knowsTargetGroup: (arnOrName: string) => boolean = () => true;

/** Sets who answers {@link targetGroupExists}: whoever has the AWS half's world. */
export function setTargetGroups(exists: (arnOrName: string) => boolean): void {
  knowsTargetGroup = exists;
}

/** Whether an ARN or name is a target group of the account; yes where nobody knows. */
export function targetGroupExists(arnOrName: string): boolean {
  return knowsTargetGroup(arnOrName);
}

/** What is known of one cluster's controllers while they act. */
interface Runs {
  current?: Promise<void>;
  next?: Promise<void>;
  /** When they last looked at the cluster, in milliseconds since the epoch. */
  looked: number;
  watched?: RestClient;
}
const clusters = new Map<string, Runs>();

function runsOf(name: string, home: string): Runs {
  const key = clusterDirectory(home, name);
  const runs = clusters.get(key) ?? { looked: 0 };
  clusters.set(key, runs);
  return runs;
}

/**
 * Lets the cluster's controllers act until nothing is left to do. Callers that ask while they act share the one run
 * after it, which sees everything written before they asked.
 */
export function reconcile(name: string, home: string): Promise<void> {
  const runs = runsOf(name, home);
  if (runs.current) {
    runs.next ??= runs.current
      .catch(() => undefined)
      .then(() => {
        runs.next = undefined;
        return reconcile(name, home);
      });
    return runs.next;
  }
  runs.current = settle(name, home, runs).finally(() => {
    runs.current = undefined;
  });
  return runs.current;
}

/** The same, for callers who needn't wait for it. */
export function reconcileSoon(name: string, home: string): void {
  reconcile(name, home).catch((error: unknown) => {
    // The cluster was stopped or deleted in the meantime; anything else shows at the next operation that waits.
    if (!(error instanceof UnreachableError) && readCluster(home, name)) {
      process.stderr.write(`controllers of ${name}: ${String(error)}\n`);
    }
  });
}

async function settle(name: string, home: string, runs: Runs): Promise<void> {
  const client = await connect(name, home, "controller");
  watch(client, name, home, runs);
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    runs.looked = Date.now();
    const state = await ClusterState.load(client);
    const addons = readCluster(home, name)?.addons ?? {};
    try {
      await runControllers(state, new PodFaults(home), addons);
    } catch (error) {
      // Somebody else wrote or deleted the object in between: the next pass sees it as it is now.
      if (!(error instanceof ApiError && [404, 409].includes(error.code))) throw error;
      continue;
    }
    if (state.writes === 0 && !(await growNodes(name, home, state))) return;
  }
}

/** Lets the controllers answer to what people do by hand, with kubectl, from now on. */
function watch(client: RestClient, name: string, home: string, runs: Runs): void {
  if (runs.watched === client) return;
  runs.watched = client;
  let ended = false;
  const onEvent = (): void => {
    const changed = Date.now();
    // What the controllers did themselves, they have looked at since.
    setTimeout(() => {
      if (!ended && runs.watched === client && !runs.current && runs.looked < changed) reconcileSoon(name, home);
    }, SETTLED_MS).unref();
  };
  const onEnd = (): void => {
    ended = true;
    if (runs.watched === client) runs.watched = undefined;
  };
  for (const path of watchedPaths) client.watch(path, onEvent, onEnd);
}

/** One pass, from wishes down to pods, then from pods back up to what is reported of them. */
async function runControllers(
  state: ClusterState,
  faults: PodFaults,
  addons: Readonly<Record<string, string>>,
): Promise<void> {
  await furnishNamespaces(state);
  await finalizeNamespaces(state);
  await collectGarbage(state);
  await runAddons(state, addons);
  await rollOutDeployments(state);
  await fillReplicaSets(state);
  await runStatefulSets(state);
  await runDaemonSets(state);
  await runJobs(state);
  await provideVolumes(state, addons);
  await schedulePods(state);
  await runPods(state, faults);
  await reportDeployments(state);
  await reportSets(state);
  await reportJobs(state);
  await connectServices(state);
  await bindTargetGroups(state, targetGroupExists);
  await reportPolicies(state);
}
