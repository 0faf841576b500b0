/** Values of one condition key: `{ StringEquals: { "aws:SourceAccount": "123456789012" } }`. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** One statement of an identity policy. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Condition;
}

/** One statement of a trust policy: who may take the role on. */
export interface TrustStatement {
  readonly Effect: "Allow";
  readonly Principal: { readonly Service: string } | { readonly Federated: string };
  readonly Action: string | readonly string[];
  readonly Condition?: Condition;
}

/** A policy as IAM writes it, all of it plain text: rendered by `JSON.stringify` and nothing else. */
export interface Document<S> {
  readonly Version: "2012-10-17";
  readonly Statement: readonly S[];
}

/** A policy of these statements. */
export function document<S>(...statements: S[]): Document<S> {
  return { Version: "2012-10-17", Statement: statements };
}

/** A statement that allows actions on resources. */
export function allow(
  Sid: string,
  Action: string | readonly string[],
  Resource: string | readonly string[],
  Condition?: Condition,
): Statement {
  return { Sid, Effect: "Allow", Action, Resource, ...(Condition && { Condition }) };
}
