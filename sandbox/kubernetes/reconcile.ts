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
import { ClusterState } from "./controllers/state";
import { provideVolumes } from "./controllers/storage";
import { bindTargetGroups } from "./controllers/targetGroupBindings";
import { clusterDirectory, readCluster } from "./record";
import { ApiError } from "./rest";

/** More passes than any change needs; reaching it means that two controllers undo each other. */
const MAX_PASSES = 30;

/** Tells whether an ARN or name is a target group of the account; set by whoever has the AWS half's world. */
let knowsTargetGroup: (arnOrName: string) => boolean = () => true;

export function setTargetGroups(exists: (arnOrName: string) => boolean): void {
  knowsTargetGroup = exists;
}

export function targetGroupExists(arnOrName: string): boolean {
  return knowsTargetGroup(arnOrName);
}

interface Runs {
  current: Promise<void>;
  next?: Promise<void>;
}
const running = new Map<string, Runs>();

/**
 * Lets the cluster's controllers act until nothing is left to do. Callers that ask while they act share the one run
 * after it, which sees everything written before they asked.
 */
export function reconcile(name: string, home: string): Promise<void> {
  const key = clusterDirectory(home, name);
  const runs = running.get(key);
  if (!runs) {
    const started: Runs = { current: Promise.resolve() };
    running.set(key, started);
    started.current = settle(name, home).finally(() => {
      if (running.get(key) === started) running.delete(key);
    });
    return started.current;
  }
  runs.next ??= runs.current.catch(() => undefined).then(() => reconcile(name, home));
  return runs.next;
}

/** The same, for callers who needn't wait for it. */
export function reconcileSoon(name: string, home: string): void {
  reconcile(name, home).catch((error: unknown) => {
    // The cluster was deleted in the meantime; anything else shows at the next operation that waits.
    if (readCluster(home, name)) process.stderr.write(`controllers of ${name}: ${String(error)}\n`);
  });
}

async function settle(name: string, home: string): Promise<void> {
  const client = await connect(name, home, "controller");
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const state = await ClusterState.load(client);
    const addons = readCluster(home, name)?.addons ?? {};
    try {
      await runControllers(state, new PodFaults(home), addons);
    } catch (error) {
      // Somebody else wrote or deleted the object in between: the next pass sees it as it is now.
      if (!(error instanceof ApiError && [404, 409].includes(error.code))) throw error;
      continue;
    }
    if (state.writes === 0) return;
  }
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
