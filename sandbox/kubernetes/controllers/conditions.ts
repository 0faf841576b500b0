/** A condition as Kubernetes' statuses carry it. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** `conditions` with `next` in it; the time of the last transition changes only when the status does. */
export function withCondition(conditions: readonly Condition[] | undefined, next: Condition): Condition[] {
  const before = conditions?.find((condition) => condition.type === next.type);
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : now();
  const changed = { ...next, lastTransitionTime: lastTransitionTime ?? now() };
  return before
    ? (conditions ?? []).map((condition) =>
        condition.type === next.type ? { ...withoutUndefined(condition), ...changed } : condition,
      )
    : [...(conditions ?? []), changed];
}

/** Whether a condition of this type is there and holds. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.find((condition) => condition.type === type)?.status === "True";
}

/** The present, to the second, as the API writes times. */
export function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

/** The client's types carry times as dates; on the wire, and here, they are text. */
export function conditionsOf(status: { conditions?: unknown } | undefined): Condition[] {
  return (status?.conditions ?? []) as Condition[];
}

function withoutUndefined(condition: Condition): Condition {
  return Object.fromEntries(
    Object.entries(condition).filter(([, value]) => value !== undefined),
  ) as unknown as Condition;
}
