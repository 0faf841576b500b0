import { AwsError } from "./errors";
import type { CreateContext, ResourceRecord } from "./record";
import type { Identity, Properties } from "../provider/types";
import type { InputTypings } from "../provider/typings";
import type { WorldObject } from "../world";

/** What is known of an object before AWS has made it: its inputs over AWS's defaults. */
export function knownProperties(record: ResourceRecord, typing: InputTypings, inputs: Properties): Properties {
  const own = Object.fromEntries(Object.entries(inputs).filter(([name]) => !name.startsWith("__")));
  return { ...record.defaults, ...own, ...("tags" in typing ? { tagsAll: own["tags"] ?? {} } : {}) };
}

/** A whole object: what is kept of it, AWS's defaults, the inputs, and over them what AWS computes. */
export function composed(
  record: ResourceRecord,
  typing: InputTypings,
  context: CreateContext & { id: string; previous?: Properties },
  kept: Properties,
): Properties {
  return { ...kept, ...knownProperties(record, typing, context.inputs), ...record.outputs?.(context) };
}

/** Whether a change of this input means that AWS makes the object anew. */
export function forcesNew(record: ResourceRecord, typing: InputTypings, property: string): boolean {
  if (record.updatable?.includes(property)) return false;
  return (
    (record.replaceOn?.includes(property) ?? false) ||
    (typing[property]?.forcesNew ?? false) ||
    property === record.autoname?.property ||
    property === "region"
  );
}

/** The error when the object of a living resource is gone. */
export function notFound(record: ResourceRecord, resource: Identity, id: string): AwsError {
  return new AwsError(
    record.errors?.notFound ?? "ResourceNotFoundException",
    `${resource.type} '${id}' does not exist any more: run \`pulumi refresh\`, then \`pulumi up\` makes it again`,
  );
}

/** The error when others still need what is to be deleted. */
export function inUse(record: ResourceRecord, object: WorldObject, users: WorldObject[]): AwsError {
  const names = [...new Set(users.map((user) => `${user.type.split(":").at(-1) ?? ""} ${user.id} (${user.name})`))];
  return new AwsError(
    record.errors?.inUse ?? "DependencyViolation",
    `${object.id} has dependent objects and cannot be deleted: delete ${names.join(", ")} first`,
  );
}

/** The properties of these names, where there are any. */
export function pick(properties: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)));
}
