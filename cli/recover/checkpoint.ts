/** A resource as `pulumi stack export` writes it; what isn't named here is carried along untouched. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Already replaced, still to be deleted. */
  readonly delete?: boolean;
  /** Already deleted, its replacement still to be made. */
  readonly pendingReplacement?: boolean;
}

/** An operation that had begun, and of whose end the engine wrote nothing. */
export interface PendingOperation {
  readonly type: string;
  readonly resource: StateResource;
}

/** What `pulumi stack export` prints. */
export interface Checkpoint {
  readonly version: number;
  readonly deployment: {
    readonly resources?: readonly StateResource[];
    readonly pending_operations?: readonly PendingOperation[];
  };
}

/** `name` of `urn:pulumi:prod::selfhosted-05-database::aws:rds/cluster:Cluster::name`. */
export function logicalName(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

/** Creations whose outcome nobody knows: the object may be there, and the state doesn't say so. */
export function unfinishedCreates({ deployment }: Checkpoint): StateResource[] {
  return (deployment.pending_operations ?? [])
    .filter(({ type }) => type === "creating")
    .map(({ resource }) => resource);
}

/** Region of a resource that isn't in its stack's: a copy's bucket, key or vault. */
export function regionOf(inputs: StateResource["inputs"]): string | undefined {
  const region = inputs?.["region"];
  return typeof region === "string" ? region : undefined;
}

/**
 * The same state with nothing unfinished. What was being made is entered with its id, as `pulumi import` would: without
 * outputs but for another region to look in, for the next refresh reads them from the provider, or drops the entry when
 * there is no such object. What was
 * being changed or deleted is in the state already.
 * @param found Id by URN; a creation that isn't in it is forgotten.
 */
export function repaired(checkpoint: Checkpoint, found: ReadonlyMap<string, string>): Checkpoint {
  const adopted = unfinishedCreates(checkpoint).flatMap((resource) => {
    const id = found.get(resource.urn);
    const region = regionOf(resource.inputs);
    return id === undefined ? [] : [{ ...resource, id, outputs: region === undefined ? {} : { region } }];
  });
  const urns = new Set(adopted.map(({ urn }) => urn));
  const kept = (checkpoint.deployment.resources ?? []).flatMap((resource) => {
    if (!urns.has(resource.urn) || resource.delete) return [resource];
    // It was being replaced: the old one is gone already, or goes with the next `up`, as if the new one had been noted.
    return resource.pendingReplacement ? [] : [{ ...resource, delete: true }];
  });
  return {
    ...checkpoint,
    // Last, so that everything it depends on stands before it.
    deployment: { ...checkpoint.deployment, resources: [...kept, ...adopted], pending_operations: [] },
  };
}
