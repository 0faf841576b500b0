import { UNKNOWN, type Identity, type Properties, type Value } from "../provider/types";
import type { KubernetesObject } from "./rest";

/** Which Kubernetes type a Pulumi resource is. */
export interface KindOf {
  readonly apiVersion: string;
  readonly kind: string;
  /** A `…Patch` resource: it changes fields of an object that somebody else made. */
  readonly isPatch: boolean;
}

/** Reads a type token: `kubernetes:apps/v1:Deployment`, `kubernetes:core/v1:ServicePatch`. */
export function kindOf({ type }: Identity, inputs?: Properties): KindOf {
  const [, groupVersion = "", name = ""] = type.split(":");
  const isPatch = name.endsWith("Patch") && inputs?.["kind"] !== name;
  const kind = isPatch ? name.slice(0, -"Patch".length) : name;
  const given = inputs?.["apiVersion"];
  const apiVersion = typeof given === "string" && given !== UNKNOWN ? given : groupVersion.replace(/^core\//, "");
  return { apiVersion, kind, isPatch };
}

/** An object's metadata, as far as programs set it. */
export interface Metadata {
  name?: string;
  generateName?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** The metadata in an object's inputs; empty when absent or not known yet. */
export function metadataOf(inputs: Properties): Metadata {
  const { metadata } = inputs;
  return typeof metadata === "object" && metadata !== null && !Array.isArray(metadata) ? metadata : {};
}

/** A value as text, for names and messages. */
export function text(value: Value | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}

/** A copy without these fields. */
export function without<T extends object>(object: T, ...fields: string[]): T {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field))) as T;
}

/** Value of a `pulumi.com/…` annotation. */
export function annotation(inputs: Properties, name: string): string | undefined {
  return metadataOf(inputs).annotations?.[`pulumi.com/${name}`];
}

/** Pulumi's id of an object, `namespace/name`, or the name alone where it has no namespace. */
export function idOf({ metadata }: KubernetesObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** True when anything inside isn't known yet. */
export function hasUnknown(value: Value | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnknown);
}

/** The object to send: inputs without what is Pulumi's own. */
export function toObject(inputs: Properties, { apiVersion, kind }: KindOf): KubernetesObject {
  return { ...inputs, apiVersion, kind, metadata: metadataOf(inputs) } as unknown as KubernetesObject;
}

/**
 * What a Pulumi program sees of a live object. Left out is what changes without anybody's doing (`managedFields`,
 * `resourceVersion`); kept is what only the inputs have (a Secret's `stringData`).
 */
export function toOutputs(live: KubernetesObject, inputs: Properties = {}): Properties {
  const stringData = inputs["stringData"];
  return {
    ...(live as unknown as Properties),
    ...(stringData === undefined ? {} : { stringData }),
    metadata: without(live.metadata, "managedFields", "resourceVersion") as unknown as Value,
  };
}
