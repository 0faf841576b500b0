import type { Container } from "./kinds";
import { createHash } from "node:crypto";
import { conditionsOf, now, withCondition } from "./conditions";
import type { PodFault, PodFaults } from "./faults";
import { configurationProblem, pullProblem, volumeProblem, type Waiting } from "./podReferences";
import type { Pod } from "./replicas";
import { controllerOf, type ClusterState } from "./state";

/** A repository is lower-case, a tag or digest follows (distribution/reference grammar). */
const IMAGE = /^(?:[\w.-]+(?::\d+)?\/)?[a-z0-9._/-]+(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

/** Runs the pods that are placed on nodes: at once, where nothing stands in their way (the kubelet). */
export async function runPods(state: ClusterState, faults: PodFaults): Promise<void> {
  await Promise.all(
    state.list("Pod").map(async (pod) => {
      if (pod.metadata.deletionTimestamp) {
        await state.remove("Pod", pod, { gracePeriodSeconds: 0 });
      } else if (pod.spec.nodeName && !["Succeeded", "Failed"].includes(pod.status?.phase ?? "")) {
        await runPod(state, faults, pod);
      }
    }),
  );
}

async function runPod(state: ClusterState, faults: PodFaults, pod: Pod): Promise<void> {
  const node = state.get("Node", undefined, pod.spec.nodeName ?? "");
  if (!node) {
    // Its node is gone; the pod garbage collector removes such pods.
    await state.remove("Pod", pod, { gracePeriodSeconds: 0 });
    return;
  }
  const owner = controllerOf(pod.metadata);
  const isJob = owner?.kind === "Job";
  const jobFault = isJob ? faults.ofJob(pod.metadata.namespace, owner.name) : undefined;
  const volume = volumeProblem(state, pod);
  const outcomes = pod.spec.containers.map((container) => ({
    container,
    problem: volume ?? problemOf(state, faults, pod, container),
  }));
  const initProblem = (pod.spec.initContainers ?? [])
    .map((container) => ({ container, problem: volume ?? problemOf(state, faults, pod, container) }))
    .find(({ problem }) => problem !== undefined);
  const waiting = initProblem !== undefined || outcomes.some(({ problem }) => problem !== undefined);
  const finishes = isJob && !waiting;
  const failure = finishes ? (jobFault ?? faults.ofRun(pod.spec.containers[0] ?? { name: "" })) : undefined;
  const phase = waiting ? "Pending" : finishes ? (failure ? "Failed" : "Succeeded") : "Running";
  const hostIP = node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "10.0.0.1";
  const podIP = pod.status?.podIP ?? (waiting ? undefined : addressOf(pod));
  const startTime = pod.status?.startTime ?? now();
  const readyReason = waiting ? "ContainersNotReady" : finishes ? "PodCompleted" : undefined;
  let conditions = conditionsOf(pod.status);
  for (const type of ["PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"]) {
    const isTrue = type === "Initialized" ? initProblem === undefined : phase === "Running";
    const reason = isTrue || type === "PodReadyToStartContainers" ? {} : { reason: readyReason };
    conditions = withCondition(conditions, { type, status: isTrue ? "True" : "False", ...reason });
  }
  await state.writeStatus("Pod", pod, {
    phase,
    conditions,
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] }),
    startTime,
    initContainerStatuses: (pod.spec.initContainers ?? []).map((container) =>
      statusOf(
        pod,
        container,
        initProblem?.container === container ? initProblem.problem : undefined,
        // An init container that restarts always is a sidecar: it goes on.
        !waiting && container.restartPolicy !== "Always",
        undefined,
      ),
    ),
    containerStatuses: outcomes.map(({ container, problem }) =>
      statusOf(pod, container, problem ?? (initProblem ? POD_INITIALIZING : undefined), finishes, failure),
    ),
  });
}

const POD_INITIALIZING: Waiting = { reason: "PodInitializing", message: "" };

function problemOf(state: ClusterState, faults: PodFaults, pod: Pod, container: Container): Waiting | undefined {
  const image = container.image ?? "";
  if (!IMAGE.test(image)) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
    return { reason: "InvalidImageName", message };
  }
  const fault = faults.ofImage(image);
  if (fault)
    return { reason: fault.reason ?? "ErrImagePull", message: fault.message ?? messageOf(fault, container, pod) };
  return pullProblem(state, pod, image) ?? configurationProblem(state, pod, container);
}

function messageOf(fault: PodFault, container: Container, pod: Pod): string {
  return fault.reason === "CrashLoopBackOff"
    ? `back-off 10s restarting failed container=${container.name} pod=${pod.metadata.name}_${pod.metadata.namespace ?? ""}`
    : `Back-off pulling image "${container.image ?? ""}"`;
}

function statusOf(
  pod: Pod,
  container: Container,
  problem: Waiting | undefined,
  finished: boolean,
  failure: PodFault | undefined,
): Record<string, unknown> {
  const before = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(
    ({ name }) => name === container.name,
  );
  const running = before?.state?.running;
  const startedAt: unknown = running?.startedAt ?? now();
  const exitCode = failure ? (failure.exitCode ?? 1) : 0;
  const reason = failure ? "Error" : "Completed";
  const message = failure?.message === undefined ? {} : { message: failure.message };
  const done = { exitCode, reason, ...message, startedAt, finishedAt: now() };
  const state = problem
    ? { waiting: { reason: problem.reason, ...(problem.message ? { message: problem.message } : {}) } }
    : finished
      ? { terminated: before?.state?.terminated ?? done }
      : { running: { startedAt } };
  const up = problem === undefined && !finished;
  const digest = createHash("sha256")
    .update(container.image ?? "")
    .digest("hex");
  return {
    name: container.name,
    image: container.image,
    imageID: problem ? "" : `${container.image ?? ""}@sha256:${digest}`,
    ready: up || (finished && !problem && isInit(pod, container)),
    started: up,
    restartCount: problem?.reason === "CrashLoopBackOff" ? 1 : 0,
    state,
    lastState: {},
  };
}

function isInit(pod: Pod, container: Container): boolean {
  return (pod.spec.initContainers ?? []).includes(container);
}

/** An address in 10.0.0.0/8 that stays the pod's own. */
function addressOf(pod: Pod): string {
  const bytes = createHash("sha256")
    .update(pod.metadata.uid ?? "")
    .digest();
  return `10.${[0, 1, 2].map((index) => 1 + ((bytes[index] ?? 0) % 254)).join(".")}`;
}
