import { conditionsOf, isTrue, now, withCondition } from "./conditions";
import { podFrom } from "./replicas";
import type { Kinds, Live } from "./kinds";
import type { ClusterState } from "./state";

type Job = Live<Kinds["Job"]>;

/** Pods of every Job, until enough succeeded or too many failed (the job controller). */
export async function runJobs(state: ClusterState): Promise<void> {
  for (const job of state.list("Job")) {
    if (job.metadata.deletionTimestamp || job.spec.suspend || isFinished(job)) continue;
    const pods = state.ownedBy("Pod", job);
    const failed = pods.filter(({ status }) => status?.phase === "Failed").length;
    if (failed > (job.spec.backoffLimit ?? 6)) continue;
    const open = pods.length - failed;
    const wanted = Math.min(job.spec.completions ?? 1, open + (job.spec.parallelism ?? 1));
    const active = pods.filter(({ status }) => !["Failed", "Succeeded"].includes(status?.phase ?? ""));
    const room = Math.max(0, (job.spec.parallelism ?? 1) - active.length);
    for (let count = 0; count < Math.min(wanted - open, room); count++) {
      const created = await state.create("Pod", podFrom(job.spec.template, "Job", job));
      if (typeof created === "string") {
        refusals.set(job.metadata.uid ?? "", created);
        break;
      }
      refusals.delete(job.metadata.uid ?? "");
    }
  }
}

/** Jobs whose pods the API refuses, by uid: a Job's status has no field for it (the real controller sends an event). */
const refusals = new Map<string, string>();

/** Why the API refuses a Job's pods, where it does. */
export function jobRefusal(uid: string): string | undefined {
  return refusals.get(uid);
}

/** Counts, and the end of each Job, written to `status`. */
export async function reportJobs(state: ClusterState): Promise<void> {
  for (const job of state.list("Job")) {
    if (isFinished(job)) {
      await removeWhenOld(state, job);
      continue;
    }
    const pods = state.ownedBy("Pod", job);
    const inPhase = (...phases: string[]): number =>
      pods.filter(({ status }) => phases.includes(status?.phase ?? "Pending")).length;
    const [succeeded, failed] = [inPhase("Succeeded"), inPhase("Failed")];
    const active = inPhase("Pending", "Running");
    const startTime: unknown = job.status?.startTime ?? now();
    const counts = {
      active,
      succeeded,
      failed,
      ready: inPhase("Running"),
      startTime,
      uncountedTerminatedPods: {},
      terminating: 0,
    };
    const conditions = conditionsOf(job.status);
    if (succeeded >= (job.spec.completions ?? 1)) {
      const why = { reason: "CompletionsReached", message: "Reached expected number of succeeded pods" };
      const met = withCondition(conditions, { type: "SuccessCriteriaMet", status: "True", ...why });
      await state.writeStatus("Job", job, {
        ...counts,
        active: 0,
        ready: 0,
        completionTime: now(),
        conditions: withCondition(met, { type: "Complete", status: "True", ...why }),
      });
    } else if (failed > (job.spec.backoffLimit ?? 6)) {
      for (const pod of pods.filter(({ status }) => ["Pending", "Running"].includes(status?.phase ?? ""))) {
        await state.remove("Pod", pod, { gracePeriodSeconds: 0 });
      }
      const why = { reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" };
      const target = withCondition(conditions, { type: "FailureTarget", status: "True", ...why });
      await state.writeStatus("Job", job, {
        ...counts,
        active: 0,
        ready: 0,
        conditions: withCondition(target, { type: "Failed", status: "True", ...why }),
      });
    } else if (!job.spec.suspend) {
      await state.writeStatus("Job", job, counts);
    }
  }
}

function isFinished(job: Job): boolean {
  const conditions = conditionsOf(job.status);
  return isTrue(conditions, "Complete") || isTrue(conditions, "Failed");
}

/** `ttlSecondsAfterFinished`, counted from the last condition. */
async function removeWhenOld(state: ClusterState, job: Job): Promise<void> {
  const ttl = job.spec.ttlSecondsAfterFinished;
  const ended = conditionsOf(job.status).at(-1)?.lastTransitionTime;
  if (ttl === undefined || ended === undefined || Date.now() < Date.parse(ended) + ttl * 1000) return;
  if (!job.metadata.deletionTimestamp) await state.remove("Job", job, { propagationPolicy: "Foreground" });
}
