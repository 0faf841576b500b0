import { AwsError } from "./errors";
import type { CreateContext, Reference, ResourceRecord } from "./record";
import { UNKNOWN, type Properties, type Value } from "../provider/types";
import type { World, WorldObject } from "../world";

/** Services whose objects belong to no Region, or whose names are unique in all of them. */
const GLOBAL = /^aws:(?:iam|route53|cloudfront|globalaccelerator|organizations|s3|s3control)\//;

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
  { world, inputs, region }: CreateContext,
  table: ReadonlyMap<string, ResourceRecord>,
): string[] {
  return (record.references ?? []).flatMap((reference) =>
    valuesAt(reference.path, inputs)
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
