import ts from "typescript";
import type { InputTyping, InputTypings, Shape } from "./typings";

/** Comments that state it without a condition. */
const FORCES_NEW =
  /(?:^|[.!]\s+)(?:Changing this[^.]*\b(?:forces?|creates?)\b|Forces (?:a )?(?:new|replacement)\b(?! for))/i;

/**
 * The text of one interface out of the SDK's file of all blocks, which has 6 MB: parsing it whole takes a second. Its
 * generator writes one namespace a service, unindented, and closes declarations by their indentation.
 */
export function declarationOf(text: string, name: string): string {
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

/** The members of an interface in this source text. */
export function interfaceOf(text: string, name: string): InputTypings | undefined {
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
