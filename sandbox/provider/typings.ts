import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeAtomically } from "../world";

/** What an input may hold, as the SDK's typings declare it. */
export type Shape =
  | { readonly kind: "string" | "number" | "boolean" }
  | { readonly kind: "list" | "map"; readonly of: Shape }
  /** A nested block, by its name in the SDK's `types.input`, e.g. `eks.ClusterVpcConfig`. */
  | { readonly kind: "block"; readonly name: string }
  /** JSON text, which the provider also takes as an object (a policy document). */
  | { readonly kind: "json" }
  /** Anything: a union, an asset. */
  | { readonly kind: "any" };

export interface InputTyping {
  readonly required: boolean;
  /** Whether its comment says that a change makes the resource anew. */
  readonly forcesNew: boolean;
  readonly shape: Shape;
}

export type InputTypings = Readonly<Record<string, InputTyping>>;

type Declarations = typeof import("./declarations");
type Cache = Record<string, InputTypings>;

/** Raised when what is kept on disk changes its form or its reading. */
const CACHE_FORMAT = 2;

/**
 * Which inputs each resource type has, from the `.d.ts` files of the installed SDK: what the program's author compiles
 * against is what the sandbox accepts. Each type is read when first used, and kept on disk per SDK version.
 */
export class Typings {
  private readonly folder: string;
  private readonly cachePath: string | undefined;
  private readonly cache: Cache;
  private blocks: string | undefined;

  /**
   * @param packageName Pulumi package, e.g. `aws`.
   * @param cacheFolder Where to keep what was read; nowhere when left out.
   */
  constructor(
    private readonly packageName: string,
    cacheFolder?: string,
  ) {
    const manifest = require.resolve(`@pulumi/${packageName}/package.json`);
    this.folder = dirname(manifest);
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
    this.cachePath = cacheFolder && join(cacheFolder, `${packageName}-${version}.${CACHE_FORMAT}.json`);
    this.cache = readCache(this.cachePath);
  }

  /** A resource type's inputs, or undefined when the SDK has no such type. @param token e.g. `aws:ec2/vpc:Vpc`. */
  async inputs(token: string): Promise<InputTypings | undefined> {
    const [packageName = "", module = "", className = ""] = token.split(":");
    if (packageName !== this.packageName || !/^[\w/]+$/.test(module)) return undefined;
    return this.cached(token, ({ interfaceOf }) => {
      const file = join(this.folder, `${module.replace(/^index\//, "")}.d.ts`);
      return existsSync(file) ? interfaceOf(readFileSync(file, "utf8"), `${className}Args`) : undefined;
    });
  }

  /** A nested block's members. @param name e.g. `eks.ClusterVpcConfig`. */
  async block(name: string): Promise<InputTypings | undefined> {
    return this.cached(`block ${name}`, ({ declarationOf, interfaceOf }) => {
      this.blocks ??= readFileSync(join(this.folder, "types", "input.d.ts"), "utf8");
      return interfaceOf(declarationOf(this.blocks, name), name.split(".").at(-1) ?? name);
    });
  }

  private async cached(
    key: string,
    read: (declarations: Declarations) => InputTypings | undefined,
  ): Promise<InputTypings | undefined> {
    const known = this.cache[key];
    if (known) return known;
    // The TypeScript compiler takes long to load, and is needed only for a type never met before.
    const found = read(await import("./declarations"));
    if (!found) return undefined;
    this.cache[key] = found;
    if (this.cachePath) {
      mkdirSync(dirname(this.cachePath), { recursive: true });
      writeAtomically(this.cachePath, JSON.stringify(this.cache));
    }
    return found;
  }
}

function readCache(path: string | undefined): Cache {
  if (!path || !existsSync(path)) return {};
  return JSON.parse(readFileSync(path, "utf8")) as Cache;
}
