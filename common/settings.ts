import * as kinds from "./kinds";
import type { Kind } from "./kinds";

/** One key that a stack reads for itself: what it is, what it means, and what holds when it is left out. */
export interface Setting {
  readonly kind: Kind<unknown>;
  /** One line for people; the EXAMPLE file says the same at more length. */
  readonly about: string;
  /** Used when the key isn't set. A setting with neither `default` nor `optional` is required. */
  readonly default?: unknown;
  /** Used in place of `default` in the small profile. */
  readonly small?: unknown;
  readonly optional?: true;
  /** Key of an object that may have an entry of this key's name in its place. */
  readonly elsewhere?: string;
}

/** A stack's settings by their keys. */
export type Settings = Readonly<Record<string, Setting>>;

/** A required key: the program stops, naming it, when it is not set. */
export function required<Q extends Kind<unknown>>(kind: Q, about: string) {
  return { kind, about };
}

/** A required secret that may be kept elsewhere instead: then the object in the key `elsewhere` has an entry of its name. */
export function requiredUnlessIn<Q extends Kind<unknown>>(elsewhere: string, kind: Q, about: string) {
  return { kind, about, elsewhere };
}

/** A key that may be left out; its value is then `undefined`. */
export function optional<Q extends Kind<unknown>>(kind: Q, about: string) {
  return { kind, about, optional: true } as const;
}

/** A key with a default. */
export function defaulted<T>(kind: Kind<T>, value: NoInfer<T>, about: string) {
  return { kind, about, default: value };
}

/** How large an installation is where its keys don't say so: highly available, or one of everything to try it out. */
export type Profile = "standard" | "small";

/** A key whose default is the profile's; whoever sets the key has the last word. */
export function byProfile<T>(kind: Kind<T>, value: Readonly<Record<Profile, NoInfer<T>>>, about: string) {
  return { kind, about, default: value.standard, small: value.small };
}

/** Keys that every stack reads in the same way. */
export const commonSettings = {
  baseName: defaulted(
    kinds.matching(/^[a-z][a-z0-9-]{0,14}[a-z0-9]$/, "must be 2–16 lowercase letters, digits and hyphens", "pulumi"),
    "pulumi",
    "prefix of every name",
  ),
  installation: optional(
    kinds.matching(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/, "must be 2–32 lowercase letters, digits and hyphens", "prod"),
    "which installation this is; the stack's own name unless set, the same in all folders",
  ),
  tags: defaulted(kinds.tags(), {}, "tags on everything that is made"),
  profile: defaulted(kinds.oneOf("standard", "small"), "standard", "which defaults hold for sizes and counts"),
} as const satisfies Settings;

/** Keys that say where the upstream stacks are, for stacks that have any. */
export const upstreamSettings = {
  upstreamStack: optional(kinds.string("prod", 100), "name of the upstream stacks; this stack's own name unless set"),
  upstreamOrganization: optional(
    kinds.string("organization", 100),
    "organization of the upstream stacks; this stack's own unless set",
  ),
} as const satisfies Settings;
