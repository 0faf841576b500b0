import { setTimeout as sleep } from "node:timers/promises";
import { AwsError } from "./errors";
import type { CreateContext, Reference, ResourceRecord } from "./record";
import { UNKNOWN, type Properties, type Value } from "../provider/types";
import type { World, WorldObject } from "../world";

/** Services whose objects belong to no Region, or whose names are unique in all of them. */
const GLOBAL = /^aws:(?:iam|route53|cloudfront|globalaccelerator|organizations|s3|s3control)\//;

/** `vpc-0a1b2c3d4e5f60718`, `Z0123456789ABCDEFGHIJ`, a UUID: known only once the object is there. */
const CHOSEN_BY_AWS = /^(?:[a-z]+-[0-9a-f]{8,17}|Z[0-9A-Z]{12,20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Whether objects of a type are found from every Region. */
export function isGlobal(type: string): boolean {
  return GLOBAL.test(type);
}

/** The values at a path such as `vpcConfig.subnetIds[]`; what isn't there, or isn't known yet, is left out. */
export function valuesAt(path: string, properties: Properties): string[] {
  let values: Value[] = [properties];
  for (const step of path.split(".")) {
    const name = step.replace(/\[\]$/, "");
    values = values.flatMap((value) => {
      const member = typeof value === "object" && value !== null && !Array.isArray(value) ? value[name] : undefined;
      if (member === undefined) return [];
      return step.endsWith("[]") ? (Array.isArray(member) ? member : []) : [member];
    });
  }
  return values.filter((value) => typeof value === "string" && value !== "" && value !== UNKNOWN) as string[];
}

/** AWS's message for each input that names an object which doesn't exist in this account and Region. */
export function missingReferences(
  record: ResourceRecord,
  { world, inputs, region, preview }: CreateContext & { readonly preview?: boolean },
  table: ReadonlyMap<string, ResourceRecord>,
): string[] {
  return (record.references ?? []).flatMap((reference) =>
    valuesAt(reference.path, inputs)
      // A preview knows the names of what is still to be made, but no id that AWS chooses: such an id exists already.
      .filter((value) => !preview || CHOSEN_BY_AWS.test(value))
      .filter((value) => !targetsOf(reference).some((type) => exists(world, type, reference, value, region)))
      .map((value) => {
        const [type = ""] = targetsOf(reference);
        const code = table.get(type)?.errors?.notFound ?? "ResourceNotFoundException";
        const noun = type.split(":").at(-1) ?? type;
        return new AwsError(
          code,
          `the ${noun} '${value}' (${reference.path}) does not exist in ${isGlobal(type) ? "this account" : region}: ` +
            "check the id and the Region, or make it first",
        ).message;
      }),
  );
}

/** The objects that name this one in a way that forbids deleting it. */
export function dependents(
  world: World,
  table: ReadonlyMap<string, ResourceRecord>,
  object: WorldObject,
): WorldObject[] {
  return [...table.values()].flatMap((record) =>
    (record.references ?? [])
      .filter((reference) => !reference.weak && targetsOf(reference).includes(object.type))
      .flatMap((reference) =>
        world
          .list(record.type)
          .filter((other) => other !== object && other.ownedBy !== object.id)
          .filter((other) => valuesAt(reference.path, other.properties).includes(keyOf(object, reference))),
      ),
  );
}

/** Long enough for every other deletion of the same run, which take milliseconds here. */
const PATIENCE = 3000;
const POLL = 100;

/**
 * Those that still name the object after a while: as the real provider, which tries again for minutes, this leaves time
 * for others that are being deleted too.
 * @param patience Milliseconds.
 */
export async function dependentsOnceSettled(
  world: World,
  table: ReadonlyMap<string, ResourceRecord>,
  object: WorldObject,
  patience = PATIENCE,
): Promise<WorldObject[]> {
  const end = Date.now() + patience;
  let users = dependents(world, table, object);
  while (users.length > 0 && Date.now() < end) {
    await sleep(POLL);
    users = dependents(world, table, object);
  }
  return users;
}

function targetsOf({ to }: Reference): readonly string[] {
  return typeof to === "string" ? [to] : to;
}

function keyOf(object: WorldObject, { by }: Reference): string {
  const value = by === undefined ? object.id : object.properties[by];
  return typeof value === "string" ? value : object.id;
}

function exists(world: World, type: string, reference: Reference, value: string, region: string): boolean {
  const object =
    reference.by === undefined ? world.get(type, value) : world.find(type, (one) => keyOf(one, reference) === value);
  // An ARN names its Region itself; an id is looked for where the provider is configured.
  return object !== undefined && (isGlobal(type) || value.startsWith("arn:") || object.region === region);
}
