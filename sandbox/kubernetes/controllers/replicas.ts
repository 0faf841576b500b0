import { createHash } from "node:crypto";
import type { ObjectMeta } from "../rest";
import { conditionsOf, isTrue } from "./conditions";
import type { Kind, Kinds, Live, PodTemplate } from "./kinds";
import { ownerReference, type ClusterState } from "./state";

export type Pod = Live<Kinds["Pod"]>;

/** A hash of a pod template, which tells a ReplicaSet of one rollout from that of the next. */
export function templateHash(template: PodTemplate): string {
  return createHash("sha256").update(JSON.stringify(template)).digest("hex").slice(0, 10);
}

/** Ready, and not on its way out. */
export function isReady(pod: Pod): boolean {
  return isTrue(conditionsOf(pod.status), "Ready") && pod.metadata.deletionTimestamp === undefined;
}

/** Neither finished nor on its way out. */
export function isActive(pod: Pod): boolean {
  return !["Succeeded", "Failed"].includes(pod.status?.phase ?? "") && pod.metadata.deletionTimestamp === undefined;
}

/** A pod of `template`, owned by `owner`. */
export function podFrom(
  template: PodTemplate,
  ownerKind: Kind,
  owner: { metadata: ObjectMeta },
  extra: { name?: string; labels?: Record<string, string>; spec?: Record<string, unknown> } = {},
): Record<string, unknown> & { metadata: Partial<ObjectMeta> } {
  return {
    metadata: {
      ...(extra.name === undefined ? { generateName: `${owner.metadata.name}-` } : { name: extra.name }),
      namespace: owner.metadata.namespace,
      labels: { ...template.metadata?.labels, ...extra.labels },
      annotations: template.metadata?.annotations,
      ownerReferences: [ownerReference(ownerKind, owner)],
    },
    spec: { ...template.spec, ...extra.spec },
  };
}

/**
 * Brings the number of an owner's pods to `wanted`: unready ones go first. Returns the API's refusal of a new pod
 * (Pod Security, a quota, a missing ServiceAccount), which the owner reports in its own status.
 */
export async function scalePods(
  state: ClusterState,
  ownerKind: Kind,
  owner: { metadata: ObjectMeta },
  template: PodTemplate,
  wanted: number,
): Promise<string | undefined> {
  const active = state.ownedBy("Pod", owner).filter(isActive);
  // One first: where the API refuses it, it would refuse the others as well.
  for (let made = active.length; made < wanted;) {
    const batch = made === active.length ? 1 : wanted - made;
    const created = await Promise.all(
      Array.from({ length: batch }, () => state.create("Pod", podFrom(template, ownerKind, owner))),
    );
    const refusal = created.find((each) => typeof each === "string");
    if (refusal !== undefined) return withoutRandomName(refusal, owner.metadata.name);
    made += batch;
  }
  const surplus = active
    .sort((a, b) => Number(isReady(a)) - Number(isReady(b)))
    .slice(0, Math.max(0, active.length - wanted));
  for (const pod of surplus) await state.remove("Pod", pod, { gracePeriodSeconds: 0 });
  return undefined;
}

/** Five random letters end a generated name; without them the same refusal reads the same each time. */
function withoutRandomName(message: string, ownerName: string): string {
  return message.replace(new RegExp(`"(${ownerName}-)[a-z0-9]{5}"`), '"$1"');
}

/** An absolute number or a percentage of `of`, as `maxSurge` and PDBs give it. */
export function intOrPercent(value: number | string | undefined, of: number, round: (n: number) => number): number {
  if (value === undefined) return 0;
  return typeof value === "number" ? value : round((Number.parseFloat(value) / 100) * of);
}
