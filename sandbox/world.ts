import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Properties } from "./provider/types";

/** Everything the sandbox remembers about one object of the pretended AWS account. */
export interface WorldObject {
  /** Type token, e.g. `aws:ec2/vpc:Vpc`. */
  type: string;
  /** The id AWS would give, unique within the type. */
  id: string;
  /** Inputs and outputs together, secrets in plain: the file is only ever on the operator's own machine. */
  properties: Properties;
  /** The inputs it was last made or changed with, for `pulumi import`; absent on what AWS made along with another. */
  inputs?: Properties;
  /** AWS Region, e.g. `us-west-2`. */
  region: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** Pulumi's logical name, for messages. */
  name: string;
  /**
   * Id of the object that AWS made this one along with (a VPC and its default security group): it doesn't block its
   * owner's deletion, and the generic provider removes it with the owner.
   */
  ownedBy?: string;
}

/** The account every sandbox world belongs to: the placeholder of AWS's own documentation. */
export const ACCOUNT = "123456789012";

interface WorldFile {
  readonly version: 1;
  readonly objects: WorldObject[];
}

/**
 * The pretended AWS account: one JSON file that outlives every engine run, as an account does. A change is on disk
 * when the call that made it returns, so a killed process loses nothing that its engine was told had happened.
 */
export class World {
  private readonly byType = new Map<string, Map<string, WorldObject>>();

  /**
   * @param path The world file; made on the first change. Without one the world lives in memory (unit tests).
   * @param asFound What the account holds where there is no file yet (`seed.ts`).
   * @param account Its number.
   */
  constructor(
    private readonly path?: string,
    asFound: () => readonly WorldObject[] = () => [],
    readonly account: string = ACCOUNT,
  ) {
    for (const object of readWorld(path) ?? asFound()) this.ofType(object.type).set(object.id, object);
  }

  get(type: string, id: string): WorldObject | undefined {
    return this.byType.get(type)?.get(id);
  }

  /** All objects of one type, oldest first. */
  list(type: string): WorldObject[] {
    return [...(this.byType.get(type)?.values() ?? [])];
  }

  find(type: string, predicate: (object: WorldObject) => boolean): WorldObject | undefined {
    return this.list(type).find(predicate);
  }

  /** Every object of every type. */
  all(): WorldObject[] {
    return [...this.byType.values()].flatMap((objects) => [...objects.values()]);
  }

  /** Adds the object, or takes the place of the one with the same type and id. */
  put(object: WorldObject): void {
    this.ofType(object.type).set(object.id, object);
    this.save();
  }

  remove(type: string, id: string): void {
    if (this.byType.get(type)?.delete(id)) this.save();
  }

  /**
   * A new id as most AWS services shape theirs, e.g. `vpc-0a1b2c3d4e5f60718`.
   * @param prefix Without the hyphen.
   * @param length Hexadecimal digits; 17 is EC2's "longer ID" format, which starts with 0.
   */
  newHexId(prefix: string, length = 17): string {
    return `${prefix}-${`0${randomBytes(length).toString("hex")}`.slice(0, length)}`;
  }

  private ofType(type: string): Map<string, WorldObject> {
    const objects = this.byType.get(type) ?? new Map<string, WorldObject>();
    this.byType.set(type, objects);
    return objects;
  }

  private save(): void {
    if (!this.path) return;
    mkdirSync(dirname(this.path), { recursive: true });
    writeAtomically(this.path, JSON.stringify({ version: 1, objects: this.all() } satisfies WorldFile, undefined, 1));
  }
}

/** Readers see the old file or the new one, never half of one, whenever this process is killed. */
export function writeAtomically(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
}

function readWorld(path: string | undefined): WorldObject[] | undefined {
  if (!path) return undefined;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return (JSON.parse(text) as WorldFile).objects;
  } catch (error) {
    throw new Error(`${path} is not a sandbox world: run \`npm run sandbox:reset\` to begin an empty one`, {
      cause: error,
    });
  }
}
