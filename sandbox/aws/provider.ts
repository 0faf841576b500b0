import { placeOf, type Accounts } from "./accounts";
import { checkName, wasDefaulted, withAutoname } from "./autoname";
import { readConfiguration } from "./configuration";
import { AwsError } from "./errors";
import { composed, forcesNew, inUse, knownProperties, notFound, pick } from "./objects";
import type { CreateContext, Invoke, ResourceRecord } from "./record";
import { dependentsOnceSettled, missingReferences } from "./references";
import { block } from "./values";
import { changedInputs, sameValue } from "../provider/diff";
import { checkInputs, normalizeInputs } from "../provider/inputs";
import {
  UNKNOWN,
  type Configuration,
  type Existing,
  type Identity,
  type Properties,
  type Provider,
} from "../provider/types";
import type { InputTypings, Typings } from "../provider/typings";
import type { Faults } from "../faults";
import type { World, WorldObject } from "../world";

/** What the generic provider works with. */
export interface AwsProviderParts {
  readonly version: string;
  readonly accounts: Accounts;
  readonly table: ReadonlyMap<string, ResourceRecord>;
  readonly invokes: Readonly<Record<string, Invoke>>;
  readonly typings: Typings;
  readonly faults: Faults;
  /** How long a deletion waits for those that still use the object to go, in milliseconds. */
  readonly patience?: number;
}

/**
 * The stand-in for the `aws` provider: one generic life cycle over a table of records. As strict as AWS about what it
 * is given and what is in use; anything it doesn't know is an error that says how to add it.
 */
export class AwsProvider implements Provider {
  readonly name = "aws";
  readonly version: string;

  constructor(private readonly parts: AwsProviderParts) {
    this.version = parts.version;
  }

  secretsOf(type: string): string[] {
    return [...(this.parts.table.get(type)?.secrets ?? [])];
  }

  configure(configuration: Configuration): void {
    this.world(configuration);
  }

  async check(
    resource: Identity,
    inputs: Properties,
    previous: Properties | undefined,
    configuration: Configuration,
    randomSeed: Buffer,
  ): ReturnType<Provider["check"]> {
    const { record, typing } = await this.known(resource.type);
    const given = normalizeInputs(typing, inputs);
    const { defaultTags } = readConfiguration(configuration);
    const tagged =
      "tags" in typing && Object.keys(defaultTags).length > 0 && given["tags"] !== UNKNOWN
        ? { ...given, tags: { ...defaultTags, ...block(given["tags"]) } }
        : given;
    const named = withAutoname(record.autoname, resource.name, tagged, previous, randomSeed);
    const failures = [...(await checkInputs(this.parts.typings, typing, named)), ...checkName(record.autoname, named)];
    return { inputs: named, failures };
  }

  async diff(resource: Identity, _id: string, previous: Existing, inputs: Properties): ReturnType<Provider["diff"]> {
    const { record, typing } = await this.known(resource.type);
    const before = previous.inputs ?? previous.properties;
    const changed = changedInputs(before, inputs);
    const conditional = record.replacedBy?.(before, inputs) ?? [];
    const replaces = changed.filter(
      (property) => forcesNew(record, typing, property) || conditional.includes(property),
    );
    // Two objects can't have one name, so a name that the author wrote is free only once the old object is gone.
    const name = record.autoname?.property;
    const nameStays = name !== undefined && !wasDefaulted(inputs, name) && !changed.includes(name);
    return { changed, replaces, deleteBeforeReplace: replaces.length > 0 && nameStays };
  }

  async create(
    resource: Identity,
    inputs: Properties,
    preview: boolean,
    configuration: Configuration,
  ): Promise<Existing> {
    const { faults } = this.parts;
    const world = this.world(configuration);
    const { record, typing } = await this.known(resource.type);
    const context = this.context(resource, inputs, configuration);
    this.refuse(record, context, preview);
    if (preview) return { id: UNKNOWN, properties: knownProperties(record, typing, inputs) };

    faults.before(resource, "create");
    const id = record.id(context);
    if (world.get(resource.type, id) && record.overwrites?.(context) !== true) {
      throw new AwsError(
        "ResourceAlreadyExistsException",
        `${resource.type} ${id} exists already: choose another name, or run ` +
          `\`pulumi import ${resource.type} ${resource.name} ${id}\``,
      );
    }
    const object: WorldObject = {
      type: resource.type,
      id,
      name: resource.name,
      region: context.region,
      createdAt: new Date().toISOString(),
      inputs,
      properties: composed(record, typing, { ...context, id }, { id, region: context.region }),
    };
    // In the world before its side effects run, so that nobody else takes its name meanwhile.
    world.put(object);
    try {
      const more = await record.onCreate?.({ ...context, id });
      if (more) world.put({ ...object, properties: { ...object.properties, ...more } });
    } catch (error) {
      world.remove(resource.type, id);
      throw error;
    }
    await faults.after(resource, "create");
    return { id, properties: world.get(resource.type, id)?.properties ?? object.properties };
  }

