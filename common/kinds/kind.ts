import { z } from "zod";

/**
 * What a value is: the id of a VPC, the ARN of a role, a list of subnets, a secret. The contract, every stack's
 * settings, the EXAMPLE files and the tests read the same kinds, so a value is checked the same way wherever it enters.
 */
export interface Kind<T> {
  /** How the value is written, for errors and documentation: `vpc-0123456789abcdef0`. */
  readonly form: string;
  /** Judges a parsed value; its messages say what is wrong, never what was given (it may be a secret). */
  readonly schema: z.ZodType<T>;
  /** How configuration text becomes a value: as it stands, or as JSON (numbers, booleans, lists, objects). */
  readonly written: "text" | "json";
  /** A value of this kind that passes, for tests and documentation. */
  readonly example: T;
  /** Secret values are only ever handled as secret `Output`s. */
  readonly secret: boolean;
  /** Set when the value is one ARN or a list of them: where it must live, checked against the caller's account. */
  readonly arn?: { readonly account: "own" | "any"; readonly region: "own" | "none" | "any" };
}

/** A kind whose values are secret, so that the compiler knows it too. */
export interface SecretKind extends Kind<string> {
  readonly secret: true;
}

/** The TypeScript type of a kind's values. */
export type ValueOf<Q> = Q extends Kind<infer T> ? T : never;

/** Text that matches a pattern; `wrong` says what is asked, in words. */
export function text(form: string, pattern: RegExp, wrong: string): Kind<string> {
  return { form, schema: z.string().regex(pattern, wrong), written: "text", example: form, secret: false };
}
