import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
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

/** Comments that state it without a condition. */
const FORCES_NEW =
  /(?:^|[.!]\s+)(?:Changing this[^.]*\b(?:forces?|creates?)\b|Forces (?:a )?(?:new|replacement)\b(?! for))/i;

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
  inputs(token: string): InputTypings | undefined {
    const [packageName = "", module = "", className = ""] = token.split(":");
    if (packageName !== this.packageName || !/^[\w/]+$/.test(module)) return undefined;
    return this.cached(token, () => {
      const file = join(this.folder, `${module.replace(/^index\//, "")}.d.ts`);
      return existsSync(file) ? interfaceOf(readFileSync(file, "utf8"), `${className}Args`) : undefined;
    });
  }

  /** A nested block's members. @param name e.g. `eks.ClusterVpcConfig`. */
  block(name: string): InputTypings | undefined {
    return this.cached(`block ${name}`, () => {
      this.blocks ??= readFileSync(join(this.folder, "types", "input.d.ts"), "utf8");
      return interfaceOf(declarationOf(this.blocks, name), name.split(".").at(-1) ?? name);
    });
  }

  private cached(key: string, read: () => InputTypings | undefined): InputTypings | undefined {
    const known = this.cache[key];
    if (known) return known;
    const found = read();
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

/**
 * The text of one interface out of the SDK's file of all blocks, which has 6 MB: parsing it whole takes a second. Its
 * generator writes one namespace a service, unindented, and closes declarations by their indentation.
 */
function declarationOf(text: string, name: string): string {
  const parts = name.split(".");
  const interfaceName = parts.pop() ?? name;
  let [start, end] = [0, text.length];
  let indent = "";
  for (const namespace of parts) {
    start = text.indexOf(`namespace ${namespace} {\n`, start);
    if (start < 0) return "";
    end = Math.min(end, indexAfter(text, `\n${indent}}\n`, start));
    indent += "    ";
  }
  const declaration = text.indexOf(`interface ${interfaceName} {\n`, start);
  if (declaration < 0 || declaration > end) return "";
  return text.slice(declaration, indexAfter(text, `\n${indent}}\n`, declaration));
}

function indexAfter(text: string, mark: string, from: number): number {
  const index = text.indexOf(mark, from);
  return index < 0 ? text.length : index + mark.length;
}

function interfaceOf(text: string, name: string): InputTypings | undefined {
  const source = ts.createSourceFile(`${name}.d.ts`, text, ts.ScriptTarget.ES2022);
  const declaration = source.statements
    .filter((statement) => ts.isInterfaceDeclaration(statement))
    .find((statement) => statement.name.text === name);
  if (!declaration) return undefined;
  const members = declaration.members.filter((member) => ts.isPropertySignature(member));
  return Object.fromEntries(
    members.map((member): [string, InputTyping] => [
      member.name.getText(source).replaceAll('"', ""),
      {
        required: member.questionToken === undefined,
        forcesNew: FORCES_NEW.test(commentOf(text, member)),
        shape: shapeOf(member.type, source),
      },
    ]),
  );
}

function commentOf(text: string, node: ts.Node): string {
  const ranges = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  return ranges
    .map(({ pos, end }) => text.slice(pos, end).replace(/^[\s/*]+/gm, " "))
    .join(" ")
    .trim();
}

function shapeOf(type: ts.TypeNode | undefined, source: ts.SourceFile): Shape {
  if (!type) return { kind: "any" };
  if (ts.isParenthesizedTypeNode(type)) return shapeOf(type.type, source);
  if (ts.isUnionTypeNode(type)) {
    const [only, ...others] = type.types.filter((member) => member.kind !== ts.SyntaxKind.UndefinedKeyword);
    const other = others.length === 1 ? others[0]?.getText(source) : "";
    if (other?.endsWith("PolicyDocument")) return { kind: "json" };
    // A string, or the SDK's constants for it, or a resource whose id is meant.
    const isString = other !== undefined && /^(?:enums\.[\w.]+|[A-Z]\w+)$/.test(other);
    return others.length === 0 || isString ? shapeOf(only, source) : { kind: "any" };
  }
  if (ts.isArrayTypeNode(type)) return { kind: "list", of: shapeOf(type.elementType, source) };
  if (ts.isTypeLiteralNode(type)) {
    const [member] = type.members;
    const isMap = member !== undefined && ts.isIndexSignatureDeclaration(member);
    return isMap ? { kind: "map", of: shapeOf(member.type, source) } : { kind: "any" };
  }
  if (ts.isTypeReferenceNode(type)) return shapeOfReference(type, source);
  if (type.kind === ts.SyntaxKind.StringKeyword) return { kind: "string" };
  if (type.kind === ts.SyntaxKind.NumberKeyword) return { kind: "number" };
  if (type.kind === ts.SyntaxKind.BooleanKeyword) return { kind: "boolean" };
  return { kind: "any" };
}

function shapeOfReference(type: ts.TypeReferenceNode, source: ts.SourceFile): Shape {
  const name = type.typeName.getText(source);
  if (name === "pulumi.Input") return shapeOf(type.typeArguments?.[0], source);
  const block = /^(?:inputs|types\.input)\.(.+)$/.exec(name)?.[1];
  if (block) return { kind: "block", name: block };
  // `ARN`, `Region`, `PolicyDocument`, a resource whose id is meant.
  return { kind: "any" };
}
