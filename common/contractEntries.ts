import * as kinds from "./kinds";
import type { Kind } from "./kinds";

/** One output of a stack: what it is, and which outputs must be given together when the stack is skipped. */
export interface OutputSpec {
  readonly kind: Kind<unknown>;
  /** One line for people: documentation, EXAMPLE files and errors show it. */
  readonly about: string;
  /**
   * Outputs of one set belong to one thing (a network, a database): whoever gives one of them by hand gives all that
   * the stack needs, or a VPC would be mixed with another VPC's subnets. Without a set, an output stands alone.
   */
  readonly set?: string;
  /** Only for people and scripts: no stack reads it, and it can't be brought. */
  readonly informative?: true;
  /**
   * Set when the output says how something is done, not which thing it is: this holds where the stack is skipped or older
   * than the output, and the stack itself decides it by its settings instead of adopting a given one.
   */
  readonly default?: unknown;
  /** Of a part that the producer makes only with this setting of its own; without it the output isn't published. */
  readonly madeWith?: string;
}

/** One stack of the installation. */
export interface StackSpec {
  /** Folder, relative to the repository. */
  readonly folder: string;
  /** Pulumi project name, as in the folder's Pulumi.yaml. */
  readonly project: string;
  readonly about: string;
  readonly outputs: Readonly<Record<string, OutputSpec>>;
}

/** An output that stands alone. */
export function output<Q extends Kind<unknown>>(kind: Q, about: string) {
  return { kind, about };
}

/** An output that is given only together with all others of its `set` that a consumer needs. */
export function member<Q extends Kind<unknown>, const G extends string>(set: G, kind: Q, about: string) {
  return { kind, about, set };
}

/** An output for people and scripts, which no stack reads. */
export function informative<Q extends Kind<unknown>>(kind: Q, about: string) {
  return { kind, about, informative: true } as const;
}

/** An output that is published only with the producer's setting `madeWith`. */
export function possible<Q extends Kind<unknown>, const W extends string>(madeWith: W, kind: Q, about: string) {
  return { kind, about, madeWith };
}

/** An output that says how something is done; `value` holds where the stack is skipped or older than the output. */
export function choice<T>(kind: Kind<T>, value: NoInfer<T>, about: string) {
  return { kind, about, default: value };
}

/** The ARN of an IAM role of this account. */
export function role(about: string) {
  return output(kinds.roleArn(), about);
}
