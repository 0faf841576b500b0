import { setTimeout as sleep } from "node:timers/promises";
import { InitializationError } from "../provider/errors";
import type { Properties } from "../provider/types";
import { conditionsOf } from "./controllers/conditions";
import type { Connection } from "./connection";
import { annotation, idOf, toOutputs } from "./objects";
import { isAwaited, readinessOf, type Readiness } from "./readiness";
import { reconcile, reconcileSoon } from "./reconcile";
import { ApiError, type KubernetesObject } from "./rest";

/**
 * How long an unready object may wait after the last change to its cluster, in seconds. The sandbox's controllers act at
 * once, so only another resource of the same run (a Secret that is made later) can still help, and on a busy machine the
 * engine may take its time to ask for that one. Pulumi's own limit is ten minutes.
 */
function quietSeconds(): number {
  return Number(process.env["SELFHOSTED_SANDBOX_AWAIT_SECONDS"] ?? 20);
}

const POLL_MS = 150;

/** When a provider last wrote to each cluster, in milliseconds since the epoch. */
const lastWrite = new Map<string, number>();

/** Says that a provider writes to a cluster now: who waits for something in it waits on. */
export function noteWrite({ cluster, home }: Connection): void {
  lastWrite.set(`${home}\0${cluster}`, Date.now());
}

/** Whether nothing was written to a cluster for so long that nothing can be expected any more of what began at `started`. */
function isQuiet({ cluster, home }: Connection, started: number): boolean {
  const written = lastWrite.get(`${home}\0${cluster}`) ?? started;
  return Date.now() - Math.max(started, written) > quietSeconds() * 1000;
}

/**
 * Waits until the object that was applied is ready, and returns it as it then is.
 * @throws {InitializationError} when it fails or nothing changes any more; it carries the object, so that the engine
 *   records what exists.
 */
export async function awaitReady(
  connection: Connection,
  path: string,
  applied: KubernetesObject,
  inputs: Properties,
  verb: "created" | "updated",
): Promise<KubernetesObject> {
  const { client, cluster, home } = connection;
  const unawaited = !isAwaited(applied.kind) && annotation(inputs, "waitFor") === undefined;
  if (unawaited || annotation(inputs, "skipAwait") === "true") {
    reconcileSoon(cluster, home);
    return applied;
  }
  const started = Date.now();
  const limit = Number(annotation(inputs, "timeoutSeconds") ?? 600) * 1000;
  for (;;) {
    await reconcile(cluster, home);
    const object = await client.get<KubernetesObject>(path);
    const readiness = waitedFor(object, inputs) ?? (await readinessOf(client, object));
    if (readiness.state === "ready") return object;
    if (readiness.state === "failed" || isQuiet(connection, started) || Date.now() - started > limit) {
      throw notReady(object, inputs, readiness, verb);
    }
    await sleep(POLL_MS);
  }
}

/** Waits until the object is gone. */
export async function awaitGone(connection: Connection, path: string): Promise<void> {
  const { client, cluster, home } = connection;
  const started = Date.now();
  for (;;) {
    await reconcile(cluster, home);
    const object = await client.find<KubernetesObject>(path);
    if (!object) return;
    if (isQuiet(connection, started)) {
      const { finalizers = [] } = object.metadata;
      const held = finalizers.length > 0 ? `; it is held by ${finalizers.join(", ")}` : "";
      throw new ApiError(0, "Timeout", `timed out waiting for ${object.kind} ${idOf(object)} to be deleted${held}`);
    }
    await sleep(POLL_MS);
  }
}

function notReady(
  object: KubernetesObject,
  inputs: Properties,
  readiness: Exclude<Readiness, { state: "ready" }>,
  verb: string,
): InitializationError {
  const id = idOf(object);
  const why = readiness.state === "failed" ? "failed" : "timed out waiting to be Ready";
  const message =
    `resource ${id} was successfully ${verb}, but the Kubernetes API server reported that it failed to fully ` +
    `initialize or become live: '${object.metadata.name}' ${why}`;
  // The engine shows the reasons alone, so what happened is the first of them.
  const reasons = [message, ...readiness.reasons];
  return new InitializationError(message, { id, properties: toOutputs(object, inputs), inputs }, reasons);
}

/** The condition that the annotation `pulumi.com/waitFor: condition=Type[=Status]` asks for. */
function waitedFor(object: KubernetesObject, inputs: Properties): Readiness | undefined {
  const wish = annotation(inputs, "waitFor");
  const [, type = "", status = "True"] = /^condition=([^=]+)(?:=(.*))?$/.exec(wish ?? "") ?? [];
  if (!type) return undefined;
  const conditions = conditionsOf(object["status"] as { conditions?: unknown } | undefined);
  const met = conditions.some((condition) => condition.type === type && condition.status === status);
  return met ? { state: "ready" } : { state: "waiting", reasons: [`Waiting for condition ${type}=${status}`] };
}