  async update(
    resource: Identity,
    id: string,
    _previous: Properties,
    inputs: Properties,
    preview: boolean,
    configuration: Configuration,
  ): Promise<Existing> {
    const { faults } = this.parts;
    const world = this.world(configuration);
    const { record, typing } = await this.known(resource.type);
    const object = world.get(resource.type, id);
    if (!object) throw notFound(record, resource, id);
    const context = { ...this.context(resource, inputs, configuration), id };
    this.refuse(record, context, preview);
    const dropped = Object.keys(object.inputs ?? {}).filter((property) => !(property in inputs));
    const kept = Object.fromEntries(Object.entries(object.properties).filter(([name]) => !dropped.includes(name)));
    const previous = object.properties;
    const properties = composed(record, typing, { ...context, previous }, kept);
    if (preview) return { id, properties };

    faults.before(resource, "update");
    world.put({ ...object, name: resource.name, inputs, properties });
    try {
      const more = await record.onUpdate?.({ ...context, previous });
      if (more) world.put({ ...object, inputs, properties: { ...properties, ...more } });
    } catch (error) {
      world.put(object);
      throw error;
    }
    await faults.after(resource, "update");
    return { id, properties: world.get(resource.type, id)?.properties ?? properties };
  }

  async read(
    resource: Identity,
    id: string,
    state: Properties | undefined,
    configuration: Configuration,
    inputs?: Properties,
  ): Promise<Existing | undefined> {
    this.parts.faults.before(resource, "read");
    const { record, typing } = await this.known(resource.type);
    const world = this.world(configuration);
    // Without a state it is an import.
    const imported = state ? undefined : world.find(resource.type, (other) => record.importId?.(other) === id);
    const object = world.get(resource.type, id) ?? imported;
    if (!object) return undefined;
    const { properties } = object;
    if (!state || !inputs) {
      const found = object.inputs ?? pick(properties, Object.keys(typing));
      return { id: object.id, properties, inputs: found };
    }
    // What someone changed in AWS since the last deployment shows as a difference in the inputs as well.
    const drifted = Object.keys(typing).filter(
      (name) => (name in inputs || name in state) && !sameValue(state[name] ?? null, properties[name] ?? null),
    );
    return { id, properties, inputs: { ...inputs, ...pick(properties, drifted) } };
  }

  async delete(resource: Identity, id: string, _properties: Properties, configuration: Configuration): Promise<void> {
    const { table, faults, patience } = this.parts;
    const world = this.world(configuration);
    const { record } = await this.known(resource.type);
    const object = world.get(resource.type, id);
    // Deleted by someone else already: as the real provider, content with the result.
    if (!object) return;
    faults.before(resource, "delete");
    const users = await dependentsOnceSettled(world, table, object, patience);
    if (users.length > 0) throw inUse(record, object, users);
    const context = { world, id, properties: object.properties, region: object.region };
    const blocked = record.blocksDeletion?.(context);
    if (blocked) throw new Error(blocked);
    await record.onDelete?.(context);
    for (const other of world.all()) if (other.ownedBy === id) world.remove(other.type, other.id);
    world.remove(resource.type, id);
    await faults.after(resource, "delete");
  }

  async invoke(token: string, args: Properties, configuration: Configuration): Promise<Properties> {
    const invoke = this.parts.invokes[token];
    if (!invoke) {
      throw new Error(
        `the sandbox doesn't know the function ${token}: add it to sandbox/aws/invokes/ (CONTRIBUTING.md, "A sandbox resource")`,
      );
    }
    const { region } = readConfiguration(configuration);
    const world = this.world(configuration);
    const place = placeOf(world, typeof args["region"] === "string" ? args["region"] : region);
    return Promise.resolve(invoke(args, { world, ...place }));
  }

  private async known(type: string): Promise<{ record: ResourceRecord; typing: InputTypings }> {
    const typing = await this.parts.typings.inputs(type);
    if (!typing) throw new Error(`@pulumi/aws ${this.version} has no resource type ${type}`);
    const record = this.parts.table.get(type);
    if (!record) {
      throw new Error(
        `the sandbox doesn't know ${type} yet: add a ResourceRecord (id, outputs, references, …) for it to ` +
          `sandbox/aws/ and to sandbox/aws/table.ts (CONTRIBUTING.md, "A sandbox resource")`,
      );
    }
    return { record, typing };
  }

  private context(resource: Identity, inputs: Properties, configuration: Configuration): CreateContext {
    const own = inputs["region"];
    const region = typeof own === "string" && own !== UNKNOWN ? own : readConfiguration(configuration).region;
    const world = this.world(configuration);
    return { world, inputs, name: resource.name, ...placeOf(world, region) };
  }

  /** The account that it was configured for. */
  private world(configuration: Configuration): World {
    return this.parts.accounts.reachedBy(configuration);
  }

  /** @throws Error with everything AWS would refuse. */
  private refuse(record: ResourceRecord, context: CreateContext & { id?: string }, preview: boolean): void {
    const messages = [
      ...missingReferences(record, { ...context, preview }, this.parts.table),
      ...(record.validate?.({ ...context, preview }) ?? []),
      ...(preview ? [] : (record.conflicts?.(context) ?? [])),
    ];
    if (messages.length > 0) throw new Error(messages.join("\n"));
  }
}
